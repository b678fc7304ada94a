/** What a browser shows where a request leads nowhere: which host, path or Service is missing, and why. Pure. */
import type { Ref } from '../../api/meta.ts'
import { knowsHost, placesFor, type RouteTable } from './routes.ts'

export interface Page {
  readonly code: 404 | 502 | 503
  readonly text: string
}

const shownHosts = 10

export function nothingLeads(table: RouteTable, host: string, path: string): Page {
  const hosts = [...table.hosts.keys()].filter((name) => name !== '').sort()
  const known = hosts.length === 0 ? 'No Ingress names a host.' : `Hosts with an Ingress: ${hosts.slice(0, shownHosts).join(', ')}${hosts.length > shownHosts ? ` and ${hosts.length - shownHosts} more` : ''}.`
  if (host === '') return page(404, 'No Ingress leads anywhere without a host', `The request named no host. ${known}`)
  if (!knowsHost(table, host)) return page(404, `No Ingress leads ${host} anywhere`, known)
  const paths = placesFor(host).flatMap((place) => table.hosts.get(place) ?? []).map((route) => `${route.path === '' ? '/' : route.path}${route.exact ? ' (exactly)' : ''}`)
  return page(404, `No Ingress leads ${host}${path} anywhere`, `Paths of ${host}: ${paths.join(', ') || 'none'}.`)
}

export const noBackend = (ingress: Ref, host: string, path: string, say: string, why: string): Page =>
  page(503, `${host}${path} cannot be served: ${say}`, `Ingress ${ingress.namespace}/${ingress.name} leads there; ${why}.`)

export const noAnswer = (ingress: Ref, host: string, path: string, tried: string, why: string): Page =>
  page(502, `${host}${path} cannot be served: no answer from ${tried}`, `Ingress ${ingress.namespace}/${ingress.name} leads there; ${why}.`)

const page = (code: Page['code'], say: string, why: string): Page => ({ code, text: `${code}  ${say}\n\n${why}\n\nOrrery\n` })
