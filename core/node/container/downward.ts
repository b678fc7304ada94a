/** The downward API: a Pod's own fields and resources as text (upstream: pkg/fieldpath, pkg/api/v1/resource). Pure. */
import { parseQuantity } from '../../api/quantity.ts'
import type { Container, Pod } from '../../api/types/core.ts'

export interface Addresses {
  podIP: string
  hostIP: string
}

const quoted = (map: Record<string, string> | undefined) =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')

export function fieldValue(pod: Pod, path: string, { podIP, hostIP }: Addresses): string {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return quoted(metadata.labels)
    case 'metadata.annotations':
      return quoted(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.podIP':
    case 'status.podIPs':
      return podIP
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

/** Whether the value is only known once the Pod has its address. */
export const needsAddress = (path: string): boolean => path.startsWith('status.podIP')

const billion = 1_000_000_000n

export function resourceValue(
  pod: Pod,
  container: Container | undefined,
  reference: { containerName?: string; resource: string; divisor?: string | number },
  allocatable: Readonly<Record<string, string>>,
): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  const of = reference.containerName ? all.find(({ name }) => name === reference.containerName) : container
  if (!of) throw new Error(`container ${reference.containerName} not found`)
  const dot = reference.resource.indexOf('.')
  const which = reference.resource.slice(0, dot)
  const name = reference.resource.slice(dot + 1)
  const { requests, limits } = of.resources ?? {}
  // Without a limit, all that the node can give is the limit.
  const text = which === 'limits' ? (limits?.[name] ?? allocatable[name]) : (requests?.[name] ?? limits?.[name])
  const divisor = parseQuantity(String(reference.divisor ?? '1')).nano || billion
  const nano = text === undefined ? 0n : parseQuantity(text).nano
  return String((nano + divisor - 1n) / divisor)
}
