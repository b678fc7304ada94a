/** What the state functions read of a cluster: loop's Snapshot satisfies it, so that api needs nothing of loop. */
import type { KubeObject } from '../meta.ts'

export interface StateView {
  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined
  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[]
  ownedBy<T extends KubeObject = KubeObject>(uid: string, kind?: string): readonly T[]
  podsOn<T extends KubeObject = KubeObject>(node: string): readonly T[]
  labelled<T extends KubeObject = KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[]
}
