/** Kinds that are no stored objects but told at each question from what the process knows (metrics). Read only. */
import type { AnyObject, KindDefinition } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import { answerOf } from './entries.ts'
import { objectNotFound } from '../errors.ts'
import { served } from './faces.ts'
import { filterOf } from './filter.ts'
import type { Answer, Face, Key, ListAnswer, ListParams } from './registry.ts'

export interface DerivedKind {
  readonly definition: KindDefinition
  /** All, or those of one namespace, by name. */
  list(namespace: string | undefined): Promise<readonly AnyObject[]>
}

export async function getDerived(kind: DerivedKind, face: Face, key: Key): Promise<Answer> {
  const found = (await kind.list(key.namespace)).find(({ metadata }) => metadata.name === key.name)
  if (!found) throw objectNotFound(served(face), key.name)
  return answerOf(found)
}

export async function listDerived(kind: DerivedKind, face: Face, params: ListParams, revision: number): Promise<ListAnswer> {
  const filter = filterOf(face, params)
  const objects = await kind.list(params.namespace === '' ? undefined : params.namespace)
  const found = filter === undefined ? objects : objects.filter((object) => (filter.name === undefined || object.metadata.name === filter.name) && filter.matches(object as KubeObject))
  return { items: found.map((object) => answerOf(object)), revision }
}
