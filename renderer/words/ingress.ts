/** Where an Ingress leads and where it is reached. Pure. */
import type { Ingress } from '../../core/api/types/networking.ts'

/** Services it leads to, each once. */
export const ingressServices = ({ spec }: Ingress): string[] =>
  [...new Set([spec.defaultBackend, ...(spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))].flatMap((backend) => backend?.service?.name ?? []))]

/** Addresses a browser can be pointed at: the published place with each host, or the place itself. */
export function ingressUrls(ingress: Ingress): { host: string; path: string; url: string }[] {
  const place = ingress.status?.loadBalancer?.ingress?.[0]
  if (!place) return []
  const port = place.ports?.find((one) => one.port === 443 && ingress.spec.tls?.length) ?? place.ports?.[0]
  const address = place.hostname ?? place.ip ?? ''
  const secure = port?.port === 443 && (ingress.spec.tls?.length ?? 0) > 0
  const tail = port === undefined || port.port === 80 || port.port === 443 ? '' : `:${port.port}`
  const rules = ingress.spec.rules ?? []
  const found = rules.flatMap(({ host = '', http }) => (http?.paths ?? []).map(({ path = '/' }) => ({ host, path })))
  if (found.length === 0 && ingress.spec.defaultBackend) found.push({ host: '', path: '/' })
  return found.map(({ host, path }) => ({ host, path, url: `${secure ? 'https' : 'http'}://${host === '' || host.startsWith('*') ? address : host}${tail}${path}` }))
}
