/** The order nodes are looked at: zone by turns, so that a sample has nodes of every zone (upstream: pkg/scheduler/backend/cache/node_tree.go). */
import type { NodeInfo } from '../node-info.ts'

export const zoneOf = ({ labels }: NodeInfo): string => `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`

export function byTurns(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const node of nodes) {
    const zone = zones.get(zoneOf(node))
    if (zone) zone.push(node)
    else zones.set(zoneOf(node), [node])
  }
  if (zones.size <= 1) return [...nodes]
  const out: NodeInfo[] = []
  for (let turn = 0; out.length < nodes.length; turn++) for (const zone of zones.values()) if (turn < zone.length) out.push(zone[turn]!)
  return out
}
