/** PUT of an object, its status or its scale. */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import { changeObject } from './change.ts'
import { storeNew } from './create.ts'
import { decodeRequest } from './decode-request.ts'
import { asCreated } from './entries.ts'
import { keyOf } from './keys.ts'
import type { Machinery } from './machinery.ts'
import { assertName, placeInNamespace } from './placement.ts'
import type { Answer, Body, Caller, Face, Key, WriteParams } from './registry.ts'

export async function updateObject(machinery: Machinery, face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
  const read = (): NewObject => {
    const draft = decodeRequest(machinery, face, body, params, caller)
    placeInNamespace(face, key.namespace, draft)
    assertName(key, draft)
    return draft
  }
  if (face.definition.createOnUpdate === true && params.subresource === undefined && (await machinery.store.get(keyOf(face.definition, key.namespace, key.name))) === undefined) {
    const draft = read()
    delete draft.metadata.resourceVersion
    return asCreated(await storeNew(machinery, face, key.namespace, draft, params, caller, { deed: 'created' }))
  }
  let first: NewObject | undefined = read()
  return changeObject(machinery, {
    face,
    key,
    params,
    caller,
    deed: 'updated',
    tracking: 'compare',
    revise: (_old: KubeObject) => {
      // The store may ask again; a draft is used up by the first answer.
      const draft = first ?? read()
      first = undefined
      return draft
    },
  })
}
