/**
 * A read view of the whole cluster at one revision. Planners get nothing else. Objects are frozen.
 * The implementation (cache.ts) keeps the named indexes up to date as events arrive; nothing here scans pairs.
 */
import type { KubeObject } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'

export interface Snapshot {
  readonly revision: Revision
  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined
  byUid<T extends KubeObject = KubeObject>(uid: string): T | undefined
  /** All of a kind, in no promised order; of one namespace where given. */
  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[]
  /** Objects with an ownerReference to this uid (controller or not), of one kind where given. */
  ownedBy<T extends KubeObject = KubeObject>(uid: string, kind?: string): readonly T[]
  /** Pods whose spec.nodeName is this node; '' gives those without one. */
  podsOn<T extends KubeObject = KubeObject>(node: string): readonly T[]
  /** Objects of the kind in the namespace that carry all these labels; served by a label index. */
  labelled<T extends KubeObject = KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[]
}
