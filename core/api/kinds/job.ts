/** Job. Upstream: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/job/strategy.go. */
import { humanDuration } from '../age.ts'
import { type FieldError, invalid, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelSelector, selectorText, validateLabelSelector } from '../label-selector.ts'
import { dns1123Label } from '../names.ts'
import type { Job, JobSpec } from '../types/batch.ts'
import { generateSelector, validateGenerated } from './job/generated.ts'
import { validateJobSpec } from './job/validate-spec.ts'
import { validateJobStatus } from './job/validate-status.ts'
import { validateJobUpdate } from './job/validate-update.ts'
import { ageColumn, containerColumns, nameColumn } from './parts/columns.ts'
import { validateMatch } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podNameWarnings, templateWarnings } from './pod-spec/warnings.ts'

const defaultBackoffLimit = 6
const noBackoffLimit = 2_147_483_647
const completionsSoftLimit = 100_000
const parallelismSoftLimit = 10_000

export const job = defineKind<Job>({
  kind: 'Job',
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  singular: 'job',
  shortNames: [],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.batch.v1.Job',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  orphansByDefault: true,
  subresources: { status: true },

  default(draft) {
    const { spec } = draft
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    spec.parallelism ??= 1
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? defaultBackoffLimit : noBackoffLimit
    const labels = spec.template?.metadata?.labels
    if (labels && Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = labels
    spec.completionMode ??= 'NonIndexed'
    spec.suspend ??= false
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
    spec.manualSelector ??= false
    defaultJobTemplate(spec)
  },
  prepareForCreate(draft) {
    if (draft.spec.template) generateSelector(draft)
    draft.status = {}
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatus,
  warnings: ({ metadata, spec }) => [...jobSpecWarnings(spec, 'spec'), ...podNameWarnings(metadata.name), ...templateWarnings(spec.template)],

  columns: [
    nameColumn,
    { name: 'Status', type: 'string', description: 'Status of the job.', cell: statusWord },
    { name: 'Completions', type: 'string', cell: completionsCell },
    { name: 'Duration', type: 'string', description: 'Time required to complete the job.', cell: durationCell },
    ageColumn,
    ...containerColumns<Job>(({ spec }) => spec.template.spec.containers),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template.spec),
})

/** What a Job and a CronJob's template of one default alike. */
export function defaultJobTemplate({ podFailurePolicy, template }: JobSpec): void {
  for (const rule of podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  if (template?.spec) defaultPodSpec(template.spec)
}

export function jobSpecWarnings({ completionMode, completions = 0, parallelism = 0 }: JobSpec, path: string): string[] {
  if (completionMode !== 'Indexed' || completions <= completionsSoftLimit || parallelism <= parallelismSoftLimit) return []
  return [`${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`]
}

function validateJob(object: Job): FieldError[] {
  const errors: FieldError[] = []
  const { metadata, spec } = object
  const { selector, template, completions } = spec
  if (template) validateGenerated(object, errors)
  validateJobSpec(spec, 'spec', errors)
  if (selector === undefined) errors.push(required('spec.selector'))
  const wrong = validateLabelSelector(selector, 'spec.selector')
  errors.push(...wrong)
  if (template && wrong.length === 0) validateMatch(labelSelector(selector), template, errors)
  // Pods of an Indexed Job have its name and their index as host name.
  if (spec.completionMode === 'Indexed' && completions !== undefined && completions > 0) {
    const longest = `${metadata.name}-${completions - 1}`
    if (dns1123Label(longest).length > 0) errors.push(invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${longest}`))
  }
  return errors
}

function statusWord({ metadata, status }: Job): string {
  const is = (type: string) => (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(is) ?? 'Running'
}

function completionsCell({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationCell({ status }: Job, now: number): string {
  if (status?.startTime === undefined) return ''
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime)
  return humanDuration(end - Date.parse(status.startTime))
}
