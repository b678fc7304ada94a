/**
 * Makes a Job at each time of a schedule. Mirrors pkg/controller/cronjob/cronjob_controllerv2.go. The list of active Jobs
 * follows what is there: a Job that was just made joins it in the next pass, when its uid is known.
 */
import { parseSchedule } from '../../api/cron/schedule.ts'
import type { Zone } from '../../api/cron/zone.ts'
import { refOf, timestamp } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import { plainRefusal } from '../../api/state/quota-words.ts'
import type { CronJob, CronJobStatus, Job } from '../../api/types/batch.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { difference } from '../planning/status-patch.ts'
import { enumerate } from '../planning/words.ts'
import { endedAs, isScheduled, jobName, jobsOf, newJob, referenceTo, removal, scheduledFor, tooOld, zoneOf } from './runs.ts'
import { due, lookAgainAt, nextRun } from './timing.ts'

export const cronJob = defineController<CronJob>({
  name: 'cronjob-controller',
  reconciles: 'CronJob',
  wakesOn: ['Job'],

  // Its own status changes nothing.
  concerns: ({ type, object, previous }) => type !== 'MODIFIED' || !previous || object.metadata.generation !== previous.metadata.generation || object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp,

  wakes(event) {
    if (!matters(event)) return []
    const { namespace } = event.object.metadata
    const owners = [event.object, event.previous].flatMap((state) => state?.metadata.ownerReferences?.filter(({ kind, controller }) => kind === 'CronJob' && controller) ?? [])
    const unique = owners.filter(({ uid }, i) => owners.findIndex((other) => other.uid === uid) === i)
    return unique.map(({ name, uid }) => ({ kind: 'CronJob', name, uid, ...(namespace === undefined ? {} : { namespace }) }))
  },

  plan({ object: cron, snapshot, now }) {
    if (!cron) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the CronJob is gone' })
    const pass = new Pass(cron, snapshot)
    pass.follow()
    const { because, requeueAt } = pass.decide(now)
    return { steps: pass.steps(because), because, ...(requeueAt === undefined ? {} : { requeueAt }) }
  },

  onFailure({ ref }, { step, message }) {
    if (step.do !== 'create' && step.do !== 'delete') return []
    const making = step.do === 'create'
    const because: Reason = {
      code: making ? 'FailedCreate' : 'FailedDelete',
      say: making ? 'could not make a Job' : `could not remove ${step.ref.name}`,
      why: plainRefusal(message),
      event: { type: 'Warning', message: making ? `Error creating job: ${message}` : `Deleted job: ${message}` },
    }
    return [{ do: 'note', ref, because }]
  },
})

type Decision = Pick<Plan, 'because' | 'requeueAt'>

class Pass {
  readonly #cron: CronJob
  readonly #snapshot: Snapshot
  readonly #jobs: readonly Job[]
  /** Running Jobs that the schedule made. */
  readonly #running: readonly Job[]
  readonly #status: CronJobStatus
  readonly #notes: Step[] = []
  readonly #removals: Step[]
  #creation: Step | undefined

  constructor(cron: CronJob, snapshot: Snapshot) {
    this.#cron = cron
    this.#snapshot = snapshot
    this.#jobs = jobsOf(cron, snapshot)
    this.#running = this.#jobs.filter((job) => endedAs(job) === undefined && (isScheduled(cron, job) || this.#isListed(job)))
    this.#status = { ...cron.status }
    this.#removals = tooOld(cron, this.#jobs)
  }

  #isListed = ({ metadata }: Job): boolean => this.#cron.status?.active?.some(({ uid }) => uid === metadata.uid) === true

  /** Brings the status up to what became of the Jobs. */
  follow(): void {
    const listed = this.#cron.status?.active ?? []
    for (const job of this.#jobs) {
      const ended = endedAs(job)
      if (ended !== undefined && this.#isListed(job)) this.#tell(job, 'SawCompletedJob', `saw ${job.metadata.name} end`, 'Normal', `Saw completed job: ${job.metadata.name}, condition: ${ended}`)
      else if (ended === undefined && !this.#running.includes(job)) this.#tell(job, 'UnexpectedJob', `saw ${job.metadata.name}, which somebody else made`, 'Warning', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`)
      const completed = ended === 'Complete' ? job.status.completionTime : undefined
      if (completed !== undefined && !(Date.parse(completed) <= Date.parse(this.#status.lastSuccessfulTime ?? ''))) this.#status.lastSuccessfulTime = completed
    }
    for (const { name = '', namespace, uid } of listed) {
      if (this.#jobs.some(({ metadata }) => metadata.uid === uid)) continue
      const ref = { kind: 'Job', name, ...(namespace === undefined ? {} : { namespace }) }
      const because: Reason = { code: 'MissingJob', say: `lost ${name}`, why: 'it ran and is gone', refs: [ref], event: { type: 'Normal', message: `Active job went missing: ${name}` } }
      this.#notes.push({ do: 'note', ref: refOf(this.#cron), because })
    }
    const latest = Math.max(...this.#jobs.filter((job) => isScheduled(this.#cron, job)).map(scheduledFor))
    if (latest > Date.parse(this.#status.lastScheduleTime ?? '1970-01-01T00:00:00Z')) this.#status.lastScheduleTime = timestamp(latest)
    this.#setActive(this.#running)
  }

  /** Those that stay keep their place and their entry, new ones come last. */
  #setActive(running: readonly Job[]): void {
    const kept = (this.#cron.status?.active ?? []).filter(({ uid }) => running.some(({ metadata }) => metadata.uid === uid))
    const added = running.filter((job) => !this.#isListed(job)).map(referenceTo)
    if (kept.length + added.length === 0) delete this.#status.active
    else this.#status.active = [...kept, ...added]
  }

  #tell(job: Job, code: string, say: string, type: 'Normal' | 'Warning', message: string): void {
    this.#notes.push({ do: 'note', ref: refOf(this.#cron), because: { code, say, why: `Job ${job.metadata.name} is there`, refs: [refOf(job)], event: { type, message } } })
  }

  decide(now: number): Decision {
    const { spec, metadata } = this.#cron
    if (metadata.deletionTimestamp !== undefined) return { because: { code: 'Deleting', say: 'is being deleted', why: this.#runningWords() } }
    const zone = zoneOf(this.#cron)
    if (!zone) return this.#refuse('UnknownTimeZone', 'its time zone is unknown', `invalid timeZone: ${JSON.stringify(spec.timeZone)}: unknown time zone ${spec.timeZone}`)
    if (spec.suspend === true) return { because: { code: 'Suspended', say: 'is suspended', why: `spec.suspend is true; ${this.#runningWords()}` } }
    const schedule = parseSchedule(spec.schedule, zone)
    if (typeof schedule === 'string') return this.#refuse('UnparseableSchedule', 'its schedule makes no sense', `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${schedule}`)
    const cron = { ...this.#cron, status: this.#status }
    const found = due(cron, schedule, now)
    if (typeof found === 'string') return this.#refuse('InvalidSchedule', 'its schedule never comes', `invalid schedule: ${spec.schedule} : ${found}`)
    const run = nextRun(cron, schedule, now)
    const next = run === undefined ? 'no next run' : `next run at ${clockWords(run, zone)}`
    const wait = (because: Reason): Decision => {
      const requeueAt = lookAgainAt(run)
      return { because, ...(requeueAt === undefined ? {} : { requeueAt }) }
    }
    if (found.missed === 'many' && found.atMs !== undefined) this.#warn('TooManyMissedTimes', 'missed more than 100 times', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
    if (found.atMs === undefined) return wait({ code: 'Waiting', say: next, why: this.#runningWords() })
    const { atMs } = found
    if (spec.startingDeadlineSeconds !== undefined && atMs + spec.startingDeadlineSeconds * 1000 < now) {
      this.#warn('MissSchedule', `missed ${clockWords(atMs, zone)}`, `Missed scheduled time to start a job: ${new Date(atMs).toUTCString().replace('GMT', '+0000')}`)
      return wait({ code: 'MissSchedule', say: next, why: `${clockWords(atMs, zone)} is more than ${spec.startingDeadlineSeconds} s ago` })
    }
    if (this.#snapshot.get('Job', metadata.namespace, jobName(cron, atMs)) || this.#status.lastScheduleTime === timestamp(atMs)) {
      return wait({ code: 'Waiting', say: next, why: `the run of ${clockWords(atMs, zone)} was started; ${this.#runningWords()}` })
    }
    if (spec.concurrencyPolicy === 'Forbid' && this.#running.length > 0) {
      this.#warn('JobAlreadyActive', 'skipped a run', 'Not starting job because prior execution is running and concurrency policy is Forbid', 'Normal')
      return wait({ code: 'JobAlreadyActive', say: `waits for ${enumerate(this.#running.map((job) => job.metadata.name))} to end`, why: `only one may run at a time; ${next}` })
    }
    this.#start(atMs, zone)
    return wait({ code: 'Starting', say: `starts the run of ${clockWords(atMs, zone)}`, why: next })
  }

  #start(atMs: number, zone: Zone): void {
    const name = jobName(this.#cron, atMs)
    if (this.#cron.spec.concurrencyPolicy === 'Replace') {
      this.#removals.push(...this.#running.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((job) => removal(job, `${name} replaces it`)))
      this.#setActive([])
    }
    const because: Reason = { code: 'SuccessfulCreate', say: `started ${name}`, why: `${clockWords(atMs, zone)} has come`, event: { type: 'Normal', message: 'Created job {name}' } }
    this.#creation = { do: 'create', object: newJob(this.#cron, atMs, zone), because }
    this.#status.lastScheduleTime = timestamp(atMs)
  }

  #refuse(code: string, say: string, message: string): Decision {
    this.#warn(code, say, message)
    return { because: { code, say, why: message } }
  }

  #warn(code: string, say: string, message: string, type: 'Normal' | 'Warning' = 'Warning'): void {
    this.#notes.push({ do: 'note', ref: refOf(this.#cron), because: { code, say, why: message, event: { type, message } } })
  }

  #runningWords = (): string => (this.#running.length === 0 ? 'nothing runs' : `${count(this.#running.length, 'Job')} ${this.#running.length === 1 ? 'runs' : 'run'}`)

  steps(because: Reason): Step[] {
    const patch = difference(this.#cron.status, this.#status)
    const status: Step[] = patch ? [{ do: 'patch', ref: refOf(this.#cron), subresource: 'status', patch: { status: patch }, because: { ...because, code: 'StatusUpdated' } }] : []
    return [...this.#notes, ...this.#removals, ...(this.#creation ? [this.#creation] : []), ...status]
  }
}

/** "10:05 UTC" of today is not known here: the date is always said. */
const clockWords = (ms: number, zone: Zone): string => `${zone.timestamp(ms).slice(0, 16).replace('T', ' ')} ${zone.name}`

/** Of a Job's many changes, those that its CronJob takes notice of. */
function matters({ type, object, previous }: WatchEvent): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  const [job, before] = [object as Job, previous as Job]
  return (
    endedAs(job) !== endedAs(before) ||
    job.metadata.deletionTimestamp !== before.metadata.deletionTimestamp ||
    job.status?.completionTime !== before.status?.completionTime ||
    !equal(job.metadata.ownerReferences, before.metadata.ownerReferences)
  )
}
