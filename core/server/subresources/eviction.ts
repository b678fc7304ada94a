/**
 * pods/eviction: a deletion that asks the Pod's disruption budget first (upstream: pkg/registry/core/pod/storage/eviction.go).
 * The budget is checked and counted down inside one write of the store, against its newest state: of evictions at the
 * same moment, no more are granted than the budget allows.
 */
import { isActive } from '../../api/pod-lifecycle.ts'
import { clone, isObject } from '../../base/json.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import { labelSelector } from '../../api/label-selector.ts'
import { ApiError, isConflict } from '../../api/status.ts'
import type { Status } from '../../api/status.ts'
import type { Pod } from '../../api/types/core.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { changeObject } from '../registry/change.ts'
import { deleteObject } from '../registry/delete.ts'
import { badRequest, objectConflict, objectInvalid } from '../errors.ts'
import { getObject, listObjects } from '../registry/list.ts'
import type { Machinery } from '../registry/machinery.ts'
import { invalid } from '../../api/field-error.ts'
import type { Body, Caller, DeleteParams, Key, WriteParams } from '../registry/registry.ts'
import { countDown, stillProcessed } from './disruption-budget.ts'
import { setPodCondition } from './pod-conditions.ts'
import { success } from './success.ts'

const retries = 20

export async function evictPod(machinery: Machinery, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Status> {
  const options = read(key, body, params)
  const dryRun = params.dryRun === true || options.dryRun === true
  const evict = (extra: Partial<DeleteParams> = {}) => markAndDelete(machinery, key, { ...options, ...extra, ...(dryRun ? { dryRun } : {}) }, caller)
  const known = options.resourceVersion !== undefined

  let pod = await podOf(machinery, key)
  for (let tries = 1; isBeyondBudgets(pod); tries++) {
    try {
      await evict(!isActive(pod) || known ? {} : { resourceVersion: pod.metadata.resourceVersion })
      return success()
    } catch (error) {
      // It changed in the meantime: it may be running now, and then a budget counts.
      if (known || !isConflict(error) || tries >= retries) throw error
    }
    pod = await podOf(machinery, key)
  }

  const budgets = await budgetsOf(machinery, pod)
  if (budgets.length > 1) return severalBudgets
  const budget = budgets[0]
  if (!budget) {
    await evict()
    return success()
  }
  if (!mayGoUnready(pod, budget)) {
    await countDown(machinery, budget, pod.metadata.name, dryRun, caller)
    await evict()
    return success()
  }
  try {
    // Only as it was looked at: it may have become ready since.
    await evict({ resourceVersion: pod.metadata.resourceVersion })
  } catch (error) {
    if (isConflict(error) && !known) throw stillProcessed(budget.metadata.name)
    throw error
  }
  return success()
}

const severalBudgets: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
}

const podOf = async (machinery: Machinery, key: Key): Promise<Pod> => (await getObject(machinery, machinery.kind('Pod'), key)).object as Pod

/** It serves nobody, so no budget is touched by its going. */
const isBeyondBudgets = (pod: Pod): boolean => !isActive(pod) || pod.status.phase === 'Pending'

async function budgetsOf(machinery: Machinery, { metadata }: Pod): Promise<PodDisruptionBudget[]> {
  const { items } = await listObjects(machinery, machinery.kind('PodDisruptionBudget'), { ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) })
  return items.map(({ object }) => object as PodDisruptionBudget).filter(({ spec }) => labelSelector(spec.selector).matches(metadata.labels))
}

/** A Pod that is not ready does not count as healthy; whether it may go all the same is the budget's policy. */
function mayGoUnready(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (pod.status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0
}

async function markAndDelete(machinery: Machinery, key: Key, options: DeleteParams, caller: Caller): Promise<void> {
  const face = machinery.kind('Pod')
  let { resourceVersion } = options
  if (options.dryRun !== true) {
    const { object } = await changeObject(machinery, {
      face,
      key,
      params: { subresource: 'eviction' },
      caller,
      deed: 'updated',
      tracking: 'none',
      raw: true,
      revise: (old) => {
        assertPreconditions(old, options)
        const draft = clone(old) as NewObject
        setPodCondition(draft, { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }, machinery.clock.now())
        return draft
      },
    })
    if (resourceVersion !== undefined) resourceVersion = object.metadata.resourceVersion
  }
  await deleteObject(machinery, face, key, { ...options, ...(resourceVersion === undefined ? {} : { resourceVersion }) }, caller)
}

function assertPreconditions({ metadata }: KubeObject, { uid, resourceVersion }: DeleteParams): void {
  const pod = { group: '', plural: 'Pod', kind: 'Pod' }
  if (uid !== undefined && uid !== metadata.uid) throw objectConflict(pod, metadata.name, `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`)
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw objectConflict(pod, metadata.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`)
  }
}

function read(key: Key, body: Body, params: WriteParams): DeleteParams {
  const value = isObject(body.value) ? body.value : {}
  const metadata = isObject(value['metadata']) ? value['metadata'] : {}
  if (metadata['name'] !== key.name) throw badRequest('name in URL does not match name in Eviction object')
  const options = isObject(value['deleteOptions']) ? value['deleteOptions'] : {}
  if (options['ignoreStoreReadErrorWithClusterBreakingPotential'] === true) {
    throw objectInvalid({ group: 'policy', kind: 'Eviction' }, key.name, [invalid('deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential', true, 'can not be set for pod eviction, try after removing the option')])
  }
  const preconditions = isObject(options['preconditions']) ? options['preconditions'] : {}
  const text = (given: unknown) => (typeof given === 'string' && given !== '' ? given : undefined)
  const uid = text(preconditions['uid'])
  const resourceVersion = text(preconditions['resourceVersion'])
  const propagationPolicy = text(options['propagationPolicy'])
  const grace = options['gracePeriodSeconds']
  const dryRuns = Array.isArray(options['dryRun']) ? options['dryRun'] : []
  if (params.dryRun === true && dryRuns.length > 0 && !(dryRuns.length === 1 && dryRuns[0] === 'All')) {
    throw new ApiError('InternalError', `Non-matching dry-run options in request and content: [All] and [${dryRuns.join(' ')}]`)
  }
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(dryRuns.includes('All') ? { dryRun: true } : {}),
  }
}
