/** DELETE of a collection: what the selectors match, each under the same options. */
import { isNotFound } from '../../api/status.ts'
import { deleteObject } from './delete.ts'
import { listObjects } from './list.ts'
import type { Machinery } from './machinery.ts'
import type { Caller, DeleteParams, Face, ListAnswer, ListParams } from './registry.ts'

export async function deleteCollection(machinery: Machinery, face: Face, list: ListParams, params: DeleteParams, caller: Caller): Promise<ListAnswer> {
  const found = await listObjects(machinery, face, list)
  // All at once, so that they share commits.
  await Promise.all(
    found.items.map(async ({ object: { metadata } }) => {
      const key = metadata.namespace === undefined ? { name: metadata.name } : { namespace: metadata.namespace, name: metadata.name }
      try {
        await deleteObject(machinery, face, key, params, caller)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }),
  )
  return found
}
