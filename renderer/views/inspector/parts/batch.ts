/** Panels of Jobs and CronJobs: how far, how often, what came of it. Pure. */
import { stateOf } from '../../../../core/api/state/state-of.ts'
import type { StateView } from '../../../../core/api/state/view.ts'
import type { Mark } from '../../../../core/api/state/words.ts'
import type { CronJob, Job } from '../../../../core/api/types/batch.ts'
import type { Pod } from '../../../../core/api/types/core.ts'
import { count, durationInWords } from '../../../words/amounts.ts'
import { indexesIn } from '../../../words/indexes.ts'
import { inZone, nextRuns, scheduleInWords, scheduleOf } from '../../../words/schedule.ts'
import { ownedBy, podsOf, type World } from '../../../words/world.ts'
import { cell, inNamespace, linked, mono, type Cell, type Part } from './part.ts'

const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
/** Squares of a strip; more are counted in words. */
const mostSquares = 400
const condition = (job: Job, type: string) => job.status?.conditions?.find((one) => one.type === type && one.status === 'True')
const tookOf = (job: Job, now: number): string => {
  const from = Date.parse(job.status?.startTime ?? '')
  const to = Date.parse(job.status?.completionTime ?? condition(job, 'Failed')?.lastTransitionTime ?? '')
  return Number.isNaN(from) ? '' : durationInWords((Number.isNaN(to) ? now : to) - from)
}

export function jobParts(world: World, job: Job, now: number): Part[] {
  const { spec, status } = job
  const wanted = spec.completions ?? spec.parallelism ?? 1
  const failed = status?.failed ?? 0
  const limit = spec.backoffLimit ?? 6
  const ended = condition(job, 'Complete') ?? condition(job, 'Failed')
  const pods = podsOf(world, job) as Pod[]
  const facts: { label: string; cell: Cell }[] = [
    { label: 'At once', cell: cell(`up to ${spec.parallelism ?? 1}`, (status?.active ?? 0) > 0 ? { note: `${status.active} ${status.active === 1 ? 'runs' : 'run'} now` } : {}) },
    spec.backoffLimitPerIndex === undefined
      ? { label: 'Failures', cell: cell(failed === 0 ? 'none' : String(failed), { note: ended ? `${limit} allowed` : failed >= limit ? 'the next one ends it' : `${limit - failed} more allowed` }) }
      : { label: 'Failures', cell: cell(spec.backoffLimitPerIndex === 0 ? 'none allowed, an index fails at once' : `${spec.backoffLimitPerIndex} allowed for each index`, spec.maxFailedIndexes === undefined ? {} : { note: `${spec.maxFailedIndexes} indexes may fail` }) },
    ...(spec.activeDeadlineSeconds === undefined ? [] : [{ label: 'Deadline', cell: cell(deadlineWords(job, now)) }]),
    ...(spec.ttlSecondsAfterFinished === undefined ? [] : [{ label: 'Kept', cell: cell(ttlWords(job, now)) }]),
    ...(spec.podFailurePolicy ? [{ label: 'Policy', cell: cell(count(spec.podFailurePolicy.rules.length, 'rule'), { note: 'on failed Pods' }) }] : []),
    ...(spec.managedBy === undefined ? [] : [{ label: 'Left to', cell: mono(spec.managedBy) }]),
  ]
  const parts: Part[] = [{ title: 'How far it is', ...(spec.completionMode === 'Indexed' ? { strip: stripOf(job, pods, wanted) } : {}), facts }]
  if (pods.length > 0) {
    parts.push({
      title: 'Tries',
      table: {
        columns: [spec.completionMode === 'Indexed' ? 'Index' : 'Pod', 'Came to', 'Took'],
        rows: pods.toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1)).slice(0, 12).map((pod): Cell[] => [
          { ...linked(inNamespace('Pod', pod.metadata.namespace, pod.metadata.name)), text: pod.metadata.annotations?.[indexAnnotation] === undefined || spec.completionMode !== 'Indexed' ? pod.metadata.name.slice(job.metadata.name.length + 1) || pod.metadata.name : `index ${pod.metadata.annotations[indexAnnotation]}` },
          outcome(pod), cell(podTook(pod, now), { numeric: true }),
        ]),
      },
      ...(pods.length > 12 ? { say: `The newest 12 of ${pods.length}.` } : {}),
    })
  }
  return parts
}

const outcome = (pod: Pod): Cell => {
  const ended = (pod.status?.containerStatuses ?? []).find((one) => one.state?.terminated)?.state?.terminated
  if (pod.status?.phase === 'Succeeded') return cell('finished', { mark: 'finished' })
  if (pod.status?.phase === 'Failed') return cell(ended ? `exit code ${ended.exitCode}` : (pod.status.reason ?? 'failed'), { mark: 'failing', ...(ended?.reason && ended.reason !== 'Error' ? { note: ended.reason } : {}) })
  if (pod.metadata.deletionTimestamp !== undefined) return cell('being stopped', { mark: 'leaving' })
  return pod.status?.phase === 'Running' ? cell('runs', { mark: 'moving' }) : cell('waits', { mark: 'waiting' })
}

const podTook = (pod: Pod, now: number): string => {
  const from = Date.parse(pod.status?.startTime ?? '')
  const ends = (pod.status?.containerStatuses ?? []).map((one) => Date.parse(one.state?.terminated?.finishedAt ?? ''))
  const to = ends.length > 0 && ends.every((end) => !Number.isNaN(end)) ? Math.max(...ends) : now
  return Number.isNaN(from) ? '' : durationInWords(to - from)
}

/** A square an index: done, failed, running, to come. */
function stripOf(job: Job, pods: readonly Pod[], wanted: number): NonNullable<Part['strip']> {
  const done = indexesIn(job.status?.completedIndexes)
  const failed = indexesIn(job.status?.failedIndexes)
  const running = new Map<number, Mark>()
  for (const pod of pods) {
    const index = Number(pod.metadata.annotations?.[indexAnnotation] ?? -1)
    if (pod.status?.phase === 'Running' || pod.status?.phase === 'Pending') running.set(index, pod.status.phase === 'Running' ? 'moving' : 'waiting')
  }
  const words = { finished: 'done', failing: 'failed', moving: 'runs', waiting: 'waits', planned: 'to come' } as const
  const squares = Array.from({ length: Math.min(wanted, mostSquares) }, (_, i) => {
    const mark = (failed.has(i) ? 'failing' : done.has(i) ? 'finished' : (running.get(i) ?? 'planned')) as keyof typeof words
    return { mark, label: `index ${i}, ${words[mark]}` }
  })
  const left = wanted - done.size - failed.size - running.size
  const say = [`${done.size} done`, ...(failed.size > 0 ? [`${failed.size} failed`] : []), ...(running.size > 0 ? [`${running.size} under way`] : []), ...(left > 0 ? [`${left} to come`] : [])].join(', ')
  return { squares, say: wanted > mostSquares ? `${say}; the first ${mostSquares} of ${wanted} indexes` : say }
}

const deadlineWords = (job: Job, now: number): string => {
  const total = (job.spec.activeDeadlineSeconds ?? 0) * 1000
  const from = Date.parse(job.status?.startTime ?? '')
  const left = from + total - now
  return Number.isNaN(from) || condition(job, 'Complete') || condition(job, 'Failed') ? durationInWords(total) : left > 0 ? `in ${durationInWords(left)}` : 'over'
}

const ttlWords = (job: Job, now: number): string => {
  const ms = (job.spec.ttlSecondsAfterFinished ?? 0) * 1000
  const ended = Date.parse(job.status?.completionTime ?? condition(job, 'Failed')?.lastTransitionTime ?? '')
  return Number.isNaN(ended) ? `${durationInWords(ms)} after its end` : ended + ms > now ? `removed in ${durationInWords(ended + ms - now)}` : 'about to be removed'
}

const concurrency = { Allow: 'runs beside one that is not done', Forbid: 'is left out while one is not done', Replace: 'replaces one that is not done' } as const

export function cronParts(world: World, view: StateView, cron: CronJob, now: number): Part[] {
  const { spec, metadata } = cron
  const schedule = scheduleOf(cron)
  const zone = spec.timeZone ?? 'UTC'
  const next = nextRuns(cron, now, 4)
  const jobs = (ownedBy(world, cron, 'Job') as Job[]).toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
  return [
    {
      title: 'When it runs',
      say: schedule ? `${capital(scheduleInWords(schedule))}, ${schedule.kind === 'every' ? 'by the clock that counts' : `by the clock of ${zone}`}.` : `The schedule ${spec.schedule} cannot be read, so it never runs.`,
      facts: [
        { label: 'Schedule', cell: mono(spec.schedule) },
        ...(spec.suspend === true ? [{ label: 'Next', cell: cell('suspended', { mark: 'waiting' }) }] : next.map((at, i) => ({ label: i === 0 ? 'Next' : '', cell: cell(inZone(at, zone), { note: `in ${durationInWords(at - now)}` }) }))),
        { label: 'A new run', cell: cell(concurrency[spec.concurrencyPolicy ?? 'Allow']) },
        ...(spec.startingDeadlineSeconds === undefined ? [] : [{ label: 'Too late', cell: cell(`after ${durationInWords(spec.startingDeadlineSeconds * 1000)} a missed run is left out`) }]),
        { label: 'Keeps', cell: cell(`${spec.successfulJobsHistoryLimit ?? 3} that were complete, ${spec.failedJobsHistoryLimit ?? 1} that failed`) },
      ],
    },
    {
      title: 'Last runs',
      ...(jobs.length === 0 ? { say: 'It has not run yet.' } : {
        table: {
          columns: ['Run', 'Came to', 'Took'],
          rows: jobs.slice(0, 10).map((job): Cell[] => {
            const state = stateOf(job, view, now)
            const manual = job.metadata.annotations?.['cronjob.kubernetes.io/instantiate'] === 'manual'
            return [
              { ...linked(inNamespace('Job', metadata.namespace, job.metadata.name)), text: inZone(Date.parse(job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? job.metadata.creationTimestamp), zone), ...(manual ? { note: 'by hand' } : {}) },
              cell(state.mark === 'moving' && (job.spec.completions ?? 1) === 1 ? 'runs' : state.say, { mark: state.mark }), cell(tookOf(job, now), { numeric: true }),
            ]
          }),
        },
      }),
    },
  ]
}

const capital = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
