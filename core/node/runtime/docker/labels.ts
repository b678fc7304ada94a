/** Labels and names on the engine: what says whose a container is, so that a restarted agent adopts what runs. */
import type { ContainerSpec, PodId, RuntimeContainer, SandboxSpec } from '../../runtime.ts'

export const label = {
  /** One home, one cluster: the home's id. */
  cluster: 'orrery.dev/cluster',
  node: 'orrery.dev/node',
  kind: 'orrery.dev/kind',
  podUid: 'orrery.dev/pod-uid',
  podName: 'orrery.dev/pod-name',
  podNamespace: 'orrery.dev/pod-namespace',
  container: 'orrery.dev/container',
  attempt: 'orrery.dev/attempt',
  /** Of a volume: the image whose files it holds. */
  imageVolume: 'orrery.dev/image-volume',
  /** Of a node's container: whether it got its protection from the memory killer. */
  protected: 'orrery.dev/protected',
} as const

export type LabelledKind = RuntimeContainer['kind'] | 'node' | 'helper'

export function podLabels(cluster: string, spec: SandboxSpec | ContainerSpec, kind: LabelledKind): Record<string, string> {
  return {
    ...spec.labels,
    [label.cluster]: cluster,
    [label.node]: spec.node,
    [label.kind]: kind,
    [label.podUid]: spec.pod.uid,
    [label.podName]: spec.pod.name,
    [label.podNamespace]: spec.pod.namespace,
    [label.container]: 'name' in spec ? spec.name : '',
    [label.attempt]: String(spec.attempt),
  }
}

/** Readable in `docker ps`, unique by uid and attempt. */
export function engineName(cluster: string, pod: PodId, container: string, attempt: number): string {
  return ['orrery', cluster, container || 'pause', pod.name, pod.namespace, pod.uid.slice(0, 13), attempt].join('_')
}

/** Undefined for a node's own container, the helper, and anything not ours. */
export function identify(labels: Readonly<Record<string, string>>): Pick<RuntimeContainer, 'pod' | 'node' | 'name' | 'kind' | 'attempt'> | undefined {
  const uid = labels[label.podUid]
  const kind = labels[label.kind]
  if (uid === undefined || (kind !== 'sandbox' && kind !== 'init' && kind !== 'app' && kind !== 'ephemeral')) return undefined
  return {
    pod: { uid, name: labels[label.podName] ?? '', namespace: labels[label.podNamespace] ?? '' },
    node: labels[label.node] ?? '',
    name: labels[label.container] ?? '',
    kind,
    attempt: Number(labels[label.attempt] ?? 0),
  }
}
