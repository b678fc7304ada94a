/** Replicas as the kinds that count them have it: asked for in the spec, found in the status. Upstream: pkg/apis/apps/validation, pkg/registry/apps. */
import { type FieldError, invalid } from '../../field-error.ts'
import type { AnyObject, ScaleAccess } from '../../kind.ts'

export interface Replicated extends AnyObject {
  spec: { replicas?: number }
  status: { replicas?: number; readyReplicas?: number; availableReplicas?: number }
}

/** The scale subresource. */
export const replicasScale = <T extends Replicated>(selector: (object: T) => string): ScaleAccess<T> => ({
  specReplicas: ({ spec }) => spec.replicas ?? 0,
  setReplicas: (draft, replicas) => void (draft.spec.replicas = replicas),
  statusReplicas: ({ status }) => status.replicas ?? 0,
  selector,
})

/** No part of the replicas is more than all of them. */
export function notAbove(status: Replicated['status'], names: readonly string[], errors: FieldError[], ready = 'readyReplicas'): void {
  for (const name of names) {
    const value: unknown = (status as { [count: string]: unknown })[name]
    if (typeof value === 'number' && value > (status.replicas ?? 0)) errors.push(invalid(`status.${name}`, value, 'cannot be greater than status.replicas'))
  }
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0)) errors.push(invalid('status.availableReplicas', status.availableReplicas, `cannot be greater than ${ready}`))
}

/** Names that were once taken stay counted, or they would be tried again. */
export function noFewerCollisions({ collisionCount = 0 }: { collisionCount?: number }, old: { collisionCount?: number }, errors: FieldError[]): void {
  if (collisionCount < (old.collisionCount ?? 0)) errors.push(invalid('status.collisionCount', collisionCount, 'cannot be decremented'))
}
