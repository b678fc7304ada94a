/** The status that a pass writes, with its conditions and what it tells (pkg/controller/job/job_controller.go, syncJob). */
import { timestamp } from '../../api/meta.ts'
import type { JobStatus } from '../../api/types/batch.ts'
import type { Reason } from '../../loop/plan.ts'
import { difference, orAbsent } from '../planning/status-patch.ts'
import { endOf, ensureCondition, isTrue, newCondition, type Verdict } from './conditions.ts'
import { isSuspended } from './job-pod.ts'
import type { Picture } from './picture.ts'
import type { Tally } from './tally.ts'

export interface NextStatus {
  readonly patch: Record<string, unknown> | undefined
  readonly status: JobStatus
  /** What the write means to people, where it means anything beyond counting. */
  readonly news?: Reason
  readonly ended: boolean
}

/** `verdict`: what ends the Job, or undefined. Counters are those of the snapshot: what this pass starts and stops shows in the next. */
export function nextStatus(picture: Picture, { status: counters, isDone }: Tally, verdict: Verdict | undefined): NextStatus {
  const { job, now, active, ready, terminating } = picture
  let conditions = job.status?.conditions ?? []
  let startTime = job.status?.startTime ?? (isSuspended(job) ? undefined : timestamp(now))
  let completionTime = job.status?.completionTime
  let news: Reason | undefined
  const set = (type: string, value: 'True' | 'False', reason: string, message: string): boolean => {
    const before = conditions
    conditions = [...ensureCondition(before, newCondition(type, value, reason, message, now))]
    return conditions.length !== before.length || conditions.some((condition, i) => condition !== before[i])
  }

  const ended = verdict !== undefined && isTrue(job.status, verdict.promise) && isDone && active.length === 0 && terminating === 0
  if (verdict) {
    if (!isTrue(job.status, verdict.promise)) set(verdict.promise, 'True', verdict.reason, verdict.message)
    if (ended) {
      // Suspending took it away, and without it the server refuses the end: upstream waits until somebody resumes the Job.
      startTime ??= timestamp(now)
      set(endOf(verdict), 'True', verdict.reason, verdict.message)
      const complete = endOf(verdict) === 'Complete'
      if (complete) completionTime = timestamp(now)
      news = complete
        ? { code: 'Completed', say: 'complete', why: verdict.message, event: { type: 'Normal', message: 'Job completed' } }
        : { code: verdict.reason, say: 'failed', why: verdict.message, event: { type: 'Warning', message: verdict.message } }
    }
  } else if (job.metadata.deletionTimestamp === undefined) {
    if (isSuspended(job)) {
      if (set('Suspended', 'True', 'JobSuspended', 'Job suspended')) {
        startTime = undefined
        news = { code: 'Suspended', say: 'suspended', why: 'spec.suspend is true', event: { type: 'Normal', message: 'Job suspended' } }
      }
    } else if (set('Suspended', 'False', 'JobResumed', 'Job resumed')) {
      // The deadline counts from here.
      startTime = timestamp(now)
      news = { code: 'Resumed', say: 'resumed', why: 'spec.suspend is no longer true', event: { type: 'Normal', message: 'Job resumed' } }
    }
  }
  const fields = { active: orAbsent(active.length), ready, terminating, ...counters, startTime, completionTime, conditions: conditions.length === 0 ? undefined : conditions }
  const status = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JobStatus
  const patch = difference(job.status, status)
  // A merge patch adds to an object: lists that are empty now must be taken out by name.
  if (patch && patch['uncountedTerminatedPods'] !== undefined) patch['uncountedTerminatedPods'] = { succeeded: null, failed: null, ...status.uncountedTerminatedPods }
  return { patch, status, ended, ...(news ? { news } : {}) }
}
