/** podFailurePolicy and podReplacementPolicy. Upstream: pkg/apis/batch/validation, validatePodFailurePolicy. */
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../field-error.ts'
import { labelKey } from '../../names.ts'
import type { JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule } from '../../types/batch.ts'

const mostRules = 20
const mostExitCodes = 255
const mostConditions = 20
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

const listed = (values: readonly string[]) => `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`
/** Where the value is too long to be shown, upstream leaves it out. */
const wrong = (field: string, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` })

export function validatePodReplacementPolicy({ podReplacementPolicy, podFailurePolicy }: JobSpec, path: string, errors: FieldError[]): void {
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (podReplacementPolicy !== undefined && !supported.includes(podReplacementPolicy)) errors.push(notSupported(path, podReplacementPolicy, supported))
}

export function validatePodFailurePolicy(spec: JobSpec, { rules = [] }: PodFailurePolicy, path: string, errors: FieldError[]): void {
  if (rules.length > mostRules) errors.push(tooMany(`${path}.rules`, rules.length, mostRules))
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  const names = new Set([...containers, ...initContainers].map(({ name }) => name))
  for (const [i, rule] of rules.entries()) validateRule(spec, rule, `${path}.rules[${i}]`, names, errors)
}

function validateRule(spec: JobSpec, { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, path: string, names: ReadonlySet<string>, errors: FieldError[]): void {
  if (!action) errors.push(required(`${path}.action`, listed(actions)))
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!actions.includes(action)) errors.push(notSupported(`${path}.action`, action, actions))
  if (onExitCodes) validateExitCodes(onExitCodes, `${path}.onExitCodes`, names, errors)
  if (onPodConditions.length > 0) validateConditions(onPodConditions, `${path}.onPodConditions`, errors)
  if (onExitCodes && onPodConditions.length > 0) errors.push(wrong(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!onExitCodes && onPodConditions.length === 0) errors.push(wrong(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
}

function validateConditions(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], path: string, errors: FieldError[]): void {
  if (patterns.length > mostConditions) errors.push(tooMany(path, patterns.length, mostConditions))
  for (const [i, { type = '', status }] of patterns.entries()) {
    for (const sentence of labelKey(type)) errors.push(invalid(`${path}[${i}].type`, type, sentence))
    if (!status) errors.push(required(`${path}[${i}].status`, listed(statuses)))
    else if (!statuses.includes(status)) errors.push(notSupported(`${path}[${i}].status`, status, statuses))
  }
}

function validateExitCodes({ containerName, operator, values = [] }: PodFailurePolicyOnExitCodesRequirement, path: string, names: ReadonlySet<string>, errors: FieldError[]): void {
  if (!operator) errors.push(required(`${path}.operator`, listed(operators)))
  else if (!operators.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, operators))
  if (containerName !== undefined && !names.has(containerName)) errors.push(invalid(`${path}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'))
  if (values.length === 0) errors.push(invalid(`${path}.values`, values, 'at least one value is required'))
  else if (values.length > mostExitCodes) errors.push(tooMany(`${path}.values`, values.length, mostExitCodes))
  const seen = new Set<number>()
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) errors.push(invalid(`${path}.values[${i}]`, value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push(duplicate(`${path}.values[${i}]`, value))
    seen.add(value)
  }
  if (values.some((value, i) => i > 0 && values[i - 1]! > value)) errors.push(invalid(`${path}.values`, values, 'must be ordered'))
}
