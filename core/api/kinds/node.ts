/** Node. Upstream: pkg/registry/core/node/strategy.go, pkg/apis/core/validation. */
import { duplicate, type FieldError, forbidden, invalid } from '../field-error.ts'
import { cidrMessage, isCidr } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { labelKey, labelValue } from '../names.ts'
import type { Node, Taint } from '../types/core.ts'
import { ageColumn, nameColumn, noneIfEmpty } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateNodeResources } from './pod-spec/validate-resources.ts'
import { validateEffect } from './pod-spec/validate-scheduling.ts'

const rolePrefix = 'node-role.kubernetes.io/'

export const node = defineKind<Node>({
  kind: 'Node',
  group: '',
  version: 'v1',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.core.v1.Node',
  tracksGeneration: false,
  keepsStatusOnCreate: true,
  subresources: { status: true },

  default(draft) {
    if (draft.status?.capacity) draft.status.allocatable ??= { ...draft.status.capacity }
  },
  validate: validateNode,
  validateUpdate: validateChange,
  validateStatusUpdate(object, old) {
    const errors: FieldError[] = []
    validateAmounts(object, errors)
    return [...errors, ...validateChange(object, old)]
  },
  warnings: ({ spec }) => [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
  ],

  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: nodeStatus },
    { name: 'Roles', type: 'string', cell: (object) => noneIfEmpty(nodeRoles(object).join(',')) },
    ageColumn,
    { name: 'Version', type: 'string', cell: ({ status }) => status.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', type: 'string', priority: 1, cell: (object) => noneIfEmpty(address(object, 'InternalIP')) },
    { name: 'External-IP', type: 'string', priority: 1, cell: (object) => noneIfEmpty(address(object, 'ExternalIP')) },
    { name: 'OS-Image', type: 'string', priority: 1, cell: ({ status }) => status.nodeInfo?.osImage || '<unknown>' },
    {
      name: 'Kernel-Version',
      type: 'string',
      priority: 1,
      cell: ({ status }) => `${status.nodeInfo?.kernelVersion || '<unknown>'}${status.nodeInfo?.architecture ? ` (${status.nodeInfo.architecture})` : ''}`,
    },
    { name: 'Container-Runtime', type: 'string', priority: 1, cell: ({ status }) => status.nodeInfo?.containerRuntimeVersion || '<unknown>' },
  ],
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  refs: ({ metadata }) => ownerRefs(metadata),
})

function nodeStatus({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec.unschedulable ? `${word},SchedulingDisabled` : word
}

/** From labels `node-role.kubernetes.io/<role>` and `kubernetes.io/role`. */
function nodeRoles({ metadata }: Node): string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort()
}

const address = ({ status }: Node, type: string) => status.addresses?.find((candidate) => candidate.type === type)?.address

function validateNode(object: Node): FieldError[] {
  const errors: FieldError[] = []
  validateTaints(object.spec.taints ?? [], errors)
  for (const [i, cidr] of (object.spec.podCIDRs ?? []).entries()) if (!isCidr(cidr)) errors.push(invalid(`spec.podCIDRs[${i}]`, cidr, cidrMessage))
  validateAmounts(object, errors)
  return errors
}

function validateAmounts({ status }: Node, errors: FieldError[]): void {
  validateNodeResources(status.capacity, 'status.capacity', errors)
  validateNodeResources(status.allocatable, 'status.allocatable', errors)
}

function validateTaints(taints: readonly Taint[], errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const [i, taint] of taints.entries()) {
    // Upstream places them under metadata.
    const at = `metadata.taints[${i}]`
    for (const sentence of labelKey(taint.key)) errors.push(invalid(`${at}.key`, taint.key, sentence))
    const wrong = labelValue(taint.value ?? '')
    if (wrong.length > 0) errors.push(invalid(`${at}.value`, taint.value, wrong.join(';')))
    validateEffect(taint.effect, `${at}.effect`, errors)
    const key = `${taint.effect}/${taint.key}`
    if (seen.has(key)) errors.push({ ...duplicate(at, taint), message: `${duplicate(at, taint).message}: taints must be unique by key and effect pair` })
    seen.add(key)
  }
}

function validateChange(object: Node, old: Node): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, candidate] of (object.status.addresses ?? []).entries()) {
    const key = `${candidate.type}/${candidate.address}`
    if (seen.has(key)) errors.push(duplicate(`status.addresses[${i}]`, candidate))
    seen.add(key)
  }
  const before = old.spec.podCIDRs ?? []
  if (before.length > 0 && before.join() !== (object.spec.podCIDRs ?? []).join()) errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  if (old.spec.providerID && old.spec.providerID !== object.spec.providerID) errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  if (old.spec.externalID !== object.spec.externalID) errors.push(forbidden('spec.externalID', 'may not be updated'))
  return errors
}
