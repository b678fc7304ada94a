/** State of an Ingress in words: whether somebody serves it, and whether what it leads to answers. */
import { doorOf, ownController } from '../ingress-door.ts'
import { classAnnotation } from '../kinds/ingress.ts'
import type { Service } from '../types/core.ts'
import type { Ingress, IngressBackend, IngressClass } from '../types/networking.ts'
import { serviceState } from './service-state.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'

export function ingressState(ingress: Ingress, snapshot: StateView): StateWords {
  const { metadata, spec, status } = ingress
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  const missing = missingBackend(ingress, snapshot)
  if (missing) return missing
  const name = spec.ingressClassName ?? metadata.annotations?.[classAnnotation]
  if (name === undefined) return { mark: 'waiting', say: 'served by nobody', why: 'it names no class, and there is no default one' }
  const served = snapshot.get<IngressClass>('IngressClass', undefined, name)
  if (!served) return { mark: 'waiting', say: 'served by nobody', why: `there is no IngressClass ${name}` }
  const published = status?.loadBalancer?.ingress?.[0]
  if (published) {
    const port = published.ports?.[0]?.port
    const place = `${published.ip ?? published.hostname ?? ''}${port === undefined || port === 80 ? '' : `:${port}`}`
    return { mark: 'ready', say: `served at ${place}`, why: hosts(ingress) }
  }
  const { problem } = served.spec?.controller === ownController ? doorOf(served) : {}
  if (problem !== undefined) return { mark: 'degraded', say: 'cannot be reached', why: problem }
  return { mark: 'waiting', say: 'waits for an address', why: `class ${name} has not published one yet` }
}

const hosts = ({ spec }: Ingress): string => {
  const named = [...new Set((spec.rules ?? []).flatMap(({ host }) => (host ? [host] : [])))]
  return named.length === 0 ? 'for every host' : `for ${named.slice(0, 3).join(', ')}${named.length > 3 ? ` and ${named.length - 3} more` : ''}`
}

/** The first Service it leads to that is not there, or does not answer. */
function missingBackend({ metadata, spec }: Ingress, snapshot: StateView): StateWords | undefined {
  const namespace = metadata.namespace ?? ''
  const backends: (IngressBackend | undefined)[] = [spec.defaultBackend, ...(spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))]
  for (const name of new Set(backends.flatMap((backend) => backend?.service?.name ?? []))) {
    const service = snapshot.get<Service>('Service', namespace, name)
    if (!service) return { mark: 'degraded', say: 'leads to a Service that is missing', why: `Service ${name} does not exist` }
    const { mark, why } = serviceState(service, snapshot)
    if (mark !== 'ready') return { mark, say: `Service ${name} does not answer`, ...(why === undefined ? {} : { why }) }
  }
  return undefined
}
