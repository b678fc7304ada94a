/** Panels of ways in and of address ranges: where each path leads and who answers there. Pure. */
import { doorOf, ownController } from '../../../../core/api/ingress-door.ts'
import type { IPAddress, Ingress, IngressBackend, IngressClass, ServiceCIDR } from '../../../../core/api/types/networking.ts'
import type { EndpointSlice } from '../../../../core/api/types/discovery.ts'
import { count } from '../../../words/amounts.ts'
import { ingressUrls } from '../../../words/ingress.ts'
import type { World } from '../../../words/world.ts'
import { cell, inNamespace, linked, mono, type Cell, type Part } from './part.ts'

const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class'

/** Ready endpoints behind a Service, by its slices. */
export function answering(world: World, namespace: string | undefined, service: string): { ready: number; all: number } {
  const slices = (world.list('EndpointSlice', namespace) as readonly EndpointSlice[]).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service)
  // A Service of two address families has each Pod in two slices.
  const ready = new Set<string>()
  const all = new Set<string>()
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      const key = endpoint.targetRef?.uid ?? endpoint.addresses[0] ?? ''
      all.add(key)
      if (endpoint.conditions?.ready !== false && endpoint.conditions?.terminating !== true) ready.add(key)
    }
  }
  return { ready: ready.size, all: all.size }
}

const pathWords = { Exact: 'exactly', Prefix: 'and below', ImplementationSpecific: 'as its controller reads it' } as const

function backendCells(world: World, namespace: string | undefined, backend: IngressBackend | undefined): [Cell, Cell] {
  const service = backend?.service
  if (!service) return [backend?.resource ? cell(`${backend.resource.kind} ${backend.resource.name}`) : cell('nothing'), cell('')]
  const port = service.port?.name ?? service.port?.number
  const ref = inNamespace('Service', namespace, service.name)
  if (!world.get(ref)) return [cell(service.name, { note: 'is not there', mark: 'failing' }), cell('nobody', { mark: 'failing' })]
  const { ready, all } = answering(world, namespace, service.name)
  return [linked(ref, port === undefined ? {} : { note: `port ${port}` }), cell(ready === 0 ? 'nobody' : ready === all ? count(ready, 'Pod') : `${ready} of ${all} Pods`, { mark: ready === 0 ? 'failing' : ready < all ? 'moving' : 'ready' })]
}

export function ingressParts(world: World, ingress: Ingress): Part[] {
  const { metadata, spec } = ingress
  const urls = new Map(ingressUrls(ingress).map(({ host, path, url }) => [`${host} ${path}`, url]))
  const rows = (spec.rules ?? []).flatMap(({ host = '', http }) => (http?.paths ?? []).map((path): Cell[] => {
    const url = urls.get(`${host} ${path.path ?? '/'}`)
    return [cell(host === '' ? 'any host' : host, url === undefined ? {} : { url }), cell(path.path ?? '/', { mono: true, note: pathWords[path.pathType] }), ...backendCells(world, metadata.namespace, path.backend)]
  }))
  if (spec.defaultBackend) rows.push([cell('any other'), cell('any'), ...backendCells(world, metadata.namespace, spec.defaultBackend)])
  const place = ingress.status?.loadBalancer?.ingress?.[0]
  const named = spec.rules?.some(({ host }) => host !== undefined && host !== '' && !/(^|\.)localhost$/.test(host)) === true
  return [
    rows.length === 0 ? { title: 'Where it leads', say: 'It has no rule and no default Service.' } : { title: 'Where it leads', table: { columns: ['Host', 'Path', 'Service', 'Answers'], rows } },
    {
      title: 'Who serves it',
      ...(place && named ? { say: `A name leads here once it resolves to ${place.hostname ?? place.ip ?? ''}, by DNS or a line in the hosts file.` } : {}),
      facts: [
        { label: 'Class', cell: spec.ingressClassName === undefined ? cell('none named') : linked({ kind: 'IngressClass', name: spec.ingressClassName }) },
        { label: 'Address', cell: place ? mono(`${place.hostname ?? place.ip ?? ''}${(place.ports ?? []).map((one) => `:${one.port}`).join(', ')}`) : cell('none yet') },
        ...(spec.tls ?? []).map(({ hosts = [], secretName }) => ({ label: 'Certificate', cell: secretName === undefined ? cell('its controller’s own') : linked(inNamespace('Secret', metadata.namespace, secretName), { ...(hosts.length === 0 ? {} : { note: `for ${hosts.join(', ')}` }), ...(world.get(inNamespace('Secret', metadata.namespace, secretName)) ? {} : { mark: 'degraded' as const }) }) })),
      ],
    },
  ]
}

export function ingressClassParts(world: World, ingressClass: IngressClass): Part[] {
  const own = ingressClass.spec?.controller === ownController
  const door = own ? doorOf(ingressClass) : {}
  const users = (world.list('Ingress') as readonly Ingress[]).filter(({ spec }) => spec.ingressClassName === ingressClass.metadata.name)
  return [
    {
      title: 'Who serves it',
      say: `${own ? 'Orrery serves Ingresses of this class on this machine’s own port' : `The controller ${ingressClass.spec?.controller ?? ''} serves them`}${door.problem === undefined ? '.' : `, but cannot: ${door.problem}.`}`,
      facts: [
        { label: 'Default', cell: cell(ingressClass.metadata.annotations?.[defaultClassAnnotation] === 'true' ? 'yes: for Ingresses that name no class' : 'no') },
        ...(door.address === undefined ? [] : [{ label: 'Listens at', cell: mono(`${door.address}${door.http === undefined ? '' : `:${door.http}`}${door.https === undefined ? '' : `, :${door.https} (TLS)`}`) }]),
      ],
    },
    users.length === 0 ? { title: 'Ingresses of this class', say: 'None.' } : { title: 'Ingresses of this class', table: { columns: ['Ingress', 'Namespace', 'Hosts'], rows: users.map((ingress) => [linked(inNamespace('Ingress', ingress.metadata.namespace, ingress.metadata.name)), cell(ingress.metadata.namespace ?? ''), cell((ingress.spec.rules ?? []).map(({ host }) => host ?? 'any').join(', ') || 'any')]) } },
  ]
}

/** A Service's addresses, one by one. */
export function sliceParts(slice: EndpointSlice): Part[] {
  const { metadata } = slice
  const service = metadata.labels?.['kubernetes.io/service-name']
  const endpoints = slice.endpoints ?? []
  const ports = (slice.ports ?? []).map(({ name, port, protocol }) => `${port ?? 'any'}${protocol !== undefined && protocol !== 'TCP' ? ` ${protocol}` : ''}${name ? ` (${name})` : ''}`)
  return [
    { title: 'Whose addresses', facts: [
      { label: 'Service', cell: service === undefined ? cell('none') : linked(inNamespace('Service', metadata.namespace, service)) },
      { label: 'Ports', cell: cell(ports.join(', ') || 'none') },
      { label: 'Addresses', cell: cell(slice.addressType) },
    ] },
    endpoints.length === 0 ? { title: 'Who answers', say: 'Nobody: no Pod that the Service selects has an address.' } : {
      title: 'Who answers', ...(endpoints.length > 50 ? { say: `The first 50 of ${endpoints.length}.` } : {}),
      table: { columns: ['Address', 'Pod', 'Machine', 'Traffic'], rows: endpoints.slice(0, 50).map(({ addresses, targetRef, nodeName, conditions }): Cell[] => [
        mono(addresses.join(', ')),
        targetRef?.kind === 'Pod' && targetRef.name ? linked(inNamespace('Pod', metadata.namespace, targetRef.name)) : cell(targetRef?.name ?? ''),
        nodeName ? linked({ kind: 'Node', name: nodeName }) : cell(''),
        conditions?.terminating ? cell(conditions.serving ? 'leaving, still answers' : 'leaving', { mark: 'leaving' }) : conditions?.ready === false ? cell('not ready', { mark: 'moving' }) : cell('ready', { mark: 'ready' }),
      ]) },
    },
  ]
}

export function serviceCidrParts(world: World, range: ServiceCIDR): Part[] {
  const cidrs = range.spec?.cidrs ?? []
  const taken = (world.list('IPAddress') as readonly IPAddress[]).filter(({ metadata }) => cidrs.some((cidr) => inRange(metadata.name, cidr)))
  return [
    {
      title: 'Addresses for Services', say: `Each Service with an address of its own gets one of these. ${count(taken.length, 'address', 'addresses')} of this range ${taken.length === 1 ? 'is' : 'are'} taken.`,
      facts: cidrs.map((cidr) => ({ label: cidr.includes(':') ? 'IPv6' : 'IPv4', cell: cell(cidr, { mono: true, note: sizeOf(cidr) }) })),
    },
    ...(taken.length === 0 ? [] : [{ title: 'Taken', ...(taken.length > 40 ? { say: `The first 40 of ${taken.length}.` } : {}), table: { columns: ['Address', 'Service', 'Namespace'], rows: taken.slice(0, 40).map((one): Cell[] => [{ ...linked({ kind: 'IPAddress', name: one.metadata.name }), mono: true }, parentCell(one), cell(one.spec?.parentRef.namespace ?? '')]) } }]),
  ]
}

/** IPv6 is written in too many ways to compare as text: it counts by family. */
function inRange(address: string, cidr: string): boolean {
  const [base = '', length = ''] = cidr.split('/')
  if (base.includes(':') || address.includes(':')) return base.includes(':') && address.includes(':')
  const value = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Number(length))
  return Math.floor(value(address) / size) === Math.floor(value(base) / size)
}

const sizeOf = (cidr: string): string => {
  const bits = (cidr.includes(':') ? 128 : 32) - Number(cidr.split('/')[1] ?? 32)
  return bits > 24 ? `2 to the power of ${bits} addresses` : count(2 ** bits, 'address', 'addresses')
}

const kindOf: Readonly<Record<string, string>> = { services: 'Service' }
const parentCell = ({ spec }: IPAddress): Cell => {
  const parent = spec?.parentRef
  const kind = parent && kindOf[parent.resource]
  return parent === undefined ? cell('nobody’s') : kind === undefined ? cell(parent.name, { note: parent.resource }) : linked(inNamespace(kind, parent.namespace, parent.name))
}

export function addressParts(world: World, address: IPAddress): Part[] {
  const parent = address.spec?.parentRef
  const range = (world.list('ServiceCIDR') as readonly ServiceCIDR[]).find(({ spec }) => (spec?.cidrs ?? []).some((cidr) => inRange(address.metadata.name, cidr)))
  return [{
    title: 'Whose it is', say: 'A Service keeps its address until it is deleted.',
    facts: [
      { label: parent === undefined ? 'Object' : (kindOf[parent.resource] ?? parent.resource), cell: { ...parentCell(address), ...(parent?.namespace ? { note: `in ${parent.namespace}` } : {}) } },
      ...(range ? [{ label: 'Of range', cell: linked({ kind: 'ServiceCIDR', name: range.metadata.name }, { note: (range.spec?.cidrs ?? []).join(', ') }) }] : []),
    ],
  }]
}
