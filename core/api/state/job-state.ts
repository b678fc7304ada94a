/** State of a Job in words: how far it has come, and what keeps it from going on. */
import { isActive } from '../pod-lifecycle.ts'
import type { Job } from '../types/batch.ts'
import type { Pod } from '../types/core.ts'
import { count, duration } from './sentences.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'
import { podStateIn, worse } from './workload-state.ts'

const ownController = 'kubernetes.io/job-controller'

export function jobState(job: Job, snapshot: StateView, now: number): StateWords {
  const { spec, status } = job
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type && one.status === 'True')
  const progress = progressWords(job)
  const complete = condition('Complete')
  if (complete) return { mark: 'finished', say: 'complete', why: `${progress}${tookWords(job)}` }
  const failed = condition('Failed')
  if (failed) return { mark: 'failing', say: 'failed', why: `${progress}; ${endWords(job, failed)}` }
  if (job.metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  if (spec.managedBy !== undefined && spec.managedBy !== ownController) return { mark: 'planned', say: `left to ${spec.managedBy}`, why: progress }
  const failing = condition('FailureTarget')
  if (failing) return { mark: 'failing', say: 'giving up', why: `${progress}; ${endWords(job, failing)}` }
  const enough = condition('SuccessCriteriaMet')
  if (enough) return { mark: 'moving', say: 'ending', why: progress }
  if (spec.suspend === true) return { mark: 'waiting', say: 'suspended', why: progress }

  const pods = snapshot.ownedBy<Pod>(job.metadata.uid, 'Pod').filter(isActive)
  let worst: StateWords | undefined
  for (const pod of pods) {
    const state = podStateIn(pod, snapshot, now)
    if (isTrouble(state) && (!worst || worse(worst.mark, state.mark) > 0)) worst = state
  }
  if (worst) return { mark: worst.mark, say: worst.say, why: [worst.why, progress].filter((part) => part !== undefined).join('; ') }
  if (pods.length === 0 && (status?.failed ?? 0) > 0) return { mark: 'degraded', say: 'waits before it tries again', why: progress }
  return { mark: 'moving', say: progress, why: pods.length === 0 ? 'no Pod runs' : `${count(pods.length, 'Pod')} ${pods.length === 1 ? 'runs' : 'run'}` }
}

const isTrouble = ({ mark }: StateWords): boolean => mark === 'failing' || mark === 'unreachable' || mark === 'degraded' || mark === 'waiting'

/** Why it gave up, with both numbers where there are any. */
function endWords({ spec }: Job, { reason, message }: { reason?: string; message?: string }): string {
  switch (reason) {
    case 'BackoffLimitExceeded': return `${count(spec.backoffLimit ?? 6, 'failure')} ${spec.backoffLimit === 1 ? 'was' : 'were'} allowed`
    case 'DeadlineExceeded': return `it ran longer than the ${duration((spec.activeDeadlineSeconds ?? 0) * 1000)} it may`
    case 'FailedIndexes': return 'some of its indexes failed'
    case 'MaxFailedIndexesExceeded': return `more than ${count(spec.maxFailedIndexes ?? 0, 'index', 'indexes')} failed`
    default: return message ?? reason ?? ''
  }
}

/** "2 of 3 done, 1 failed" */
function progressWords({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0
  const failed = status?.failed ?? 0
  return `${spec.completions === undefined ? `${done} done` : `${done} of ${spec.completions} done`}${failed > 0 ? `, ${failed} failed` : ''}`
}

function tookWords({ status }: Job): string {
  const ms = Date.parse(status?.completionTime ?? '') - Date.parse(status?.startTime ?? '')
  return Number.isNaN(ms) ? '' : ` in ${duration(ms)}`
}
