/** What a Job's pass says to people. */
import { count } from '../../api/state/sentences.ts'
import type { Reason } from '../../loop/plan.ts'
import { enumerate, shortName } from '../planning/words.ts'
import { endOf, type Verdict } from './conditions.ts'
import { total } from './indexes.ts'
import { isSuspended } from './job-pod.ts'
import type { Management } from './manage.ts'
import type { Picture } from './picture.ts'

/** "3 of 5 done", "1 done" */
export function progress({ job, succeeded }: Picture): string {
  return job.spec.completions === undefined ? `${succeeded} done` : `${succeeded} of ${job.spec.completions} done`
}

const failures = ({ failed, failedIndexes }: Picture): string => {
  const indexes = failedIndexes ? total(failedIndexes) : 0
  return indexes > 0 ? `, ${count(indexes, 'index', 'indexes')} failed` : failed > 0 ? `, ${failed} failed` : ''
}

export function summary(picture: Picture, management: Management | undefined, verdict: Verdict | undefined, ended: boolean): Reason {
  const { job, active, terminating, now } = picture
  const so = `${progress(picture)}${failures(picture)}`
  if (verdict) {
    const isComplete = endOf(verdict) === 'Complete'
    if (ended) return { code: isComplete ? 'Complete' : 'Failed', say: isComplete ? 'is complete' : 'has failed', why: `${verdict.message}; ${so}` }
    const left = active.length + terminating
    return { code: 'Ending', say: `${isComplete ? 'ends well' : 'is giving up'}${left > 0 ? `, waits for ${count(left, 'Pod')} to stop` : ', counts its last Pods'}`, why: `${verdict.message}; ${so}` }
  }
  if (job.metadata.deletionTimestamp !== undefined) return { code: 'Deleting', say: 'is being deleted', why: `${count(active.length, 'Pod')} left` }
  if (isSuspended(job)) return { code: 'Suspended', say: 'is suspended', why: active.length > 0 ? `stopping ${count(active.length, 'Pod')}; ${so}` : `spec.suspend is true; ${so}` }
  if (!management) return { code: 'Waiting', say: 'waits', why: so }
  const { wanted, start, stop, notBefore, awaitsTerminating } = management
  if (stop.length > 0) return { code: 'Stopping', say: `stopping ${count(stop.length, 'Pod')}`, why: `${active.length} active, ${wanted} wanted; ${so}` }
  if (start.length > 0) return { code: 'Starting', say: `starting ${count(start.length, 'Pod')}`, why: `${wanted} wanted, ${active.length} active; ${so}` }
  if (notBefore !== undefined) return { code: 'BackingOff', say: `next try in ${Math.max(1, Math.ceil((notBefore - now) / 1000))} s`, why: `each failure in a row doubles the wait; ${so}` }
  if (awaitsTerminating !== undefined) return { code: 'AwaitingTermination', say: `waits for ${count(awaitsTerminating, 'Pod')} to stop`, why: `only Pods that have failed are replaced; ${so}` }
  if (active.length > 0) return { code: 'Running', say: `runs ${count(active.length, 'Pod')}`, why: so }
  return { code: 'Waiting', say: 'waits', why: `no Pod is wanted now; ${so}` }
}

export function started(picture: Picture, index: number | undefined, wanted: number): Reason {
  const retry = index !== undefined && picture.kept.has(index)
  return {
    code: 'SuccessfulCreate',
    say: index === undefined ? 'started a Pod' : `started a Pod for index ${index}`,
    why: `${wanted} wanted, ${picture.active.length} active; ${progress(picture)}${retry ? '; the one before it failed' : ''}`,
    event: { type: 'Normal', message: 'Created pod: {name}' },
  }
}

export function stopped(picture: Picture, name: string, why: string): Reason {
  return { code: 'SuccessfulDelete', say: `stopped ${shortName(name, picture.job.metadata.name)}`, why, event: { type: 'Normal', message: `Deleted pod: ${name}` } }
}

export const counted = (picture: Picture, names: readonly string[]): Reason => ({
  code: 'PodsCounted',
  say: `counted ${enumerate(names.map((name) => shortName(name, picture.job.metadata.name)))}`,
  why: progress(picture),
})
