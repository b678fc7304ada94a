/**
 * How long a Job waits after failures: 10 s, doubled with each failure since the last success, at most 10 minutes
 * (pkg/controller/job/backoff_utils.go). Upstream keeps the record in memory; here the Pods that are still there tell it,
 * which a restart does not forget. A failed Pod that is gone no longer counts.
 */
import type { Pod } from '../../api/types/core.ts'
import { allFailuresBefore, finishedMs } from './job-pod.ts'

const shortestMs = 10_000
const longestMs = 600_000

/** When the next Pod may start (ms epoch); undefined where nothing failed since the last success. */
export function nextTry(succeeded: readonly Pod[], failed: readonly Pod[]): number | undefined {
  const lastSuccess = Math.max(...succeeded.map(finishedMs), Number.NEGATIVE_INFINITY)
  const since = failed.map(finishedMs).filter((at) => at > lastSuccess)
  return since.length === 0 ? undefined : Math.max(...since) + delay(since.length)
}

/** When the index whose last Pod failed may get the next. */
export const nextTryOfIndex = (lastFailed: Pod | undefined): number | undefined => (lastFailed ? finishedMs(lastFailed) + delay(allFailuresBefore(lastFailed) + 1) : undefined)

const delay = (failures: number): number => Math.min(longestMs, shortestMs * 2 ** Math.min(failures - 1, 10))
