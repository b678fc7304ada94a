/**
 * pods/eviction: a deletion that says why (upstream: pkg/registry/core/pod/storage/eviction.go). Disruption budgets are
 * not served yet, so nothing can forbid it.
 */
import { clone, isObject } from '../../base/json.ts'
import type { NewObject } from '../../api/meta.ts'
import type { Status } from '../../api/status.ts'
import { changeObject } from '../change.ts'
import { deleteObject } from '../delete.ts'
import { badRequest } from '../errors.ts'
import { getObject } from '../list.ts'
import type { Machinery } from '../machinery.ts'
import type { Body, Caller, DeleteParams, Key, WriteParams } from '../registry.ts'
import { setPodCondition } from './pod-conditions.ts'
import { success } from './success.ts'

export async function evictPod(machinery: Machinery, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Status> {
  const face = machinery.kind('Pod')
  const options = read(key, body)
  const dryRun = params.dryRun === true || options.dryRun === true
  const { object } = await getObject(machinery, face, key)
  if (!dryRun && object.metadata.deletionTimestamp === undefined && (options.uid === undefined || options.uid === object.metadata.uid)) {
    await changeObject(machinery, {
      face,
      key,
      params: { ...params, subresource: 'eviction' },
      caller,
      deed: 'updated',
      tracking: 'none',
      raw: true,
      revise: (old) => {
        const draft = clone(old) as NewObject
        setPodCondition(draft, { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }, machinery.clock.now())
        return draft
      },
    })
  }
  await deleteObject(machinery, face, key, { ...options, ...(dryRun ? { dryRun } : {}) }, caller)
  return success()
}

function read(key: Key, body: Body): DeleteParams {
  const value = isObject(body.value) ? body.value : {}
  const metadata = isObject(value['metadata']) ? value['metadata'] : {}
  if (metadata['name'] !== undefined && metadata['name'] !== '' && metadata['name'] !== key.name) throw badRequest('name in URL does not match name in Eviction object')
  const options = isObject(value['deleteOptions']) ? value['deleteOptions'] : {}
  const preconditions = isObject(options['preconditions']) ? options['preconditions'] : {}
  const text = (given: unknown) => (typeof given === 'string' && given !== '' ? given : undefined)
  const uid = text(preconditions['uid'])
  const resourceVersion = text(preconditions['resourceVersion'])
  const propagationPolicy = text(options['propagationPolicy'])
  const grace = options['gracePeriodSeconds']
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(Array.isArray(options['dryRun']) && options['dryRun'].includes('All') ? { dryRun: true } : {}),
  }
}
