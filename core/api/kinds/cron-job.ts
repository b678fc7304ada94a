/** CronJob. Upstream: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/cronjob/strategy.go. */
import { age } from '../age.ts'
import { parseSchedule } from '../cron/schedule.ts'
import { knownZone, Zone } from '../cron/zone.ts'
import { type FieldError, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { selectorText } from '../label-selector.ts'
import type { CronJob } from '../types/batch.ts'
import { defaultJobTemplate, jobSpecWarnings } from './job.ts'
import { validateJobSpec } from './job/validate-spec.ts'
import { ageColumn, containerColumns, nameColumn } from './parts/columns.ts'
import { nonNegative } from './parts/non-negative.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podNameWarnings, templateWarnings } from './pod-spec/warnings.ts'

/** A Job's name is at most 63 long, and the time of its run takes 11 of them. */
const longestName = 52
const policies = ['Allow', 'Forbid', 'Replace']
const zonePart = /^[A-Za-z._\-0-9+]{1,14}$/

export const cronJob = defineKind<CronJob>({
  kind: 'CronJob',
  group: 'batch',
  version: 'v1',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.batch.v1.CronJob',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  subresources: { status: true },

  default({ spec }) {
    spec.concurrencyPolicy ??= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    if (spec.jobTemplate?.spec) defaultJobTemplate(spec.jobTemplate.spec)
  },
  prepareForCreate(draft) {
    draft.status = {}
  },
  validate: validateCronJob,
  warnings({ metadata, spec: { jobTemplate } }) {
    const path = 'spec.jobTemplate.spec'
    return [...podNameWarnings(metadata.name), ...jobSpecWarnings(jobTemplate.spec, path), ...templateWarnings(jobTemplate.spec.template, `${path}.template`)]
  },

  columns: [
    nameColumn,
    { name: 'Schedule', type: 'string', cell: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', cell: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', cell: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', cell: ({ status }) => status?.active?.length ?? 0 },
    { name: 'Last Schedule', type: 'string', cell: ({ status }, now) => (status?.lastScheduleTime === undefined ? '<none>' : age(status.lastScheduleTime, now)) },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec.containers),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => selectorText(spec.jobTemplate.spec.selector) },
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => podRefs(metadata, spec.jobTemplate.spec.template.spec),
})

function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else validateSchedule(spec.schedule, errors)
  nonNegative(spec, ['startingDeadlineSeconds'], 'spec', errors)
  if (spec.timeZone !== undefined) validateTimeZone(spec.timeZone, errors)
  const { concurrencyPolicy, jobTemplate } = spec
  if (!concurrencyPolicy) errors.push(required('spec.concurrencyPolicy'))
  else if (!policies.includes(concurrencyPolicy)) errors.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, policies))
  const path = 'spec.jobTemplate.spec'
  if (jobTemplate?.spec === undefined) errors.push(required(path))
  else {
    validateJobSpec(jobTemplate.spec, path, errors)
    const { selector, manualSelector } = jobTemplate.spec
    if (selector !== undefined) errors.push(invalid(`${path}.selector`, selector, '`selector` will be auto-generated'))
    if (manualSelector === true) errors.push(notSupported(`${path}.manualSelector`, manualSelector, ['nil', 'false']))
  }
  nonNegative(spec, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'], 'spec', errors)
  if (metadata.name.length > longestName) errors.push(invalid('metadata.name', metadata.name, `must be no more than ${longestName} characters`))
  return errors
}

function validateSchedule(schedule: string, errors: FieldError[]): void {
  const parsed = parseSchedule(schedule, new Zone('UTC'))
  if (typeof parsed === 'string') errors.push(invalid('spec.schedule', schedule, parsed))
  if (schedule.includes('TZ')) errors.push(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
}

function validateTimeZone(timeZone: string, errors: FieldError[]): void {
  const path = 'spec.timeZone'
  const unknown = invalid(path, timeZone, `unknown time zone ${timeZone}`)
  if (timeZone === '') return void errors.push(invalid(path, timeZone, 'timeZone must be nil or non-empty string'))
  if (timeZone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part))) return void errors.push(unknown)
  if (timeZone.toLowerCase() === 'local') errors.push(invalid(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'))
  // Go knows the exact spelling `Local`.
  if (timeZone !== 'Local' && !knownZone(timeZone)) errors.push(unknown)
}
