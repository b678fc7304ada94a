/** Defaults and validation of what a ResourceClaim asks for. Upstream: pkg/apis/resource/{v1/defaults.go,validation/validation.go}. */
import { type FieldError, invalid, notSupported, required, tooLong } from '../../field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../names.ts'
import type { DeviceClaim, DeviceClaimConfiguration, DeviceRequest, DeviceSelector, DeviceSubRequest, ExactDeviceRequest, OpaqueDeviceConfiguration, ResourceClaimSpec } from '../../types/resource.ts'
import { validateDriverName, validateList, wrong } from './claim-names.ts'
import { fullyQualifiedName, validateToleration } from './device.ts'

const itemsAtMost = 32
const alternativesAtMost = 8
const expressionAtMost = 10 * 1024
const rawAtMost = 10 * 1024
const tolerationsAtMost = 16
const modes = ['All', 'ExactCount']

function defaultRequest(request: ExactDeviceRequest | DeviceSubRequest): void {
  request.allocationMode ??= 'ExactCount'
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1
  for (const toleration of request.tolerations ?? []) toleration.operator ??= 'Equal'
}

export function defaultClaimSpec(spec: ResourceClaimSpec | undefined): void {
  for (const { exactly, firstAvailable } of spec?.devices?.requests ?? []) {
    if (exactly) defaultRequest(exactly)
    for (const one of firstAvailable ?? []) defaultRequest(one)
  }
}

/** The expression itself is compiled where it is used. */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, field: string): FieldError[] =>
  validateList(selectors, field, itemsAtMost, ({ cel }, at) => (!cel ? [required(`${at}.cel`)] : cel.expression.length > expressionAtMost ? [tooLong(`${at}.cel.expression`, expressionAtMost)] : []))

export const validateOpaque = (opaque: OpaqueDeviceConfiguration | undefined, field: string): FieldError[] =>
  !opaque ? [required(field)] : [...validateDriverName(opaque.driver, `${field}.driver`), ...validateRaw(opaque.parameters, `${field}.parameters`)]

/** A JSON object that only the driver understands. */
export function validateRaw(value: unknown, field: string): FieldError[] {
  if (value === undefined || value === null) return [required(field)]
  if (JSON.stringify(value).length > rawAtMost) return [tooLong(field, rawAtMost)]
  return typeof value === 'object' && !Array.isArray(value) ? [] : [invalid(field, '<value omitted>', 'must be a valid JSON object')]
}

function validateAsked(request: ExactDeviceRequest | DeviceSubRequest, field: string): FieldError[] {
  const { deviceClassName, selectors, allocationMode, count = 0 } = request
  return [
    ...(deviceClassName ? wrong(`${field}.deviceClassName`, deviceClassName, dns1123Subdomain(deviceClassName)) : [required(`${field}.deviceClassName`)]),
    ...validateSelectors(selectors, `${field}.selectors`),
    ...(allocationMode === 'All' ? (count === 0 ? [] : [invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'")])
      : allocationMode === 'ExactCount' ? (count > 0 ? [] : [invalid(`${field}.count`, count, 'must be greater than zero')])
        : [notSupported(`${field}.allocationMode`, allocationMode ?? '', modes)]),
    ...validateList(request.tolerations, `${field}.tolerations`, tolerationsAtMost, validateToleration),
  ]
}

const requestName = (name: string | undefined, field: string): FieldError[] => wrong(field, name ?? '', dns1123Label(name ?? ''))

function validateRequest({ name, exactly, firstAvailable }: DeviceRequest, field: string): FieldError[] {
  const errors = requestName(name, `${field}.name`)
  const alternatives = firstAvailable ?? []
  if (exactly && alternatives.length > 0) return [...errors, invalid(field, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set')]
  if (exactly) return [...errors, ...validateAsked(exactly, `${field}.exactly`)]
  if (alternatives.length === 0) return [...errors, required(field, 'exactly one of `exactly` or `firstAvailable` is required')]
  return [...errors, ...validateList(alternatives, `${field}.firstAvailable`, alternativesAtMost, (one, at) => [...requestName(one.name, `${at}.name`), ...validateAsked(one, at)], (one) => one.name)]
}

/** `request` or `request/alternative` of this claim. */
export function requestNames(claim: DeviceClaim | undefined): ReadonlySet<string> {
  return new Set((claim?.requests ?? []).flatMap(({ name, firstAvailable }) => [name, ...(firstAvailable ?? []).map((one) => `${name}/${one.name}`)]))
}

export const validateRequestRef = (name: string, field: string, known: ReadonlySet<string>): FieldError[] =>
  known.has(name) ? [] : [invalid(field, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")]

export function validateClaimSpec(spec: ResourceClaimSpec | undefined, field: string): FieldError[] {
  const { requests, constraints, config } = spec?.devices ?? {}
  const known = requestNames(spec?.devices)
  const refs = (names: readonly string[] | undefined, at: string) => validateList(names, `${at}.requests`, itemsAtMost, (name, one) => validateRequestRef(name, one, known), (name) => name)
  return [
    ...validateList(requests, `${field}.devices.requests`, itemsAtMost, validateRequest, ({ name }) => name),
    ...validateList(constraints, `${field}.devices.constraints`, itemsAtMost, (constraint, at) => [
      ...refs(constraint.requests, at),
      ...(constraint.matchAttribute !== undefined ? fullyQualifiedName(constraint.matchAttribute, `${at}.matchAttribute`) : []),
      ...(constraint.matchAttribute === undefined && constraint.distinctAttribute !== undefined ? fullyQualifiedName(constraint.distinctAttribute, `${at}.distinctAttribute`) : []),
      ...(constraint.matchAttribute ?? constraint.distinctAttribute) === undefined ? [required(at, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set')] : [],
    ]),
    ...validateList(config, `${field}.devices.config`, itemsAtMost, (one: DeviceClaimConfiguration, at) => [...refs(one.requests, at), ...validateOpaque(one.opaque, `${at}.opaque`)]),
  ]
}
