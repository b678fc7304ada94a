/** Whom a change of something owned concerns: who controls it now, and who did before. */
import { controllerOf, type Ref } from '../api/meta.ts'
import type { WatchEvent } from './client.ts'

export function ownersOf({ object, previous }: WatchEvent, kinds: readonly string[]): Ref[] {
  const { namespace } = object.metadata
  const refs: Ref[] = []
  for (const state of [object, previous]) {
    const owner = state && controllerOf(state.metadata)
    if (!owner || !kinds.includes(owner.kind) || refs.some(({ uid }) => uid === owner.uid)) continue
    refs.push({ kind: owner.kind, name: owner.name, uid: owner.uid, ...(namespace === undefined ? {} : { namespace }) })
  }
  return refs
}
