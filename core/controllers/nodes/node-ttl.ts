/**
 * Tells nodes how long they may keep Secrets and ConfigMaps before they ask again: longer the more nodes there are.
 * Mirrors pkg/controller/ttl/ttl_controller.go, whose bounds overlap so that a cluster at one of them does not waver.
 */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { Node } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

const annotation = 'node.alpha.kubernetes.io/ttl'

interface Bound {
  /** Below this many nodes the next smaller span holds again. */
  readonly from: number
  readonly to: number
  readonly seconds: number
}
const bounds: readonly Bound[] = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.POSITIVE_INFINITY, seconds: 300 },
]

export const nodeTtl = defineController<Node>({
  name: 'ttl-controller',
  reconciles: 'Node',
  wakesOn: ['Node'],
  concerns: ({ type, object, previous }) => type === 'ADDED' || (type === 'MODIFIED' && object.metadata.annotations?.[annotation] !== previous?.metadata.annotations?.[annotation]),

  /** All nodes, where their number crosses a bound. */
  wakes({ type }, snapshot) {
    if (type === 'MODIFIED') return []
    const nodes = snapshot.list<Node>('Node')
    const crossed = bounds.some(({ from, to }) => (type === 'ADDED' ? nodes.length === to + 1 : nodes.length === from - 1))
    return crossed ? nodes.map(refOf) : []
  },

  plan({ object: node, snapshot }) {
    if (!node) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the node is gone' })
    const nodes = snapshot.list('Node').length
    const text = node.metadata.annotations?.[annotation]
    const present = text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
    const seconds = spanFor(nodes, present)
    const why = `the cluster has ${count(nodes, 'node')}`
    if (present === seconds) return nothing({ code: 'Settled', say: `may keep what it read for ${count(seconds, 'second')}`, why })
    const because: Reason = { code: 'TtlSet', say: `lets ${node.metadata.name} keep what it read for ${count(seconds, 'second')}`, why }
    return { steps: [{ do: 'patch', ref: refOf(node), patch: { metadata: { annotations: { [annotation]: String(seconds) } } }, because }], because }
  },
})

/** The span it has, while the number of nodes is within its bounds; otherwise the first that fits. */
function spanFor(nodes: number, present: number | undefined): number {
  const fits = ({ from, to }: Bound) => nodes >= from && nodes <= to
  const kept = bounds.find((bound) => bound.seconds === present)
  return (kept && fits(kept) ? kept : bounds.find(fits)!).seconds
}
