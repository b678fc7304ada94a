/** IPAddress: one address of a Service range, and whose it is. Upstream: pkg/apis/networking/validation, pkg/registry/networking/ipaddress. */
import { type FieldError, invalid, required } from '../field-error.ts'
import { ipMessage } from '../ip.ts'
import { canonicalAddress } from '../ip-range.ts'
import { defineKind } from '../kind.ts'
import { dns1123Subdomain, pathSegment } from '../names.ts'
import type { IPAddress } from '../types/networking.ts'
import { nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const ipAddress = defineKind<IPAddress>({
  kind: 'IPAddress',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.IPAddress',
  tracksGeneration: false,
  // An IPv6 address is no subdomain; `validate` says what a name must be.
  nameRule: 'path-segment',
  subresources: {},

  validate: validateAddress,
  validateUpdate: ({ spec }, old) => immutable('spec.parentRef', spec.parentRef, old.spec.parentRef),

  columns: [nameColumn, { name: 'ParentRef', type: 'string', cell: ({ spec }) => parentText(spec?.parentRef) }],
  selectableFields: {},
  refs: ({ metadata, spec }) => [
    ...ownerRefs(metadata),
    ...(isServiceRef(spec?.parentRef) ? [{ how: 'about', to: { kind: 'Service', namespace: spec.parentRef.namespace ?? '', name: spec.parentRef.name } } as const] : []),
  ],
})

const isServiceRef = (parent: IPAddress['spec']['parentRef'] | undefined): boolean => !parent?.group && parent?.resource === 'services'

function parentText(parent: IPAddress['spec']['parentRef'] | undefined): string {
  if (!parent) return '<none>'
  const { group, resource, namespace, name } = parent
  return [`${resource}${group ? `.${group}` : ''}`.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/')
}

function validateAddress({ metadata, spec }: IPAddress): FieldError[] {
  const errors: FieldError[] = []
  const name = metadata.name ?? ''
  const canonical = canonicalAddress(name)
  if (canonical === undefined) errors.push(invalid('metadata.name', name, ipMessage))
  else if (canonical !== name) errors.push(invalid('metadata.name', name, `must be in canonical form ("${canonical}")`))
  const parent = spec?.parentRef
  if (!parent) return [...errors, required('spec.parentRef')]
  if (parent.group) for (const sentence of dns1123Subdomain(parent.group)) errors.push(invalid('spec.parentRef.group', parent.group, sentence))
  for (const field of ['resource', 'name'] as const) {
    if (!parent[field]) errors.push(required(`spec.parentRef.${field}`))
    else for (const sentence of pathSegment(parent[field])) errors.push(invalid(`spec.parentRef.${field}`, parent[field], sentence))
  }
  if (parent.namespace) for (const sentence of pathSegment(parent.namespace)) errors.push(invalid('spec.parentRef.namespace', parent.namespace, sentence))
  return errors
}
