/** namespaces/finalize: the one way to change `spec.finalizers`; an empty list lets a terminating namespace go (upstream: pkg/registry/core/namespace). */
import { clone, isObject } from '../../base/json.ts'
import type { NewObject } from '../../api/meta.ts'
import { changeObject } from '../registry/change.ts'
import { decodeRequest } from '../registry/decode-request.ts'
import type { Machinery } from '../registry/machinery.ts'
import { assertName } from '../registry/placement.ts'
import type { Answer, Body, Caller, Face, Key, WriteParams } from '../registry/registry.ts'

export async function finalizeNamespace(machinery: Machinery, face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
  const given = decodeRequest(machinery, face, body, params, caller)
  assertName(key, given)
  const finalizers = isObject(given['spec']) ? given['spec']['finalizers'] : undefined
  return changeObject(machinery, {
    face,
    key,
    params: { ...params, subresource: 'finalize' },
    caller,
    deed: 'updated',
    tracking: 'compare',
    raw: true,
    revise: (old) => {
      const draft = clone(old) as NewObject
      const spec = isObject(draft['spec']) ? draft['spec'] : {}
      const { finalizers: _present, ...rest } = spec
      draft['spec'] = Array.isArray(finalizers) && finalizers.length > 0 ? { ...rest, finalizers } : rest
      draft.metadata.uid = given.metadata.uid ?? old.metadata.uid
      if (given.metadata.resourceVersion) draft.metadata.resourceVersion = given.metadata.resourceVersion
      else delete draft.metadata.resourceVersion
      return draft
    },
  })
}
