/**
 * Which of a Service's endpoints traffic may use that comes from, or enters at, a node: hints for its zone or for itself, and
 * the policies that keep traffic local. Pure. Upstream: pkg/proxy/topology.go, CategorizeEndpoints.
 *
 * One proxy serves all logical nodes of this machine. So the node of a client is told by its Pod's address, and the node
 * that traffic from outside enters by the address it was sent to; what belongs to no node (the machine itself) may go anywhere.
 */
import type { Node } from '../api/types/core.ts'

const zoneLabel = 'topology.kubernetes.io/zone'

export interface Target {
  readonly address: string
  readonly port: number
}

/** An endpoint with what says where it may be used. */
export interface Reachable {
  readonly target: Target
  /** Not on its way out. */
  readonly ready: boolean
  readonly node: string | undefined
  readonly forZones: readonly string[]
  readonly forNodes: readonly string[]
}

/** Nodes that use other endpoints than everybody; no targets: what they send is dropped. */
export interface Near {
  readonly nodes: readonly string[]
  readonly targets: readonly Target[]
}

/** `able`: all endpoints that the Service uses now, ready ones or, without any, those that still serve. */
export function nearByHints(able: readonly Reachable[], nodes: readonly Node[]): Near[] {
  if (able.length === 0 || !able.every(({ ready }) => ready)) return []
  const byNode = able.every(({ forNodes }) => forNodes.length > 0)
  const byZone = able.every(({ forZones }) => forZones.length > 0)
  if (!byNode && !byZone) return []
  return group(able, nodes, ({ metadata: { name, labels } }) => {
    const here = byNode ? able.filter(({ forNodes }) => forNodes.includes(name)) : []
    if (here.length > 0) return here
    const zone = labels?.[zoneLabel] ?? ''
    const around = byZone ? able.filter(({ forZones }) => forZones.includes(zone)) : []
    return around.length > 0 ? around : able
  })
}

/** `all`: every endpoint that is ready, or serves on its way out; each node falls back by itself. */
export const nearByPolicy = (all: readonly Reachable[], able: readonly Reachable[], nodes: readonly Node[]): Near[] =>
  group(able, nodes, ({ metadata: { name } }) => {
    const local = all.filter(({ node }) => node === name)
    const ready = local.filter((one) => one.ready)
    return ready.length > 0 ? ready : local
  })

/** Nodes with the same endpoints together; those that use what everybody does are left out. */
function group(everybody: readonly Reachable[], nodes: readonly Node[], of: (node: Node) => readonly Reachable[]): Near[] {
  const key = (some: readonly Reachable[]) => some.map(({ target: { address, port } }) => `${address}:${port}`).join(' ')
  const common = key(everybody)
  const groups = new Map<string, { nodes: string[]; targets: Target[] }>()
  for (const node of nodes) {
    const some = of(node)
    const own = key(some)
    if (own === common) continue
    const known = groups.get(own)
    if (known) known.nodes.push(node.metadata.name)
    else groups.set(own, { nodes: [node.metadata.name], targets: some.map(({ target }) => target) })
  }
  return [...groups.values()]
}
