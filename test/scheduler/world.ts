/** Nodes, Pods and a small snapshot for the scheduler's tests. */
import type { KubeObject } from '../../core/api/meta.ts'
import type { Node, Pod, PodSpec } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'

let made = 0
const meta = (name: string, more: object = {}) => ({ name, uid: `uid-${name}`, resourceVersion: String(++made), creationTimestamp: '2026-01-01T00:00:00Z', ...more })

export const node = (name: string, parts: { labels?: Record<string, string>; spec?: object; allocatable?: Record<string, string>; images?: object[] } = {}): Node => ({
  apiVersion: 'v1', kind: 'Node',
  metadata: meta(name, { labels: { 'kubernetes.io/hostname': name, ...parts.labels } }),
  spec: parts.spec ?? {},
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...parts.allocatable }, ...(parts.images ? { images: parts.images } : {}) },
}) as unknown as Node

export const pod = (name: string, parts: { labels?: Record<string, string>; spec?: Partial<PodSpec>; requests?: Record<string, string>; status?: object; meta?: object } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: meta(name, { namespace: 'default', labels: parts.labels ?? {}, ...parts.meta }),
  spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image: 'x:1', ...(parts.requests ? { resources: { requests: parts.requests } } : {}) }], ...parts.spec },
  status: parts.status ?? { phase: 'Pending' },
}) as unknown as Pod

/** Just enough of a snapshot: linear and live. */
export class World implements Snapshot {
  readonly objects = new Map<string, KubeObject>()

  get revision(): number {
    return made
  }

  put(...objects: KubeObject[]): this {
    for (const object of objects) this.objects.set(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object)
    return this
  }

  get<T extends KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.objects.get(`${kind}/${namespace ?? ''}/${name}`) as T | undefined
  }
  byUid<T extends KubeObject>(uid: string): T | undefined {
    return [...this.objects.values()].find((object) => object.metadata.uid === uid) as T | undefined
  }
  list<T extends KubeObject>(kind: string, namespace?: string): readonly T[] {
    return [...this.objects.values()].filter((object) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace)) as T[]
  }
  ownedBy<T extends KubeObject>(uid: string): readonly T[] {
    return [...this.objects.values()].filter((object) => object.metadata.ownerReferences?.some((owner) => owner.uid === uid)) as T[]
  }
  podsOn<T extends KubeObject>(name: string): readonly T[] {
    return this.list<KubeObject>('Pod').filter((one) => ((one as Pod).spec.nodeName ?? '') === name) as T[]
  }
  labelled<T extends KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[] {
    return this.list<KubeObject>(kind, namespace).filter((one) => Object.entries(labels).every(([key, value]) => one.metadata.labels?.[key] === value)) as T[]
  }
}
