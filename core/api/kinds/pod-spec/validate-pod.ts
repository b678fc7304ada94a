/** Validation of a Pod. Upstream: pkg/apis/core/validation, ValidatePodCreate. */
import { type FieldError, forbidden, invalid } from '../../field-error.ts'
import type { Container, Pod } from '../../types/core.ts'
import { validatePodSpec } from './validate-spec.ts'

const mirror = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

export const validateNewPod = ({ spec }: Pod): FieldError[] => (spec.ephemeralContainers?.length ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : [])

export function validatePod(pod: Pod): FieldError[] {
  const errors: FieldError[] = []
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length) errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  const annotations = pod.metadata.annotations ?? {}
  if (annotations[mirror] !== undefined && !pod.spec.nodeName) errors.push(invalid(`metadata.annotations[${mirror}]`, annotations[mirror], 'must set spec.nodeName if mirror pod annotation is set'))
  const cost = annotations[deletionCost]
  if (cost !== undefined && (!/^(0|-?[1-9]\d*)$/.test(cost) || Math.abs(Number(cost)) > 2_147_483_647)) errors.push(invalid(`metadata.annotations[${deletionCost}]`, cost, 'must be a 32bit integer'))
  validatePodSpec(pod.spec, 'spec', errors)
  trimmed(pod.spec.containers ?? [], 'spec.containers', errors)
  trimmed(pod.spec.initContainers ?? [], 'spec.initContainers', errors)
  return errors
}

function trimmed(containers: readonly Container[], path: string, errors: FieldError[]): void {
  for (const [i, { image = '' }] of containers.entries()) if (image !== image.trim()) errors.push(invalid(`${path}[${i}].image`, image, 'must not have leading or trailing whitespace'))
}
