/** A workload's kept revisions, newest first, with what each template has otherwise than today's: ReplicaSets of a Deployment, ControllerRevisions of the others. */
import type { RevisionInfo } from '../../../electron/contract.ts'
import type { KubeObject, Ref } from '../../api/meta.ts'
import { refOf } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import { clone, isObject } from '../../base/json.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const causeAnnotation = 'kubernetes.io/change-cause'
const hashLabel = 'pod-template-hash'
const historyLabel = 'controller-revision-hash'

const templateOf = (object: KubeObject): Record<string, unknown> => {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const template = clone(isObject(spec['template']) ? spec['template'] : {})
  const metadata = template['metadata']
  if (isObject(metadata) && isObject(metadata['labels'])) delete metadata['labels'][hashLabel]
  return template
}

const imagesOf = (template: Record<string, unknown>): string[] => {
  const spec = isObject(template['spec']) ? template['spec'] : {}
  const containers = Array.isArray(spec['containers']) ? spec['containers'] : []
  return containers.flatMap((container) => (isObject(container) && typeof container['image'] === 'string' ? [container['image']] : []))
}

export function revisions(snapshot: Snapshot, ref: Ref): RevisionInfo[] {
  const workload = snapshot.get(ref.kind, ref.namespace, ref.name)
  if (!workload) throw new ApiError('NotFound', `${ref.kind} ${ref.name} does not exist`)
  const current = templateOf(workload)
  const found = ref.kind === 'Deployment' ? ofReplicaSets(snapshot, workload) : ofHistory(snapshot, workload)
  return found
    .map(({ template, object, ...rest }) => {
      const cause = object.metadata.annotations?.[causeAnnotation]
      return { ...rest, ref: refOf(object), images: imagesOf(template), atMs: Date.parse(object.metadata.creationTimestamp), changes: fieldDiff(current, template), ...(cause === undefined ? {} : { cause }) }
    })
    .sort((a, b) => b.revision - a.revision)
}

type Found = Pick<RevisionInfo, 'revision' | 'current' | 'replicas'> & { object: KubeObject; template: Record<string, unknown> }

function ofReplicaSets(snapshot: Snapshot, deployment: KubeObject): Found[] {
  const now = Number(deployment.metadata.annotations?.[revisionAnnotation] ?? 0)
  return snapshot.ownedBy(deployment.metadata.uid, 'ReplicaSet').map((set) => {
    const revision = Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)
    const status = isObject(set['status']) ? set['status'] : {}
    return { object: set, template: templateOf(set), revision, current: revision === now, replicas: typeof status['replicas'] === 'number' ? status['replicas'] : 0 }
  })
}

/** The highest number is today's: going back gives the old revision a new one. */
function ofHistory(snapshot: Snapshot, workload: KubeObject): Found[] {
  const history = snapshot.ownedBy(workload.metadata.uid, 'ControllerRevision')
  const numberOf = (object: KubeObject) => Number(object['revision'] ?? 0)
  const newest = Math.max(0, ...history.map(numberOf))
  const pods = snapshot.ownedBy(workload.metadata.uid, 'Pod')
  return history.map((object) => {
    const { $patch: _, ...template } = templateOf({ ...object, spec: isObject(object['data']) ? object['data']['spec'] : {} })
    const hash = object.metadata.labels?.[historyLabel]
    // A StatefulSet's Pods carry the revision's whole name, a DaemonSet's its hash.
    const replicas = pods.filter((pod) => { const of = pod.metadata.labels?.[historyLabel]; return of !== undefined && (of === object.metadata.name || of === hash) }).length
    return { object, template, revision: numberOf(object), current: numberOf(object) === newest, replicas }
  })
}
