/** State of a PodDisruptionBudget in words: how many of its Pods may be evicted now, and why not more. */
import type { PodDisruptionBudget } from '../types/policy.ts'
import { count } from './sentences.ts'
import type { StateWords } from './words.ts'

export function disruptionBudgetState({ metadata, status = {} }: PodDisruptionBudget): StateWords {
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  const { currentHealthy: healthy = 0, desiredHealthy: desired = 0, expectedPods: expected = 0, disruptionsAllowed: allowed = 0, disruptedPods = {} } = status
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return { mark: 'moving', say: 'being counted' }
  const failed = status.conditions?.find(({ type, reason }) => type === 'DisruptionAllowed' && reason === 'SyncFailed')
  if (failed) return { mark: 'failing', say: 'allows no eviction', why: failed.message }
  if (expected === 0) return { mark: 'waiting', say: 'covers no Pod' }
  const granted = Object.keys(disruptedPods).length
  const why = `${healthy} healthy of ${expected}, ${desired} must be${granted === 0 ? '' : `; ${count(granted, 'eviction')} granted and not done yet`}`
  if (healthy < desired) return { mark: 'degraded', say: `${count(desired - healthy, 'Pod')} too few`, why }
  return { mark: 'ready', say: allowed === 0 ? 'allows no eviction now' : `allows ${count(allowed, 'eviction')}`, why }
}
