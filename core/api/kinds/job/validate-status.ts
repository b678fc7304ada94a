/**
 * A Job's status keeps its promises, whoever writes it: counters don't fall, an ended Job stays so, and has no Pods left.
 * Rules about a field are asked only where it changes, so that an old flaw does not block other writes.
 * Upstream: pkg/apis/batch/validation (ValidateJobStatusUpdate), pkg/registry/batch/job/strategy.go (getStatusValidationOptions).
 */
import { equal } from '../../../base/json.ts'
import { duplicate, type FieldError, invalid, required } from '../../field-error.ts'
import type { Job, JobStatus } from '../../types/batch.ts'
import { nonNegative } from '../parts/non-negative.ts'
import { countIndexes, firstOverlap } from './index-intervals.ts'

const isTrue = (status: JobStatus, type: string): boolean => (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed')
const wrong = (field: string, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` })

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(job.status, ['active', 'succeeded', 'failed', 'ready', 'terminating'], 'status', errors)
  validateUncounted(job.status, errors)
  validateConditions(job.status, old.status, errors)
  validateTimes(job, old, errors)
  validateFinished(job, old, errors)
  validateIndexes(job, old, errors)
  validateCounts(job, old, errors)
  return errors
}

function validateUncounted({ uncountedTerminatedPods }: JobStatus, errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [i, uid] of (uncountedTerminatedPods?.[list] ?? []).entries()) {
      const path = `status.uncountedTerminatedPods.${list}[${i}]`
      if (uid === '') errors.push(invalid(path, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(duplicate(path, uid))
      seen.add(uid)
    }
  }
}

function validateConditions(status: JobStatus, old: JobStatus, errors: FieldError[]): void {
  const path = 'status.conditions'
  const changed = (type: string) => isTrue(status, type) !== isTrue(old, type)
  const both = (a: string, b: string) => isTrue(status, a) && isTrue(status, b)
  if ((changed('Complete') || changed('Failed')) && both('Complete', 'Failed')) errors.push(wrong(path, 'cannot set Complete=True and Failed=true conditions'))
  if ((changed('Complete') || changed('FailureTarget')) && both('Complete', 'FailureTarget')) errors.push(wrong(path, 'cannot set Complete=True and FailureTarget=true conditions'))
  if ((changed('Failed') || status.failedIndexes !== old.failedIndexes) && isTrue(status, 'Failed') && !isTrue(status, 'FailureTarget')) {
    errors.push(wrong(path, 'cannot set Failed=True condition without the FailureTarget=true condition'))
  }
  if ((changed('Complete') || changed('SuccessCriteriaMet')) && isTrue(status, 'Complete') && !isTrue(status, 'SuccessCriteriaMet')) {
    errors.push(wrong(path, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'))
  }
  if (both('SuccessCriteriaMet', 'Failed')) errors.push(wrong(path, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  if (both('SuccessCriteriaMet', 'FailureTarget')) errors.push(wrong(path, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (isTrue(old, type) && !isTrue(status, type)) errors.push(wrong(path, `cannot disable the terminal ${type}=True condition`))
  }
  if (isTrue(old, 'SuccessCriteriaMet') && !isTrue(status, 'SuccessCriteriaMet')) errors.push(wrong(path, 'cannot disable the SuccessCriteriaMet=True condition'))
  if (isTrue(old, 'Complete') && !isTrue(old, 'SuccessCriteriaMet') && isTrue(status, 'SuccessCriteriaMet')) {
    errors.push(wrong(path, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'))
  }
}

function validateTimes({ spec, status }: Job, { status: old }: Job, errors: FieldError[]): void {
  const complete = isTrue(status, 'Complete')
  const { startTime, completionTime } = status
  const startMoved = startTime !== old.startTime
  const endMoved = completionTime !== old.completionTime
  if (complete !== isTrue(old, 'Complete') || endMoved) {
    if (completionTime !== undefined && !complete) errors.push(invalid('status.completionTime', completionTime, 'cannot set completionTime when there is no Complete=True condition'))
    if (completionTime === undefined && complete) errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'))
  }
  if ((startMoved || endMoved) && startTime !== undefined && completionTime !== undefined && Date.parse(completionTime) < Date.parse(startTime)) {
    errors.push(invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'))
  }
  if (completionTime !== undefined && old.completionTime !== undefined && endMoved) errors.push(invalid('status.completionTime', completionTime, 'field is immutable'))
  const resuming = isTrue(old, 'Suspended') && (status.conditions ?? []).some((condition) => condition.type === 'Suspended' && condition.status === 'False')
  if (old.startTime !== undefined && startMoved && spec.suspend !== true && !resuming) {
    errors.push(invalid('status.startTime', startTime, 'field is immutable for unsuspended job once set'))
  }
}

function validateFinished({ spec, status }: Job, { status: old }: Job, errors: FieldError[]): void {
  if (!isFinished(status)) return
  const ended = !isFinished(old)
  const { active = 0, terminating = 0, uncountedTerminatedPods: uncounted } = status
  if ((ended || active !== (old.active ?? 0)) && active > 0) errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'))
  const neverStarted = spec.suspend === true && spec.completions === 0
  if ((ended || status.startTime !== old.startTime) && !neverStarted && status.startTime === undefined) errors.push(required('status.startTime', 'startTime is required for finished job'))
  if ((ended || !equal(uncounted, old.uncountedTerminatedPods)) && (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0) {
    errors.push(invalid('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job'))
  }
  if ((ended || status.terminating !== old.terminating) && terminating > 0) errors.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
}

function validateIndexes({ spec, status }: Job, { status: old }: Job, errors: FieldError[]): void {
  const { completions, backoffLimitPerIndex } = spec
  const { completedIndexes = '', failedIndexes } = status
  const completedMoved = completedIndexes !== (old.completedIndexes ?? '')
  const failedMoved = failedIndexes !== old.failedIndexes
  const check = (field: string, text: string) => {
    const counted = completions === undefined ? 0 : countIndexes(text, completions)
    if (typeof counted === 'string') errors.push(invalid(`status.${field}`, text, `error parsing ${field}: ${counted}`))
  }
  if (completedMoved) check('completedIndexes', completedIndexes)
  if (failedMoved && backoffLimitPerIndex !== undefined && failedIndexes !== undefined) check('failedIndexes', failedIndexes)
  if (completedMoved && completedIndexes !== '' && spec.completionMode !== 'Indexed') errors.push(invalid('status.completedIndexes', completedIndexes, 'cannot set non-empty completedIndexes when non-indexed completion mode'))
  if (failedMoved && backoffLimitPerIndex === undefined && failedIndexes !== undefined) errors.push(invalid('status.failedIndexes', failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'))
  if ((completedMoved || failedMoved) && completions !== undefined && failedIndexes !== undefined) {
    const both = firstOverlap(completedIndexes, failedIndexes, completions)
    if (both !== undefined) errors.push(invalid('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`))
  }
}

function validateCounts({ spec, status }: Job, { status: old }: Job, errors: FieldError[]): void {
  const { ready = 0, active = 0, failed = 0, succeeded = 0 } = status
  if ((status.ready !== old.ready || active !== (old.active ?? 0)) && ready > active) errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'))
  if (failed < (old.failed ?? 0)) errors.push(invalid('status.failed', failed, 'cannot decrease the failed counter'))
  // An Indexed Job that is made smaller forgets the indexes beyond its end.
  const elastic = spec.completionMode === 'Indexed' && spec.completions !== undefined && spec.completions === spec.parallelism
  if (!elastic && succeeded < (old.succeeded ?? 0)) errors.push(invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'))
}
