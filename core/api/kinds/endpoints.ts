/** Endpoints, the older form of EndpointSlices. Upstream: pkg/apis/core/validation, ValidateEndpoints. */
import { type FieldError, invalid, notSupported, required } from '../field-error.ts'
import { ipMessage, isIp } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { dns1123Label, dns1123Subdomain, portNumber } from '../names.ts'
import type { EndpointAddress, EndpointPort, Endpoints } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

const deprecation = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'

export const endpoints = defineKind<Endpoints>({
  kind: 'Endpoints',
  group: '',
  version: 'v1',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.Endpoints',
  tracksGeneration: false,
  createOnUpdate: true,
  subresources: {},

  default(draft) {
    for (const { ports = [] } of draft.subsets ?? []) for (const port of ports) port.protocol ??= 'TCP'
  },
  validate: validateEndpoints,
  deprecation,
  warnings: () => [deprecation],

  columns: [nameColumn, { name: 'Endpoints', type: 'string', cell: endpointsText }, ageColumn],
  selectableFields: {},
  refs: ({ metadata, subsets = [] }) => [
    ...ownerRefs(metadata),
    { how: 'about', optional: true, to: { kind: 'Service', namespace: metadata.namespace ?? '', name: metadata.name } },
    ...subsets.flatMap(({ addresses = [], notReadyAddresses = [] }) =>
      [...addresses, ...notReadyAddresses].flatMap(({ targetRef }) =>
        targetRef?.kind && targetRef.name ? [{ how: 'routes-to', to: { kind: targetRef.kind, namespace: targetRef.namespace ?? metadata.namespace ?? '', name: targetRef.name } } as const] : [],
      ),
    ),
  ],
})

function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const hosts = addresses.map(({ ip }) => ip)
    return ports.length === 0 ? hosts : ports.flatMap(({ port }) => hosts.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  })
  return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',')
}

function validateEndpoints({ subsets = [] }: Endpoints): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, { addresses = [], notReadyAddresses = [], ports = [] }] of subsets.entries()) {
    const at = `subsets[${i}]`
    if (addresses.length === 0 && notReadyAddresses.length === 0) errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'))
    for (const [j, address] of addresses.entries()) validateAddress(address, `${at}.addresses[${j}]`, errors)
    for (const [j, address] of notReadyAddresses.entries()) validateAddress(address, `${at}.notReadyAddresses[${j}]`, errors)
    for (const [j, port] of ports.entries()) validatePort(port, ports.length > 1, `${at}.ports[${j}]`, errors)
  }
  return errors
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string, errors: FieldError[]): void {
  if (!isIp(ip)) errors.push(invalid(`${path}.ip`, ip, ipMessage))
  if (hostname) for (const sentence of dns1123Label(hostname)) errors.push(invalid(`${path}.hostname`, hostname, sentence))
  if (nodeName !== undefined) for (const sentence of dns1123Subdomain(nodeName)) errors.push(invalid(`${path}.nodeName`, nodeName, sentence))
  errors.push(...specialIp(ip, `${path}.ip`))
}

/** Addresses that no endpoint may have. */
export function specialIp(ip: string, path: string): FieldError[] {
  if (!isIp(ip)) return [invalid(path, ip, 'must be a valid IP address')]
  const why = []
  if (ip === '0.0.0.0' || ip === '::') why.push(`may not be unspecified (${ip})`)
  if (ip.startsWith('127.') || ip === '::1') why.push('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (ip.startsWith('169.254.') || /^fe[89ab]/i.test(ip)) why.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  if (ip.startsWith('224.0.0.') || /^ff02:/i.test(ip)) why.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  return why.map((sentence) => invalid(path, ip, sentence))
}

function validatePort({ name, port, protocol }: EndpointPort, needsName: boolean, path: string, errors: FieldError[]): void {
  if (needsName && !name) errors.push(required(`${path}.name`))
  else if (name) for (const sentence of dns1123Label(name)) errors.push(invalid(`${path}.name`, name, sentence))
  for (const sentence of portNumber(port)) errors.push(invalid(`${path}.port`, port, sentence))
  if (protocol === undefined) errors.push(required(`${path}.protocol`))
  else if (!protocols.includes(protocol)) errors.push(notSupported(`${path}.protocol`, protocol, protocols))
}
