/** What holds for every Job's spec, and for a CronJob's template of one. Upstream: pkg/apis/batch/validation, validateJobSpec. */
import { type FieldError, invalid, notSupported, required, tooLong } from '../../field-error.ts'
import { dns1123Subdomain, regexMessage } from '../../names.ts'
import type { JobSpec } from '../../types/batch.ts'
import { nonNegative } from '../parts/non-negative.ts'
import { validatePodTemplate } from '../pod-spec/validate-spec.ts'
import { validatePodFailurePolicy, validatePodReplacementPolicy } from './validate-failure-policy.ts'
import { validateSuccessPolicy } from './validate-success-policy.ts'

const mostParallel = 100_000
const mostFailedIndexes = 100_000
const completionsSoftLimit = 100_000
const limitForHighCompletions = 10_000
const longestManager = 63
const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const pathRegex = new RegExp(`^${pathPattern}$`)

export function validateJobSpec(spec: JobSpec, path: string, errors: FieldError[]): void {
  const { backoffLimitPerIndex, maxFailedIndexes, completionMode, managedBy, template } = spec
  nonNegative(spec, ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'], path, errors)
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  if (managedBy !== undefined) validateManager(managedBy, `${path}.managedBy`, errors)
  if (completionMode !== undefined && completionMode !== 'NonIndexed' && completionMode !== 'Indexed') errors.push(notSupported(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']))
  if (completionMode === 'Indexed') validateIndexed(spec, path, errors)
  if (completionMode === undefined || completionMode === 'NonIndexed') {
    if (backoffLimitPerIndex !== undefined) errors.push(invalid(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'))
    if (maxFailedIndexes !== undefined) errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'requires indexed completion mode'))
  }
  if (spec.podFailurePolicy) validatePodFailurePolicy(spec, spec.podFailurePolicy, `${path}.podFailurePolicy`, errors)
  if (spec.successPolicy) {
    if (completionMode === 'Indexed') validateSuccessPolicy(spec.successPolicy, spec.completions ?? 0, `${path}.successPolicy`, errors)
    else errors.push(invalid(`${path}.successPolicy`, spec.successPolicy, 'requires indexed completion mode'))
  }
  validatePodReplacementPolicy(spec, `${path}.podReplacementPolicy`, errors)
  if (template === undefined) return void errors.push(required(`${path}.template`))
  validatePodTemplate({ ...template, metadata: template.metadata ?? {} }, `${path}.template`, errors)
  const { restartPolicy } = template.spec
  const at = `${path}.template.spec.restartPolicy`
  if (restartPolicy === 'Always' || restartPolicy === undefined) errors.push(required(at, 'valid values: "OnFailure", "Never"'))
  else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') errors.push(notSupported(at, restartPolicy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && restartPolicy !== 'Never') errors.push(invalid(at, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified'))
}

function validateIndexed({ completions, parallelism, maxFailedIndexes, backoffLimitPerIndex }: JobSpec, path: string, errors: FieldError[]): void {
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  if (parallelism !== undefined && parallelism > mostParallel) errors.push(invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${mostParallel} when completion mode is Indexed`))
  const failed = `${path}.maxFailedIndexes`
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) errors.push(invalid(failed, maxFailedIndexes, 'must be less than or equal to completions'))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > mostFailedIndexes) errors.push(invalid(failed, maxFailedIndexes, `must be less than or equal to ${mostFailedIndexes}`))
  if (completions === undefined || completions <= completionsSoftLimit || backoffLimitPerIndex === undefined) return
  const atMost = `must be less than or equal to ${limitForHighCompletions} when completions are above ${completionsSoftLimit} and used with backoff limit per index`
  if (maxFailedIndexes === undefined) errors.push(required(failed, `must be specified when completions is above ${completionsSoftLimit}`))
  if (parallelism !== undefined && parallelism > limitForHighCompletions) errors.push(invalid(`${path}.parallelism`, parallelism, atMost))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > limitForHighCompletions) errors.push(invalid(failed, maxFailedIndexes, atMost))
}

/** Upstream: apimachinery/pkg/util/validation, IsDomainPrefixedPath. */
function validateManager(managedBy: string, path: string, errors: FieldError[]): void {
  const slash = managedBy.indexOf('/')
  const [host, rest] = slash < 0 ? ['', ''] : [managedBy.slice(0, slash), managedBy.slice(slash + 1)]
  if (managedBy === '') errors.push(required(path))
  else if (host === '' || rest === '') errors.push(invalid(path, managedBy, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    for (const sentence of dns1123Subdomain(host)) errors.push(invalid(path, host, sentence))
    if (!pathRegex.test(rest)) errors.push(invalid(path, rest, regexMessage('Invalid path', pathPattern)))
  }
  if (managedBy.length > longestManager) errors.push(tooLong(path, longestManager))
}
