/** PriorityClass. Upstream: pkg/registry/scheduling/priorityclass/strategy.go, pkg/apis/scheduling/validation, pkg/apis/scheduling/v1/helpers.go. */
import { type FieldError, forbidden, notSupported } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { PriorityClass } from '../types/scheduling.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const userValueAtMost = 1_000_000_000
const systemPrefix = 'system-'

/** The classes that every cluster has; names with their prefix are reserved for them. */
export const systemPriorityClasses = [
  { name: 'system-node-critical', value: 2_000_001_000, description: 'Used for system critical pods that must not be moved from their current node.' },
  { name: 'system-cluster-critical', value: 2_000_000_000, description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.' },
] as const

export const priorityClass = defineKind<PriorityClass>({
  kind: 'PriorityClass',
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  tracksGeneration: true,
  // Upstream sets the first generation and never another.
  generationOf: () => undefined,
  subresources: {},
  default(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate(object) {
    const { metadata, value = 0, globalDefault = false, preemptionPolicy } = object
    const errors: FieldError[] = []
    if (metadata.name.startsWith(systemPrefix)) {
      const wrong = notSystem(metadata.name, value, globalDefault)
      if (wrong !== undefined) errors.push(forbidden('metadata.name', `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${wrong}`))
    } else if (value > userValueAtMost) errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${userValueAtMost}`))
    if (preemptionPolicy !== undefined && !policies.includes(preemptionPolicy)) errors.push(notSupported('preemptionPolicy', preemptionPolicy, policies))
    return errors
  },
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    if ((object.value ?? 0) !== (old.value ?? 0)) errors.push(forbidden('value', 'may not be changed in an update.'))
    return [...errors, ...immutable('preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy)]
  },

  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', cell: ({ value }) => value ?? 0 },
    { name: 'Global-Default', type: 'boolean', cell: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    { name: 'PreemptionPolicy', type: 'string', cell: ({ preemptionPolicy }) => preemptionPolicy ?? '' },
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

const policies = ['PreemptLowerPriority', 'Never']

/** Why a class of a reserved name is none of the system's; undefined where it is. */
function notSystem(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = systemPriorityClasses.find((one) => one.name === name)
  if (known === undefined) return `${name} is not a known system priority class`
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
