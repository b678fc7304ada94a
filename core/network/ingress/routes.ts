/**
 * The Ingresses of one fulfilment as a table from host and path to backend. Pure. Exact hosts go before wildcards, those
 * before rules for every host; in one host an exact path before a prefix of the same length, longer before shorter, and the
 * older Ingress before the younger. Semantics: networking.k8s.io/v1, HTTPIngressPath and IngressRule.
 */
import { ownController } from '../../api/ingress-door.ts'
import { classAnnotation } from '../../api/kinds/ingress.ts'
import type { Ref } from '../../api/meta.ts'
import type { Ingress, IngressBackend, IngressClass } from '../../api/types/networking.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export interface Route {
  /** The Ingress that says so. */
  readonly ingress: Ref
  readonly exact: boolean
  /** Without a slash at its end, unless `exact`. */
  readonly path: string
  readonly backend: IngressBackend
}

export interface Certificate {
  readonly ingress: Ref
  readonly namespace: string
  readonly secret: string
}

export interface RouteTable {
  readonly hosts: ReadonlyMap<string, readonly Route[]>
  /** Host to the default backend of an Ingress that names the host. */
  readonly hostDefaults: ReadonlyMap<string, Route>
  /** Where nothing else fits. */
  readonly fallback: Route | undefined
  readonly certificates: ReadonlyMap<string, Certificate>
  readonly size: number
}

/** Rules without a host. */
const anyHost = ''

export function isOurs({ metadata, spec }: Ingress, snapshot: Snapshot): boolean {
  const name = spec.ingressClassName ?? metadata.annotations?.[classAnnotation]
  return name !== undefined && snapshot.get<IngressClass>('IngressClass', undefined, name)?.spec?.controller === ownController
}

export function routesOf(snapshot: Snapshot): RouteTable {
  const ours = snapshot.list<Ingress>('Ingress').filter((ingress) => ingress.metadata.deletionTimestamp === undefined && isOurs(ingress, snapshot)).sort(byAge)
  const hosts = new Map<string, Route[]>()
  const hostDefaults = new Map<string, Route>()
  const certificates = new Map<string, Certificate>()
  let fallback: Route | undefined
  for (const { metadata, spec } of ours) {
    const { namespace = '', name } = metadata
    const ingress: Ref = { kind: 'Ingress', namespace, name }
    const rules = spec.rules ?? []
    for (const { host = anyHost, http } of rules) {
      const known = hosts.get(host) ?? []
      hosts.set(host, known)
      for (const { path = '/', pathType, backend } of http?.paths ?? []) known.push({ ingress, exact: pathType === 'Exact', path: pathType === 'Exact' ? path : path.replace(/\/+$/, ''), backend })
    }
    if (spec.defaultBackend) {
      const route: Route = { ingress, exact: false, path: '', backend: spec.defaultBackend }
      fallback ??= route
      for (const { host } of rules) if (host && !hostDefaults.has(host)) hostDefaults.set(host, route)
    }
    for (const { hosts: named = [], secretName } of spec.tls ?? []) {
      if (!secretName) continue
      const all = named.length > 0 ? named : rules.flatMap(({ host }) => (host ? [host] : []))
      for (const host of all) if (!certificates.has(host)) certificates.set(host, { ingress, namespace, secret: secretName })
    }
  }
  for (const routes of hosts.values()) routes.sort(byWeight)
  return { hosts, hostDefaults, fallback, certificates, size: ours.length }
}

const byAge = (a: Ingress, b: Ingress) => compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name)
/** Sorting is stable: equals stay in the order of age. */
const byWeight = (a: Route, b: Route) => b.path.length - a.path.length || Number(b.exact) - Number(a.exact)
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** `host` as a client sent it: with a port, in any case. */
export function hostOf(header: string | undefined): string {
  const host = (header ?? '').trim().toLowerCase()
  const bare = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
  return bare.replace(/\.$/, '')
}

/** Stands for one label: `*.app.home` is a.app.home's, not a.b.app.home's. */
const wildcardOf = (host: string): string | undefined => (host.includes('.') ? `*${host.slice(host.indexOf('.'))}` : undefined)

/** Where rules for a host stand, the most particular first. */
export const placesFor = (host: string): string[] => {
  const wildcard = wildcardOf(host)
  return [host, ...(wildcard === undefined ? [] : [wildcard])]
}

export function find(table: RouteTable, host: string, path: string): Route | undefined {
  const named = placesFor(host)
  for (const place of [...named, anyHost]) {
    const route = table.hosts.get(place)?.find((one) => leads(one, path))
    if (route !== undefined) return route
  }
  for (const place of named) {
    const route = table.hostDefaults.get(place)
    if (route !== undefined) return route
  }
  return table.fallback
}

/** A prefix ends where an element ends: /foo is not a prefix of /foobar. */
const leads = (route: Route, path: string): boolean => (route.exact ? path === route.path : path.startsWith(route.path) && (path.length === route.path.length || path[route.path.length] === '/'))

export function certificateFor(table: RouteTable, host: string): Certificate | undefined {
  for (const place of placesFor(host)) {
    const found = table.certificates.get(place)
    if (found !== undefined) return found
  }
  return undefined
}

export const knowsHost = (table: RouteTable, host: string): boolean => placesFor(host).some((place) => table.hosts.has(place))
