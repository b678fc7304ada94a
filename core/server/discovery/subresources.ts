/** What each served subresource is called, takes and allows: facts for discovery and for the router (upstream: pkg/registry/core/rest). */
import type { Face } from '../registry/registry.ts'

export interface Subresource {
  readonly name: string
  /** The kind that travels; absent: the parent's own. */
  readonly kind?: string
  /** Where that kind is of another group and version than the parent. */
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

const status: Subresource = { name: 'status', verbs: ['get', 'patch', 'update'] }
const scale: Subresource = { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] }

/** Those beyond status and scale that have a file in http/. A kind names which of them it has. */
const furtherSubresources: readonly Subresource[] = [
  { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  { name: 'binding', kind: 'Binding', verbs: ['create'] },
  { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  { name: 'finalize', verbs: ['update'] },
  { name: 'log', verbs: ['get'] },
  { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  { name: 'proxy', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
]

/** In the order of discovery: by name. */
export function subresourcesOf(face: Face): Subresource[] {
  const { subresources } = face.definition
  const others = subresources.others ?? []
  return [
    ...Object.keys(subresources.parts ?? {}).map((name): Subresource => ({ ...status, name })),
    ...furtherSubresources.filter((s) => others.includes(s.name)).map((s) => (s.name === 'proxy' ? { ...s, kind: `${face.definition.kind}ProxyOptions` } : s)),
    ...(subresources.scale === undefined ? [] : [scale]),
    ...(subresources.status === true ? [status] : []),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
export const verbsOf = (face: Face): readonly string[] => [...(face.definition.verbs ?? allVerbs)].sort()
