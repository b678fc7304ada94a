/**
 * What of a Job may change. The template may, in its scheduling directives and resources, while the Job is suspended and
 * none of its Pods is active. Upstream: pkg/apis/batch/validation, ValidateJobSpecUpdate; pkg/registry/batch/job/strategy.go.
 */
import { clone, equal } from '../../../base/json.ts'
import { type FieldError, invalid } from '../../field-error.ts'
import type { Job, JobSpec } from '../../types/batch.ts'
import type { PodSpec } from '../../types/core.ts'
import { immutable } from '../parts/immutable.ts'

export function validateJobUpdate({ spec }: Job, old: Job): FieldError[] {
  const errors: FieldError[] = []
  const same = (field: keyof JobSpec) => {
    errors.push(...immutable(`spec.${field}`, spec[field], old.spec[field]))
  }
  if (spec.completionMode !== 'Indexed') same('completions')
  else if (spec.completions !== undefined && spec.completions !== old.spec.completions && spec.completions !== spec.parallelism) {
    errors.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'))
  }
  same('selector')
  validateTemplateUpdate(spec, old, errors)
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) same(field)
  return errors
}

/** Suspended, known to be so by the controller or never started, and no Pod runs. */
const isAtRest = ({ spec, status }: Job): boolean =>
  spec.suspend === true &&
  (status?.startTime === undefined || (status.conditions ?? []).some((condition) => condition.type === 'Suspended' && condition.status === 'True')) &&
  (status?.active ?? 0) === 0

function validateTemplateUpdate({ template }: JobSpec, old: Job, errors: FieldError[]): void {
  const allowed = clone(old.spec.template)
  const atRest = isAtRest(old)
  if (atRest) {
    allowScheduling(allowed.spec, template.spec)
    const { annotations, labels } = template.metadata ?? {}
    allowed.metadata = { ...allowed.metadata, ...(annotations === undefined ? {} : { annotations }), ...(labels === undefined ? {} : { labels }) }
    if (annotations === undefined) delete allowed.metadata.annotations
    if (labels === undefined) delete allowed.metadata.labels
    allowResources(allowed.spec.containers, template.spec.containers)
    allowResources(allowed.spec.initContainers ?? [], template.spec.initContainers ?? [])
    errors.push(...immutable('spec.template.spec', template.spec, allowed.spec))
  } else errors.push(...immutable('spec.template', template, allowed))
}

function allowScheduling(allowed: PodSpec, wanted: PodSpec): void {
  const { nodeAffinity: _, ...others } = allowed.affinity ?? {}
  const nodeAffinity = wanted.affinity?.nodeAffinity
  if (wanted.affinity === undefined && Object.keys(others).length === 0) delete allowed.affinity
  else if (wanted.affinity !== undefined || allowed.affinity !== undefined) allowed.affinity = { ...others, ...(nodeAffinity === undefined ? {} : { nodeAffinity }) }
  take(allowed, wanted, 'nodeSelector')
  take(allowed, wanted, 'tolerations')
  take(allowed, wanted, 'schedulingGates')
}

function allowResources<C extends { name: string; resources?: unknown }>(allowed: C[], wanted: readonly C[]): void {
  if (allowed.length !== wanted.length) return
  for (const [i, container] of wanted.entries()) if (allowed[i]?.name === container.name) take(allowed[i], container, 'resources')
}

function take<T extends object, K extends keyof T>(to: T, from: T, field: K): void {
  if (from[field] === undefined) delete to[field]
  else to[field] = from[field]
}
