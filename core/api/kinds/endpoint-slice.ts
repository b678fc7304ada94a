/** EndpointSlice. Upstream: pkg/apis/discovery/validation, pkg/registry/discovery/endpointslice. */
import { equal } from '../../base/json.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../field-error.ts'
import { ipMessage, isIp, isIpv4, isIpv6 } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { dns1123Label, dns1123Subdomain, labelKey, labelValue } from '../names.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../types/discovery.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { specialIp } from './endpoints.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const serviceLabel = 'kubernetes.io/service-name'
const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']
const most = { endpoints: 1000, addresses: 100, ports: 20000, zones: 8, nodes: 8 }

export const endpointSlice = defineKind<EndpointSlice>({
  kind: 'EndpointSlice',
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  tracksGeneration: true,
  generationOf: ({ metadata, addressType, endpoints, ports }) => [addressType, endpoints, ports, metadata.labels],
  subresources: {},

  default(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareForCreate: dropTopology,
  prepareForUpdate(draft, old) {
    if (!equal(draft.endpoints, old.endpoints)) dropTopology(draft)
  },
  validate: validateSlice,
  validateUpdate: (object, old) => immutable('addressType', object.addressType, old.addressType),
  warnings: ({ addressType }) => (addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),

  columns: [
    nameColumn,
    { name: 'AddressType', type: 'string', cell: ({ addressType }) => addressType },
    { name: 'Ports', type: 'string', cell: ({ ports = [] }) => firstThree(ports.map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port))), '<unset>') },
    { name: 'Endpoints', type: 'string', cell: ({ endpoints }) => firstThree((endpoints ?? []).flatMap(({ addresses }) => addresses), '<unset>') },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata, endpoints }) => [
    ...ownerRefs(metadata),
    ...(metadata.labels?.[serviceLabel] === undefined ? [] : [{ how: 'about', to: { kind: 'Service', namespace: metadata.namespace ?? '', name: metadata.labels[serviceLabel] } } as const]),
    ...(endpoints ?? []).flatMap(({ targetRef }) =>
      targetRef?.kind && targetRef.name
        ? [{ how: 'routes-to', to: { kind: targetRef.kind, namespace: targetRef.namespace ?? metadata.namespace ?? '', name: targetRef.name, ...(targetRef.uid === undefined ? {} : { uid: targetRef.uid }) } } as const]
        : [],
    ),
  ],
})

function dropTopology(draft: EndpointSlice): void {
  for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology
}

function firstThree(items: readonly string[], none: string): string {
  if (items.length === 0) return none
  return items.length > 3 ? `${items.slice(0, 3).join(',')} + ${items.length - 3} more...` : items.join(',')
}

function validateSlice(slice: EndpointSlice): FieldError[] {
  const errors: FieldError[] = []
  if (!slice.addressType) errors.push(required('addressType'))
  else if (!addressTypes.includes(slice.addressType)) errors.push(notSupported('addressType', slice.addressType, addressTypes))
  validatePorts(slice.ports ?? [], errors)
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > most.endpoints) errors.push(tooMany('endpoints', endpoints.length, most.endpoints))
  else for (const [i, endpoint] of endpoints.entries()) validateEndpoint(endpoint, slice.addressType, `endpoints[${i}]`, errors)
  return errors
}

function validatePorts(ports: readonly EndpointPort[], errors: FieldError[]): void {
  if (ports.length > most.ports) return void errors.push(tooMany('ports', ports.length, most.ports))
  const names = new Set<string>()
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    if (name !== '') for (const sentence of dns1123Label(name)) errors.push(invalid(`ports[${i}].name`, name, sentence))
    if (names.has(name)) errors.push(duplicate(`ports[${i}].name`, name))
    names.add(name)
    if (protocol === undefined) errors.push(required(`ports[${i}].protocol`))
    else if (!protocols.includes(protocol)) errors.push(notSupported(`ports[${i}].protocol`, protocol, protocols))
    if (appProtocol !== undefined) for (const sentence of labelKey(appProtocol)) errors.push(invalid(`ports[${i}].appProtocol`, appProtocol, sentence))
  }
}

function validateEndpoint(endpoint: Endpoint, type: string, path: string, errors: FieldError[]): void {
  const { addresses, nodeName, hostname, hints } = endpoint
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
  else if (addresses.length > most.addresses) errors.push(tooMany(`${path}.addresses`, addresses.length, most.addresses))
  for (const [i, address] of addresses.entries()) {
    const at = `${path}.addresses[${i}]`
    if (type === 'IPv4' || type === 'IPv6') {
      if (!isIp(address)) errors.push(invalid(at, address, ipMessage))
      else {
        if (type === 'IPv4' ? !isIpv4(address) : !isIpv6(address)) errors.push(invalid(`${path}.addresses`, address, `must be an ${type} address`))
        errors.push(...specialIp(address, at))
      }
    } else if (type === 'FQDN') for (const sentence of dns1123Subdomain(address.replace(/\.$/, ''))) errors.push(invalid(at, address, sentence))
  }
  if (nodeName !== undefined) for (const sentence of dns1123Subdomain(nodeName)) errors.push(invalid(`${path}.nodeName`, nodeName, sentence))
  if (hostname !== undefined) for (const sentence of dns1123Label(hostname)) errors.push(invalid(`${path}.hostname`, hostname, sentence))
  validateHints(hints?.forZones ?? [], most.zones, labelValue, `${path}.hints.forZones`, errors)
  validateHints(hints?.forNodes ?? [], most.nodes, dns1123Subdomain, `${path}.hints.forNodes`, errors)
}

function validateHints(hints: readonly { name: string }[], limit: number, check: (name: string) => string[], path: string, errors: FieldError[]): void {
  if (hints.length > limit) return void errors.push(tooMany(path, hints.length, limit))
  const names = new Set<string>()
  for (const [i, { name }] of hints.entries()) {
    if (names.has(name)) errors.push(duplicate(`${path}[${i}].name`, name))
    names.add(name)
    for (const sentence of check(name)) errors.push(invalid(`${path}[${i}].name`, name, sentence))
  }
}
