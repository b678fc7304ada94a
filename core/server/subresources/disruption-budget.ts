/**
 * Takes one disruption from a budget, or says in upstream's words why there is none to take
 * (pkg/registry/core/pod/storage/eviction.go, checkAndDecrement).
 */
import { timestamp } from '../../api/meta.ts'
import type { NewObject } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { clone } from '../../base/json.ts'
import { changeObject } from '../registry/change.ts'
import { objectForbidden } from '../errors.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { Caller } from '../registry/registry.ts'

/** More granted evictions that the controller has not confirmed are too many to believe in. */
const disruptedAtMost = 2000
const retryAfterSeconds = 10
const violated = "Cannot evict pod as it would violate the pod's disruption budget."

/** The budget's controller has not yet seen its present form. */
export const stillProcessed = (name: string): ApiError => refusal(`The disruption budget ${name} is still being processed by the server.`, retryAfterSeconds)

const refusal = (message: string, after = 0): ApiError => new ApiError('TooManyRequests', violated, { causes: [{ reason: 'DisruptionBudget', message }], ...(after > 0 ? { retryAfterSeconds: after } : {}) })

export async function countDown(machinery: Machinery, { metadata }: PodDisruptionBudget, pod: string, dryRun: boolean, caller: Caller): Promise<void> {
  await changeObject(machinery, {
    face: machinery.kind('PodDisruptionBudget'),
    key: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) },
    params: { subresource: 'status', dryRun },
    caller,
    deed: 'updated',
    tracking: 'none',
    raw: true,
    revise: (old) => counted(old as PodDisruptionBudget, pod, machinery.clock.now()),
  })
}

function counted(budget: PodDisruptionBudget, pod: string, now: number): NewObject {
  const { name, generation = 0 } = budget.metadata
  const { status } = budget
  const allowed = status.disruptionsAllowed ?? 0
  const resource = { group: 'policy', plural: 'poddisruptionbudget', kind: 'PodDisruptionBudget' }
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessed(name)
  if (allowed < 0) throw objectForbidden(resource, name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > disruptedAtMost) throw objectForbidden(resource, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (allowed === 0) throw refusal(whyNone(budget))
  const draft = clone(budget) as unknown as PodDisruptionBudget
  draft.status.disruptionsAllowed = allowed - 1
  draft.status.disruptedPods = { ...draft.status.disruptedPods, [pod]: timestamp(now) }
  if (allowed === 1) {
    for (const condition of draft.status.conditions ?? []) {
      if (condition.type !== 'DisruptionAllowed') continue
      if (condition.status !== 'False') condition.lastTransitionTime = timestamp(now)
      condition.status = 'False'
      condition.reason = 'InsufficientPods'
    }
  }
  return draft as unknown as NewObject
}

function whyNone({ metadata: { name }, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status
  const refused = status.conditions?.find(({ type, status: is, message }) => type === 'DisruptionAllowed' && is === 'False' && message !== '')
  if (refused?.reason === 'SyncFailed') return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${refused.message}`
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  if (refused) return `The disruption budget ${name} does not allow evicting pods currently (${refused.reason}): ${refused.message}`
  return `The disruption budget ${name} does not allow evicting pods currently`
}
