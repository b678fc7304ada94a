/**
 * Cluster names, as a pure lookup in the snapshot. Follows the Kubernetes DNS specification 1.1.0 and what CoreDNS answers
 * in a kubeadm cluster (ttl 30 s, 5 s for ExternalName, Pod names by dashed address without asking whether they exist).
 */
import type { Answer } from 'dns-packet'
import { isIpv4 } from '../../api/ip.ts'
import type { Service } from '../../api/types/core.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { contains, parseRange, type Range } from '../ipv4.ts'

export interface Zone {
  /** cluster.local */
  readonly domain: string
  /** Address of the cluster DNS itself. */
  readonly dns: string
  /** Reverse names in these ranges are ours. */
  readonly ranges: readonly string[]
}

export type Lookup =
  /** Not a cluster name: ask the machine's resolvers. */
  | { readonly found: 'elsewhere' }
  | { readonly found: 'no-name' }
  /** The name is there, but nothing of this type. */
  | { readonly found: 'no-data' }
  | { readonly found: 'records'; readonly answers: readonly Answer[]; readonly additionals: readonly Answer[] }

const ttl = 30
const externalTtl = 5
const serviceNameLabel = 'kubernetes.io/service-name'
const noName: Lookup = { found: 'no-name' }
const noData: Lookup = { found: 'no-data' }

interface Endpoint {
  readonly address: string
  /** Its own label under the Service. */
  readonly label: string
  readonly ports: readonly { name: string; port: number; protocol: string }[]
}

export function lookup(name: string, type: string, snapshot: Snapshot, zone: Zone): Lookup {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  if (wanted.endsWith('.in-addr.arpa')) return reverse(wanted, type, snapshot, zone)
  if (wanted !== zone.domain && !wanted.endsWith(`.${zone.domain}`)) return { found: 'elsewhere' }
  const labels = wanted === zone.domain ? [] : wanted.slice(0, -zone.domain.length - 1).split('.')
  const [kind, ...rest] = labels.reverse()
  switch (kind) {
    case undefined:
      return type === 'SOA' ? records([soa(zone)]) : type === 'NS' ? records([{ type: 'NS', name: wanted, ttl, data: `ns.dns.${zone.domain}` }], [a(`ns.dns.${zone.domain}`, zone.dns)]) : noData
    case 'svc':
      return service(wanted, type, rest, snapshot, zone)
    case 'pod':
      return pod(wanted, type, rest, snapshot)
    case 'dns':
      if (rest.length === 0) return noData
      return rest.length === 1 && rest[0] === 'ns' ? addresses(wanted, type, [zone.dns]) : noName
    case 'dns-version':
      return rest.length > 0 ? noName : type === 'TXT' ? records([{ type: 'TXT', name: wanted, ttl, data: '1.1.0' }]) : noData
    default:
      return noName
  }
}

/** For answers without records: says how long that may be remembered. */
export const soa = (zone: Zone): Answer => ({
  type: 'SOA',
  name: zone.domain,
  ttl,
  data: { mname: `ns.dns.${zone.domain}`, rname: `hostmaster.${zone.domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86400, minimum: ttl },
})

/** `labels` from the namespace outwards: [namespace, service, …]. */
function service(wanted: string, type: string, labels: readonly string[], snapshot: Snapshot, zone: Zone): Lookup {
  const [namespace, name, ...more] = labels
  if (namespace === undefined) return noData
  if (!snapshot.get('Namespace', undefined, namespace)) return noName
  if (name === undefined) return noData
  const found = snapshot.get<Service>('Service', namespace, name)
  if (!found) return noName
  const full = `${name}.${namespace}.svc.${zone.domain}`
  const { spec } = found
  if (spec?.type === 'ExternalName') {
    if (more.length > 0 || !spec.externalName) return noName
    return records([{ type: 'CNAME', name: wanted, ttl: externalTtl, data: spec.externalName.replace(/\.$/, '') }])
  }
  const headless = !spec?.clusterIP || spec.clusterIP === 'None'
  if (more.length === 0) {
    if (type === 'SRV') return srv(wanted, found, full, headless ? endpointsOf(found, snapshot) : undefined, () => true)
    if (!headless) return addresses(wanted, type, spec.clusterIPs ?? [spec.clusterIP!])
    const endpoints = endpointsOf(found, snapshot)
    return addresses(wanted, type, unique(endpoints.map(({ address }) => address)))
  }
  if (more.length === 1) {
    const matching = endpointsOf(found, snapshot).filter(({ label }) => label === more[0])
    // Only a headless Service names its Pods.
    return !headless || matching.length === 0 ? noName : addresses(wanted, type, unique(matching.map(({ address }) => address)))
  }
  const [protocol, port] = more
  if (more.length !== 2 || !protocol!.startsWith('_') || !port!.startsWith('_')) return noName
  const fits = (one: { name?: string; protocol?: string }) => (one.name ?? '').toLowerCase() === port!.slice(1) && (one.protocol ?? 'TCP').toLowerCase() === protocol!.slice(1)
  const endpoints = headless ? endpointsOf(found, snapshot).filter((endpoint) => endpoint.ports.some(fits)) : undefined
  if (endpoints ? endpoints.length === 0 : !(spec?.ports ?? []).some(fits)) return noName
  if (type === 'SRV') return srv(wanted, found, full, endpoints, fits)
  return addresses(wanted, type, endpoints ? unique(endpoints.map(({ address }) => address)) : (spec?.clusterIPs ?? [spec!.clusterIP!]))
}

function srv(wanted: string, found: Service, full: string, endpoints: readonly Endpoint[] | undefined, fits: (port: { name?: string; protocol?: string }) => boolean): Lookup {
  const answers: Answer[] = []
  const additionals: Answer[] = []
  const add = (port: number, target: string, weight: number) => answers.push({ type: 'SRV', name: wanted, ttl, data: { priority: 0, weight, port, target } })
  if (endpoints) {
    const all = endpoints.flatMap((endpoint) => endpoint.ports.filter(fits).map(({ port }) => ({ endpoint, port })))
    for (const { endpoint, port } of all) add(port, `${endpoint.label}.${full}`, Math.floor(100 / all.length))
    for (const { address, label } of endpoints) additionals.push(a(`${label}.${full}`, address))
  } else {
    const ports = (found.spec?.ports ?? []).filter(fits)
    for (const { port } of ports) add(port, full, Math.floor(100 / ports.length))
    for (const address of found.spec?.clusterIPs ?? [found.spec?.clusterIP ?? '']) additionals.push(a(full, address))
  }
  return answers.length === 0 ? noName : records(answers, additionals)
}

function pod(wanted: string, type: string, labels: readonly string[], snapshot: Snapshot): Lookup {
  const [namespace, dashed, ...more] = labels
  if (namespace === undefined) return noData
  if (more.length > 0 || !snapshot.get('Namespace', undefined, namespace)) return noName
  if (dashed === undefined) return noData
  const v4 = dashed.replaceAll('-', '.')
  if (isIpv4(v4)) return addresses(wanted, type, [v4])
  return /^[0-9a-f-]+$/.test(dashed) && dashed.split('-').length > 2 ? addresses(wanted, type, [dashed.replaceAll('-', ':')]) : noName
}

function reverse(wanted: string, type: string, snapshot: Snapshot, zone: Zone): Lookup {
  const address = wanted.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.')
  const ranges = zone.ranges.map(parseRange).filter((range) => range !== undefined) as Range[]
  if (!isIpv4(address) || !ranges.some((range) => contains(range, address))) return { found: 'elsewhere' }
  const names: string[] = []
  for (const one of snapshot.list<Service>('Service')) {
    const { name, namespace } = one.metadata
    if ((one.spec?.clusterIPs ?? [one.spec?.clusterIP]).includes(address)) names.push(`${name}.${namespace}.svc.${zone.domain}`)
  }
  if (names.length === 0) {
    for (const slice of snapshot.list<EndpointSlice>('EndpointSlice')) {
      const owner = slice.metadata.labels?.[serviceNameLabel]
      for (const endpoint of slice.endpoints ?? []) {
        if (owner !== undefined && endpoint.addresses.includes(address)) names.push(`${labelOf(endpoint.hostname, address)}.${owner}.${slice.metadata.namespace}.svc.${zone.domain}`)
      }
    }
  }
  if (names.length === 0) return noName
  return type === 'PTR' ? records(unique(names).map((data) => ({ type: 'PTR', name: wanted, ttl, data }))) : noData
}

function endpointsOf(found: Service, snapshot: Snapshot): Endpoint[] {
  const { name, namespace = '' } = found.metadata
  const endpoints: Endpoint[] = []
  for (const slice of snapshot.labelled<EndpointSlice>('EndpointSlice', namespace, { [serviceNameLabel]: name })) {
    if (slice.addressType === 'FQDN') continue
    const ports = (slice.ports ?? []).map((port) => ({ name: port.name ?? '', port: port.port ?? 0, protocol: port.protocol ?? 'TCP' }))
    for (const { addresses: all, conditions, hostname } of slice.endpoints ?? []) {
      if (conditions?.ready === false) continue
      for (const address of all) endpoints.push({ address, label: labelOf(hostname, address), ports })
    }
  }
  return endpoints
}

const labelOf = (hostname: string | undefined, address: string): string => hostname || address.replaceAll(/[.:]/g, '-')
const unique = (all: readonly string[]): string[] => [...new Set(all)]
const records = (answers: readonly Answer[], additionals: readonly Answer[] = []): Lookup => ({ found: 'records', answers, additionals })
const a = (name: string, address: string): Answer => ({ type: isIpv4(address) ? 'A' : 'AAAA', name, ttl, data: address })

function addresses(name: string, type: string, all: readonly string[]): Lookup {
  const fitting = all.filter((address) => (type === 'ANY' ? true : type === (isIpv4(address) ? 'A' : 'AAAA')))
  return fitting.length === 0 ? noData : records(fitting.map((address) => a(name, address)))
}
