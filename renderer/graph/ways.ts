/** Ways into a Service from outside: ports opened here, node ports, and Ingresses with their hosts and paths. Pure. */
import { refOf, type Ref } from '../../core/api/meta.ts'
import { ingressState } from '../../core/api/state/ingress-state.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { StateWords } from '../../core/api/state/words.ts'
import type { Service } from '../../core/api/types/core.ts'
import type { Ingress, IngressBackend } from '../../core/api/types/networking.ts'

export interface WayIn {
  id: string
  title: string
  detail: string
  url?: string
  /** The Ingress, where it is one. */
  ref?: Ref
  state?: StateWords
}

interface Route { host: string; path: string; service: string }

const routesOf = ({ spec }: Ingress): Route[] => {
  const route = (host: string, path: string, backend: IngressBackend | undefined): Route[] => (backend?.service ? [{ host, path, service: backend.service.name }] : [])
  return [...(spec.rules ?? []).flatMap(({ host = '', http }) => (http?.paths ?? []).flatMap((one) => route(host, one.path ?? '/', one.backend))), ...route('', '/', spec.defaultBackend)]
}

export const servicesOf = (ingress: Ingress): string[] => [...new Set(routesOf(ingress).map(({ service }) => service))]

/** One tag a host; its paths below, or what is wrong with it. */
function tags(ingress: Ingress, routes: readonly Route[], view: StateView, to: string): WayIn[] {
  const state = ingressState(ingress, view)
  const byHost = new Map<string, string[]>()
  for (const { host, path } of routes) byHost.set(host, [...(byHost.get(host) ?? []), path])
  const port = ingress.status?.loadBalancer?.ingress?.[0]?.ports?.[0]?.port
  return [...byHost].map(([host, paths]): WayIn => {
    const shown = [...new Set(paths)]
    const only = shown.length === 1 && shown[0] === '/'
    const where = only ? (host === '' || port === undefined || port === 80 ? 'Ingress' : `port ${port}`) : shown.join(' ')
    return { id: `${ingress.metadata.uid}/${to}/${host}`, title: host === '' ? 'any host' : host, detail: state.mark === 'ready' ? where : state.say, ref: refOf(ingress), state }
  })
}

export const ingressWays = (ingresses: readonly Ingress[], service: Service, view: StateView): WayIn[] =>
  ingresses.filter(({ metadata }) => metadata.namespace === service.metadata.namespace).flatMap((ingress) => tags(ingress, routesOf(ingress).filter((route) => route.service === service.metadata.name), view, service.metadata.uid))

/** Routes to Services that are not there, and Ingresses without any: they must not vanish. */
export const deadWays = (ingresses: readonly Ingress[], view: StateView): WayIn[] =>
  ingresses.flatMap((ingress): WayIn[] => {
    const routes = routesOf(ingress)
    const missing = routes.filter(({ service }) => !view.get('Service', ingress.metadata.namespace, service))
    if (routes.length === 0) return [{ id: `${ingress.metadata.uid}/none`, title: ingress.metadata.name, detail: 'leads nowhere', ref: refOf(ingress), state: ingressState(ingress, view) }]
    return tags(ingress, missing, view, 'missing').map((tag) => ({ ...tag, detail: `Service ${missing[0]?.service ?? ''} is missing`, state: { mark: 'degraded' as const, say: `Service ${missing[0]?.service ?? ''} is missing` } }))
  })
