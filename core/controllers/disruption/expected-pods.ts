/**
 * How many Pods a budget's percentages are of: the scale of everything that controls the selected Pods, each counted
 * once. Mirrors getExpectedScale and its finders in pkg/controller/disruption/disruption.go.
 */
import { controllerOf, type KubeObject, type OwnerReference } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { WatchEvent } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export interface ExpectedScale {
  readonly count: number
  /** Pods that nothing controls: they belong to no scale. */
  readonly unmanaged: readonly string[]
}

type Scaled = KubeObject & { spec: { replicas?: number } }

/** Groups in which upstream looks for the workloads it knows. */
const groupsOf: Readonly<Record<string, readonly string[]>> = {
  ReplicationController: [''],
  ReplicaSet: ['apps', 'extensions'],
  StatefulSet: ['apps'],
  Deployment: ['apps', 'extensions'],
}

export const scaledKinds: readonly string[] = Object.keys(groupsOf)

/** Whether a change of a workload can change what `expectedScale` says of its Pods. */
export function changesScale({ type, object, previous }: WatchEvent): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  return (object as Scaled).spec.replicas !== (previous as Scaled).spec.replicas || controllerOf(object.metadata)?.uid !== controllerOf(previous.metadata)?.uid
}

export function podsScaledBy({ kind, metadata }: KubeObject, snapshot: Snapshot): readonly Pod[] {
  const owners = kind === 'Deployment' ? snapshot.ownedBy(metadata.uid, 'ReplicaSet').map((replicaSet) => replicaSet.metadata.uid) : [metadata.uid]
  return owners.flatMap((uid) => snapshot.ownedBy<Pod>(uid, 'Pod'))
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')
const isKnown = ({ apiVersion, kind }: OwnerReference): boolean => groupsOf[kind]?.includes(groupOf(apiVersion)) ?? false

/** Throws a RangeError with upstream's sentence where a controller has no scale. */
export function expectedScale(pods: readonly Pod[], snapshot: Snapshot): ExpectedScale {
  const unmanaged: string[] = []
  const seen = new Set<string>()
  const scales = new Map<string, number>()
  for (const pod of pods) {
    const owner = controllerOf(pod.metadata)
    if (!owner) unmanaged.push(pod.metadata.name)
    else if (!seen.has(owner.uid)) {
      seen.add(owner.uid)
      const scaled = scaleOf(owner, pod.metadata.namespace, snapshot)
      if (!scaled) throw new RangeError(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`)
      scales.set(scaled.metadata.uid, scaled.spec.replicas ?? 1)
    }
  }
  let count = 0
  for (const scale of scales.values()) count += scale
  return { count, unmanaged }
}

/** The controller whose replicas count: a Deployment stands for its ReplicaSets. */
function scaleOf(owner: OwnerReference, namespace: string | undefined, snapshot: Snapshot): Scaled | undefined {
  if (!isKnown(owner)) throw new RangeError(`${resourceOf(owner)} does not implement the scale subresource`)
  const object = snapshot.get<Scaled>(owner.kind, namespace, owner.name)
  if (object?.metadata.uid !== owner.uid) return undefined
  const above = owner.kind === 'ReplicaSet' ? controllerOf(object.metadata) : undefined
  if (above?.kind !== 'Deployment') return object
  const deployment = isKnown(above) ? snapshot.get<Scaled>(above.kind, namespace, above.name) : undefined
  return deployment?.metadata.uid === above.uid ? deployment : undefined
}

/** `jobs.batch`, `nodes`. */
function resourceOf({ apiVersion, kind }: OwnerReference): string {
  const group = groupOf(apiVersion)
  return `${kind.toLowerCase()}s${group === '' ? '' : `.${group}`}`
}
