/** Turns a Pod's priority class into its priority; only one class may be everybody's default (upstream: plugin/pkg/admission/priority/admission.go). */
import { systemPriorityClasses } from '../../api/kinds/priority-class.ts'
import type { Pod } from '../../api/types/core.ts'
import type { PriorityClass } from '../../api/types/scheduling.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission, AdmissionRequest } from './admission.ts'

interface Rank {
  readonly name: string
  readonly value: number
  readonly preemptionPolicy: 'Never' | 'PreemptLowerPriority'
}

const rankOf = ({ metadata, value = 0, preemptionPolicy = 'PreemptLowerPriority' }: PriorityClass): Rank => ({ name: metadata.name, value, preemptionPolicy })
const unranked: Rank = { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' }

export const priority = (lookup: Lookup): Admission => {
  /** Of several, the lowest. */
  const defaultClass = (): PriorityClass | undefined => {
    const found = (lookup.list('PriorityClass') as unknown as PriorityClass[]).filter(({ globalDefault }) => globalDefault)
    return found.length === 0 ? undefined : found.reduce((low, one) => ((one.value ?? 0) < (low.value ?? 0) ? one : low))
  }
  const classNamed = (name: string): Rank | undefined => {
    const stored = lookup.get('PriorityClass', undefined, name) as unknown as PriorityClass | undefined
    if (stored) return rankOf(stored)
    // The first Pods may come before the classes that every cluster has are written down.
    const system = systemPriorityClasses.find((one) => one.name === name)
    return system && { ...unranked, name, value: system.value }
  }
  return {
    name: 'Priority',
    kinds: ['Pod', 'PriorityClass'],
    mutate(request) {
      const { operation, face, draft, old, subresource } = request
      if (face.definition.kind !== 'Pod' || subresource !== undefined) return
      const { spec } = draft as unknown as Pod
      if (operation === 'create') return rank(request, spec, spec.priorityClassName ? classNamed(spec.priorityClassName) : defaultRank(defaultClass()))
      const before = (old as unknown as Pod | undefined)?.spec
      if (before?.priority !== undefined) spec.priority ??= before.priority
      if (before?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy
    },
    validate({ operation, face, name, draft, subresource }) {
      if (operation === 'delete' || face.definition.kind !== 'PriorityClass' || subresource !== undefined) return
      if (!(draft as unknown as PriorityClass).globalDefault) return
      const present = defaultClass()
      if (!present || (operation === 'update' && present.metadata.name === draft.metadata.name)) return
      throw objectForbidden(served(face), name, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`)
    },
  }
}

const defaultRank = (one: PriorityClass | undefined): Rank => (one ? rankOf(one) : unranked)

function rank({ face, name }: AdmissionRequest, spec: Pod['spec'], found: Rank | undefined): void {
  const refuse = (why: string) => objectForbidden(served(face), name, why)
  if (!found) throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`)
  if (spec.priority !== undefined && spec.priority !== found.value) {
    throw refuse(`the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`)
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== found.preemptionPolicy) {
    throw refuse(`the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${found.preemptionPolicy} from the given PriorityClass name`)
  }
  if (found.name !== '') spec.priorityClassName = found.name
  spec.priority = found.value
  spec.preemptionPolicy = found.preemptionPolicy
}
