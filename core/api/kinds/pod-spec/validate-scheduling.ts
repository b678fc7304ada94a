/** Validation of what steers scheduling: affinity, tolerations, spreading, gates. Upstream: pkg/apis/core/validation. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { validateLabels, validateLabelSelector } from '../../label-selector.ts'
import { validateLabelKeys } from './label-keys.ts'
import { dns1123Label, dns1123Subdomain, labelKey, labelValue } from '../../names.ts'
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, PodSpec, Toleration, TopologySpreadConstraint } from '../../types/core.ts'

const required1 = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateScheduling(spec: PodSpec, path: string, errors: FieldError[]): void {
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`))
  if (spec.affinity) validateAffinity(spec.affinity, `${path}.affinity`, errors)
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    for (const sentence of labelKey(conditionType)) errors.push(invalid(`${path}.readinessGates[${i}].conditionType`, conditionType, sentence))
  }
  const gates = new Set<string>()
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    for (const sentence of labelKey(name)) errors.push(invalid(`${path}.schedulingGates[${i}]`, name, sentence))
    if (gates.has(name)) errors.push(duplicate(`${path}.schedulingGates[${i}]`, name))
    gates.add(name)
  }
  const spread = spec.topologySpreadConstraints ?? []
  for (const [i, constraint] of spread.entries()) validateSpread(constraint, spread.slice(i + 1), `${path}.topologySpreadConstraints[${i}]`, errors)
}

function validateAffinity(affinity: Affinity, path: string, errors: FieldError[]): void {
  const nodes = affinity.nodeAffinity
  const hard = nodes?.[required1]
  if (hard) {
    const at = `${path}.nodeAffinity.${required1}.nodeSelectorTerms`
    if (!hard.nodeSelectorTerms?.length) errors.push(required(at, 'must have at least one node selector term'))
    for (const [i, term] of (hard.nodeSelectorTerms ?? []).entries()) validateTerm(term, `${at}[${i}]`, true, errors)
  }
  for (const [i, { weight, preference }] of (nodes?.[preferred] ?? []).entries()) {
    const at = `${path}.nodeAffinity.${preferred}[${i}]`
    if (weight <= 0 || weight > 100) errors.push(invalid(`${at}.weight`, weight, 'must be in the range 1-100'))
    validateTerm(preference, `${at}.preference`, false, errors)
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    for (const [i, term] of (affinity[kind]?.[required1] ?? []).entries()) validatePodTerm(term, `${path}.${kind}.${required1}[${i}]`, errors)
    for (const [i, { weight, podAffinityTerm }] of (affinity[kind]?.[preferred] ?? []).entries()) {
      const at = `${path}.${kind}.${preferred}[${i}]`
      if (weight <= 0 || weight > 100) errors.push(invalid(`${at}.weight`, weight, 'must be in the range 1-100'))
      validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`, errors)
    }
  }
}

/** A node selector outside of Pods: of a volume. */
export function validateNodeSelector({ nodeSelectorTerms }: NodeSelector, path: string, errors: FieldError[]): void {
  const at = `${path}.nodeSelectorTerms`
  if (!nodeSelectorTerms?.length) errors.push(required(at, 'must have at least one node selector term'))
  for (const [i, term] of (nodeSelectorTerms ?? []).entries()) validateTerm(term, `${at}[${i}]`, true, errors)
}

function validateTerm(term: NodeSelectorTerm, path: string, checkValues: boolean, errors: FieldError[]): void {
  for (const [i, requirement] of (term.matchExpressions ?? []).entries()) validateNodeRequirement(requirement, `${path}.matchExpressions[${i}]`, checkValues, errors)
  for (const [i, { key, operator, values = [] }] of (term.matchFields ?? []).entries()) {
    const at = `${path}.matchFields[${i}]`
    if (operator !== 'In' && operator !== 'NotIn') errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    else if (values.length !== 1) errors.push(required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
    if (key !== 'metadata.name') errors.push(invalid(`${at}.key`, key, 'not a valid field selector key'))
    else for (const [j, value] of values.entries()) for (const sentence of dns1123Subdomain(value)) errors.push(invalid(`${at}.values[${j}]`, value, sentence))
  }
}

function validateNodeRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: string, checkValues: boolean, errors: FieldError[]): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      break
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      break
    default:
      errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  for (const sentence of labelKey(key)) errors.push(invalid(`${path}.key`, key, sentence))
  if (checkValues) for (const [i, value] of values.entries()) for (const sentence of labelValue(value)) errors.push(invalid(`${path}.values[${i}]`, value, sentence))
}

function validatePodTerm(term: PodAffinityTerm, path: string, errors: FieldError[]): void {
  errors.push(...validateLabelSelector(term.labelSelector, `${path}.labelSelector`), ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`))
  for (const name of term.namespaces ?? []) for (const sentence of dns1123Label(name)) errors.push(invalid(`${path}.namespace`, name, sentence))
  validateLabelKeys(term, path, errors)
  if (term.topologyKey === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  for (const sentence of labelKey(term.topologyKey)) errors.push(invalid(`${path}.topologyKey`, term.topologyKey, sentence))
}

function validateSpread(constraint: TopologySpreadConstraint, later: readonly TopologySpreadConstraint[], path: string, errors: FieldError[]): void {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint
  if (maxSkew <= 0) errors.push(invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero'))
  if (topologyKey === '') errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') errors.push(notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']))
  if (later.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)) {
    errors.push(duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`))
  }
  if (minDomains !== undefined) {
    if (minDomains <= 0) errors.push(invalid(`${path}.minDomains`, minDomains, 'must be greater than zero'))
    else if (whenUnsatisfiable !== 'DoNotSchedule') errors.push(invalid(`${path}.minDomains`, minDomains, 'can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway'))
  }
  for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const value = constraint[policy]
    if (value !== undefined && value !== 'Honor' && value !== 'Ignore') errors.push(notSupported(`${path}.${policy}`, value, ['Honor', 'Ignore']))
  }
  validateLabelKeys(constraint, path, errors)
  errors.push(...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`))
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly Toleration[], path: string, errors: FieldError[]): void {
  for (const [i, { key = '', operator = '', value = '', effect = '', tolerationSeconds }] of tolerations.entries()) {
    const at = `${path}[${i}]`
    if (key !== '') for (const sentence of labelKey(key)) errors.push(invalid(`${at}.key`, key, sentence))
    if (key === '' && operator !== 'Exists') errors.push(invalid(`${at}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if (operator === 'Equal' || operator === '') {
      const wrong = labelValue(value)
      if (wrong.length > 0) errors.push(invalid(`${at}.operator`, value, wrong.join(';')))
    } else if (operator === 'Exists') {
      if (value !== '') errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
    } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
    if (effect !== '') validateEffect(effect, `${at}.effect`, errors)
  }
}

export function validateEffect(effect: string, path: string, errors: FieldError[]): void {
  if (!effects.includes(effect)) errors.push(notSupported(path, effect, effects))
}
