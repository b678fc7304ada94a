/** What of a Pod may change. Upstream: pkg/apis/core/validation, ValidatePodUpdate and ValidatePodStatusUpdate. */
import { clone, equal } from '../../../base/json.ts'
import { fieldDiff } from '../../../base/field-diff.ts'
import { type FieldError, forbidden, invalid, required } from '../../field-error.ts'
import { dns1123Subdomain, rangeMessage } from '../../names.ts'
import { immutableMessage } from '../../object-meta.ts'
import type { Container, Pod, PodSpec, Toleration } from '../../types/core.ts'

const largest = 2_147_483_647
const mutableFields = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = []
  const [spec, before] = [pod.spec, old.spec]
  if (equal(spec, before)) return errors
  if (!sameContainers(spec.containers, before.containers, 'spec.containers', errors)) return errors
  if (!sameContainers(spec.initContainers ?? [], before.initContainers ?? [], 'spec.initContainers', errors)) return errors
  if (!validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds, errors)) return errors
  onlyAdded(spec.tolerations ?? [], before.tolerations ?? [], errors)
  const gates = new Set((before.schedulingGates ?? []).map(({ name }) => name))
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) if (!gates.has(name)) errors.push(forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`))

  const rest = withoutMutable(spec, before)
  if (before.schedulingGates?.length) {
    // A Pod that waits for its gates may still be narrowed down.
    narrowed(spec.nodeSelector, before.nodeSelector, errors)
    restore(rest, 'nodeSelector', before)
    restore(rest, 'affinity', before)
  }
  if (!equal(rest, before)) {
    const diff = fieldDiff(before, rest).map((change) => `  ${change.path}`).join('\n')
    errors.push(forbidden('spec', `pod updates may not change fields other than ${mutableFields}\n${diff}\n`))
  }
  return errors
}

function sameContainers(containers: readonly Container[], before: readonly Container[], path: string, errors: FieldError[]): boolean {
  if (containers.length !== before.length) {
    errors.push(forbidden(path, 'pod updates may not add or remove containers'))
    return false
  }
  for (const [i, { image = '' }] of containers.entries()) {
    if (image === '') errors.push(required(`${path}[${i}].image`))
    if (image !== image.trim()) errors.push(invalid(`${path}[${i}].image`, image, 'must not have leading or trailing whitespace'))
  }
  return true
}

function validateDeadline(deadline: number | undefined, before: number | undefined, errors: FieldError[]): boolean {
  const path = 'spec.activeDeadlineSeconds'
  if (deadline === undefined) {
    if (before !== undefined) errors.push(invalid(path, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (deadline < 0 || deadline > largest) {
    errors.push(invalid(path, deadline, rangeMessage(0, largest)))
    return false
  }
  if (before !== undefined && before < deadline) {
    errors.push(invalid(path, deadline, 'must be less than or equal to previous value'))
    return false
  }
  return true
}

function onlyAdded(tolerations: readonly Toleration[], before: readonly Toleration[], errors: FieldError[]): void {
  const withoutSeconds = ({ tolerationSeconds: _, ...rest }: Toleration) => rest
  for (const old of before) {
    if (!tolerations.some((toleration) => equal(withoutSeconds(toleration), withoutSeconds(old)))) {
      errors.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
      return
    }
  }
}

function narrowed(selector: Record<string, string> = {}, before: Record<string, string> = {}, errors: FieldError[]): void {
  for (const key in before) {
    if (selector[key] === before[key]) continue
    errors.push(invalid('spec.nodeSelector', selector, `only additions to spec.nodeSelector are allowed (no mutations or deletions)`))
    return
  }
}

/** The new spec with every field that may change set back. */
function withoutMutable(spec: PodSpec, before: PodSpec): PodSpec {
  const rest = clone(spec)
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (rest[field] ?? []).entries()) {
      const image = before[field]?.[i]?.image
      if (image !== undefined) container.image = image
    }
  }
  restore(rest, 'activeDeadlineSeconds', before)
  restore(rest, 'schedulingGates', before)
  restore(rest, 'tolerations', before)
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1) restore(rest, 'terminationGracePeriodSeconds', before)
  return rest
}

function restore<K extends keyof PodSpec>(rest: PodSpec, field: K, before: PodSpec): void {
  if (before[field] === undefined) delete rest[field]
  else rest[field] = before[field]
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, { type }] of (pod.status.conditions ?? []).entries()) if (type === '') errors.push(required(`status.conditions[${i}].type`))
  if (pod.spec.nodeName !== old.spec.nodeName) errors.push(forbidden('status.nodeName', 'may not be changed directly'))
  const nominated = pod.status.nominatedNodeName
  if (nominated && nominated !== old.status.nominatedNodeName) {
    for (const sentence of dns1123Subdomain(nominated)) errors.push(invalid('status.nominatedNodeName', nominated, sentence))
    if (old.spec.nodeName) errors.push(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'))
  }
  if (old.status.qosClass !== undefined && pod.status.qosClass !== old.status.qosClass) errors.push(invalid('status.qosClass', pod.status.qosClass, immutableMessage))
  return errors
}
