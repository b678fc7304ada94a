/**
 * One step between decoding and storing. `mutate` edits the draft, `validate` only looks; both refuse by throwing ApiError.
 * `claim` reserves what lives outside the object (addresses, ports); the claim is settled when the write is known to
 * have happened or not. All are synchronous and see the present state only through what they were built with.
 */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Caller, Face } from '../registry/registry.ts'

export interface AdmissionRequest {
  readonly operation: 'create' | 'update' | 'delete'
  readonly face: Face
  readonly namespace: string | undefined
  /** While a name is still to be generated: what it will begin with. */
  readonly name: string
  readonly subresource: string | undefined
  /** In storage form. Absent on delete. */
  readonly draft: NewObject
  readonly old: KubeObject | undefined
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface Claim {
  /** The write is durable: give back what the old object held and the new one does not. */
  settle(): void
  /** The write did not happen: give back what was reserved. */
  release(): void
}

export interface Admission {
  readonly name: string
  /** Kinds it looks at; absent: all. */
  readonly kinds?: readonly string[]
  mutate?(request: AdmissionRequest): void
  validate?(request: AdmissionRequest): void
  claim?(request: AdmissionRequest): Claim | undefined
}

export const concerns = (step: Admission, kind: string): boolean => step.kinds === undefined || step.kinds.includes(kind)
