/** Holds what the path says against what the body says. Upstream: apiserver/pkg/registry/rest/meta.go, create.go. */
import type { NewObject } from '../../api/meta.ts'
import { badRequest } from '../errors.ts'
import type { Face, Key } from './registry.ts'

export function placeInNamespace(face: Face, namespace: string | undefined, draft: NewObject): void {
  if (face.definition.scope === 'Cluster') return
  if (!draft.metadata.namespace) {
    if (namespace !== undefined) draft.metadata.namespace = namespace
  } else if (draft.metadata.namespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
  }
}

export function assertName(key: Key, draft: NewObject): void {
  if (!draft.metadata.name) {
    throw badRequest(`the name of the object (${draft.metadata.name ?? ''} based on URL) was undeterminable: name must be provided`)
  }
  if (draft.metadata.name !== key.name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${key.name})`)
  }
}
