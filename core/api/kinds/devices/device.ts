/** One device of a ResourceSlice: what may be said of it. Upstream: pkg/apis/resource/validation/validation.go, validateDevice. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../field-error.ts'
import { dns1123Label, dns1123Subdomain, labelKey, labelValue, regexMessage } from '../../names.ts'
import { compareQuantities, formatQuantity, parseQuantity, quantityValue } from '../../quantity.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, Counter, Device, DeviceAttribute, DeviceCapacity, DeviceTaint, DeviceToleration } from '../../types/resource.ts'
import { validateNodeSelector } from '../pod-spec/validate-scheduling.ts'
import { validateDriverName, validateList } from './claim-names.ts'

const partsAtMost = 32
const valuesAtMost = 48
const idAtMost = 32
const textAtMost = 64
const taintsAtMost = 16
const countersAtMost = 32
const drawsAtMost = 2
const conditionsAtMost = 4
const optionsAtMost = 10
const effects = ['NoExecute', 'NoSchedule', 'None']
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/
const identifierSyntax = '[A-Za-z_][A-Za-z0-9_]*'
const identifier = new RegExp(`^${identifierSyntax}$`)

export function validateDevice(device: Device, at: string, isPlacedAlone: boolean): FieldError[] {
  const { name, attributes = {}, capacity = {}, taints, consumesCounters, allowMultipleAllocations, bindingConditions, bindingFailureConditions } = device
  const errors = dns1123Label(name ?? '').map((sentence) => invalid(`${at}.name`, name ?? '', sentence))
  const parts = Object.keys(attributes).length + Object.keys(capacity).length
  if (parts > partsAtMost) errors.push(invalid(at, parts, `the total number of attributes and capacities must not exceed ${partsAtMost}`))
  const values = Object.values(attributes).reduce((sum, one) => sum + Math.max(1, lists(one).reduce((all, [, list]) => all + (list?.length ?? 0), 0)), 0)
  if (values > valuesAtMost) errors.push(invalid(at, values, `the total number of attribute values must not exceed ${valuesAtMost}`))
  for (const [key, attribute] of Object.entries(attributes)) errors.push(...qualifiedName(key, `${at}.attributes`), ...validateAttribute(attribute, `${at}.attributes[${key}]`))
  for (const [key, one] of Object.entries(capacity)) errors.push(...qualifiedName(key, `${at}.capacity`), ...validateCapacity(one, `${at}.capacity[${key}].requestPolicy`, allowMultipleAllocations === true))
  errors.push(...validateList(taints, `${at}.taints`, taintsAtMost, validateTaint))
  errors.push(...validateList(consumesCounters, `${at}.consumesCounters`, drawsAtMost, ({ counterSet, counters }, one) => [...counterName(counterSet, `${one}.counterSet`), ...validateCounters(counters, `${one}.counters`)], ({ counterSet }) => counterSet))
  errors.push(...validatePlace(device, at, isPlacedAlone))
  errors.push(...validateBinding(bindingConditions ?? [], bindingFailureConditions ?? [], at))
  return errors
}

export const counterName = (name: string | undefined, at: string): FieldError[] => (name ? dns1123Label(name).map((sentence) => invalid(at, name, sentence)) : [required(at)])

export function validateCounters(counters: Readonly<Record<string, Counter>> | undefined, at: string): FieldError[] {
  const names = Object.keys(counters ?? {})
  if (names.length === 0) return [required(at)]
  if (names.length > countersAtMost) return [{ type: 'FieldValueTooMany', field: at, message: `Too many: ${names.length}: must have at most ${countersAtMost} items` }]
  return names.flatMap((name) => counterName(name, at))
}

/** `name`, or `domain/name`. */
export function qualifiedName(name: string, at: string): FieldError[] {
  const [first = '', second, ...rest] = name.split('/')
  if (second === undefined) return idErrors(first, at)
  // Upstream lets more slashes pass.
  if (rest.length > 0) return []
  return [
    ...(first === '' ? [invalid(at, '', 'the domain must not be empty')] : validateDriverName(first, at)),
    ...(second === '' ? [invalid(at, '', 'the name must not be empty')] : idErrors(second, at)),
  ]
}

export const fullyQualifiedName = (name: string, at: string): FieldError[] => [...qualifiedName(name, at), ...(name.includes('/') ? [] : [invalid(at, name, 'a fully qualified name must be a domain and a name separated by a slash')])]

const idErrors = (id: string, at: string): FieldError[] => [
  ...(id.length > idAtMost ? [tooLong(at, idAtMost)] : []),
  ...(identifier.test(id) ? [] : [invalid(at, id, regexMessage('a valid C identifier must start with alphabetic character or \'_\', followed by a string of alphanumeric characters or \'_\'', identifierSyntax, 'my_name', 'MY_NAME', 'MyName'))]),
]

const lists = ({ bools, ints, strings, versions }: DeviceAttribute): [string, readonly unknown[] | undefined][] => [['bools', bools], ['ints', ints], ['strings', strings], ['versions', versions]]

function validateAttribute(attribute: DeviceAttribute, at: string): FieldError[] {
  const { string, version, strings = [], versions = [] } = attribute
  const text = (value: string, one: string) => (value.length > textAtMost ? [tooLong(one, textAtMost)] : [])
  const release = (value: string, one: string) => [...(semver.test(value) ? [] : [invalid(one, value, 'must be a string compatible with semver.org spec 2.0.0')]), ...text(value, one)]
  const errors = [
    ...(string === undefined ? [] : text(string, `${at}.string`)),
    ...(version === undefined ? [] : release(version, `${at}.version`)),
    ...lists(attribute).flatMap(([name, list]) => (list?.length === 0 ? [invalid(`${at}.${name}`, [], 'must not be empty if specified')] : [])),
    ...strings.flatMap((value, i) => text(value, `${at}.strings[${i}]`)),
    ...versions.flatMap((value, i) => release(value, `${at}.versions[${i}]`)),
  ]
  const given = Object.values(attribute).filter((value) => value !== undefined).length
  if (given !== 1) errors.push(invalid(at, given === 0 ? '' : attribute, 'exactly one value must be specified'))
  return errors
}

function validateCapacity({ value, requestPolicy }: DeviceCapacity, at: string, isShared: boolean): FieldError[] {
  if (!requestPolicy) return []
  if (!isShared) return [forbidden(at, 'allowMultipleAllocations must be true')]
  const { default: usual, validRange, validValues = [] } = requestPolicy
  if (validValues.length > 0 && validRange) return [forbidden(at, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')]
  if (validValues.length > 0) return usual === undefined ? [required(`${at}.default`, 'required when validValues is defined')] : validateValues(requestPolicy, usual, value, `${at}.validValues`)
  if (validRange) return usual === undefined ? [required(`${at}.default`, 'required when validRange is defined')] : validateRange(validRange, usual, value, `${at}.validRange`)
  return []
}

function validateValues({ validValues = [] }: CapacityRequestPolicy, usual: string, all: string, at: string): FieldError[] {
  const errors = validValues.flatMap((value, i) => (i > 0 && compareQuantities(validValues[i - 1]!, value) > 0 ? [invalid(`${at}[${i}]`, value, 'values must be sorted in ascending order')] : []))
  errors.push(...validateList(validValues, at, optionsAtMost, (value, one) => (compareQuantities(value, all) > 0 ? [invalid(one, value, `option is larger than capacity value: ${all}`)] : []), (value) => String(quantityValue(value))))
  if (!validValues.some((value) => compareQuantities(value, usual) === 0)) errors.push(invalid(at, usual, 'default value is not valid according to the requestPolicy'))
  return errors
}

function validateRange({ min, max, step }: CapacityRequestPolicyRange, usual: string, all: string, at: string): FieldError[] {
  if (min === undefined) return [required(`${at}.min`, 'required when validRange is defined')]
  const errors: FieldError[] = []
  const above = (a: string, b: string): boolean => compareQuantities(a, b) > 0
  if (above(min, all)) errors.push(invalid(`${at}.min`, min, `min is larger than capacity value: ${all}`))
  if (above(min, usual)) errors.push(invalid(`${at}.min`, usual, `default is less than min: ${min}`))
  if (max !== undefined) {
    if (above(min, max)) errors.push(invalid(`${at}.max`, min, `min is larger than max: ${max}`))
    if (above(max, all)) errors.push(invalid(`${at}.max`, max, `max is larger than capacity value: ${all}`))
    if (above(usual, max)) errors.push(invalid(`${at}.max`, usual, `default is more than max: ${max}`))
  }
  if (step !== undefined) {
    if (parseQuantity(min).nano + parseQuantity(step).nano > parseQuantity(all).nano) errors.push(invalid(`${at}.step`, step, `one step ${sum(min, step)} is larger than capacity value: ${all}`))
    for (const value of [usual, ...(max === undefined ? [] : [max])]) {
      if ((quantityValue(value) - quantityValue(min)) % (quantityValue(step) || 1) !== 0) errors.push(invalid(`${at}.step`, value, `value is not a multiple of a given step (${step}) from (${min})`))
    }
  }
  return errors
}

const sum = (a: string, b: string): string => formatQuantity({ nano: parseQuantity(a).nano + parseQuantity(b).nano, format: parseQuantity(a).format })

function validateTaint({ key, value, effect }: DeviceTaint, at: string): FieldError[] {
  return [
    ...labelKey(key ?? '').map((sentence) => invalid(`${at}.key`, key ?? '', sentence)),
    ...(value ? labelValue(value).map((sentence) => invalid(`${at}.value`, value, sentence)) : []),
    ...(!effect ? [required(`${at}.effect`)] : effects.includes(effect) ? [] : [notSupported(`${at}.effect`, effect, effects)]),
  ]
}

export function validateToleration({ key, operator, value, effect }: DeviceToleration, at: string): FieldError[] {
  const errors = key ? labelKey(key).map((sentence) => invalid(`${at}.key`, key, sentence)) : []
  if (operator === 'Exists') errors.push(...(value ? [invalid(`${at}.value`, value, 'must be empty for operator `Exists`')] : []))
  else if (operator === 'Equal') errors.push(...labelValue(value ?? '').map((sentence) => invalid(`${at}.value`, value ?? '', sentence)))
  else errors.push(operator ? notSupported(`${at}.operator`, operator, ['Equal', 'Exists']) : required(`${at}.operator`))
  if (effect && !effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects))
  return errors
}

function validatePlace({ nodeName, nodeSelector, allNodes }: Device, at: string, isPlacedAlone: boolean): FieldError[] {
  const given = [...(nodeName ? ['`nodeName`'] : []), ...(nodeSelector ? ['`nodeSelector`'] : []), ...(allNodes ? ['`allNodes`'] : [])]
  if (!isPlacedAlone) {
    const any = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
    return any ? [invalid(at, null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec')] : []
  }
  const errors: FieldError[] = []
  if (nodeName === '') errors.push(invalid(`${at}.nodeName`, '', 'must not be empty'))
  else for (const sentence of nodeName === undefined ? [] : dns1123Subdomain(nodeName)) errors.push(invalid(`${at}.nodeName`, nodeName, sentence))
  if (nodeSelector) validateNodeSelector(nodeSelector, `${at}.nodeSelector`, errors)
  if (allNodes === false) errors.push(invalid(`${at}.allNodes`, false, 'must be either unset or set to true'))
  const say = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  if (given.length === 0) errors.push(required(at, say))
  else if (given.length > 1) errors.push(invalid(at, `{${given.join(', ')}}`, say))
  return errors
}

/** Conditions by which a driver says that a device is bound, or will not be. */
export function validateBinding(conditions: readonly string[], failures: readonly string[], at: string): FieldError[] {
  const own = `${at}.bindingConditions`
  const bad = `${at}.bindingFailureConditions`
  const name = (value: string, one: string) => labelKey(value).map((sentence) => invalid(one, value, sentence))
  const repeated = (list: readonly string[], path: string) => list.flatMap((value, i) => (list.indexOf(value) < i ? [duplicate(`${path}[${i}]`, value)] : []))
  const errors = [...validateList(conditions, own, conditionsAtMost, name), ...validateList(failures, bad, conditionsAtMost, name), ...repeated(conditions, own)]
  failures.forEach((value, i) => {
    if (failures.indexOf(value) < i) errors.push(duplicate(`${bad}[${i}]`, value))
    if (conditions.includes(value)) errors.push(invalid(`${bad}[${i}]`, value, 'bindingFailureConditions must not overlap with bindingConditions'))
  })
  if (conditions.length === 0 && failures.length > 0) errors.push(invalid(own, null, 'bindingConditions are required to use bindingFailureConditions'))
  if (failures.length === 0 && conditions.length > 0) errors.push(invalid(bad, null, 'bindingFailureConditions are required to use bindingConditions'))
  return errors
}
