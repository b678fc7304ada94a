/**
 * How fast lost nodes give up their Pods: zone by zone, one node after another, slower where much of a zone is lost, and
 * not at all where no node answers, for then it is more likely that this machine is cut off.
 * Mirrors pkg/controller/nodelifecycle (ComputeZoneState, handleDisruption, RateLimitedTimedQueue). Instead of a limiter
 * with a memory, the time of the last turn is read from the taints that it left; a node's place in the row is when it was
 * lost. So the same cluster always gives the same answer.
 */
import { conditionOf } from '../../../api/conditions.ts'
import { count } from '../../../api/state/sentences.ts'
import type { Node, NodeCondition, Taint } from '../../../api/types/core.ts'
import type { WatchEvent } from '../../../loop/client.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'

/** One node in ten seconds; one in a hundred where a large zone is half lost. */
const intervalMs = 10_000
const slowIntervalMs = 100_000
const unhealthyShare = 0.55
const unhealthyAtLeast = 3
const largeZone = 50
const excluded = 'node.kubernetes.io/exclude-disruption'
const lostKeys: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])

export type ZoneState = 'normal' | 'partly lost' | 'lost'

/** Whether the node may be told to give up its Pods: now, at a known time, or not while things are as they are. */
export interface Turn {
  readonly how: 'now' | 'later' | 'never'
  readonly atMs?: number
  readonly why?: string
}

export const isReadyNode = ({ status }: Node): boolean => conditionOf(status?.conditions, 'Ready')?.status === 'True'
const zoneOf = ({ metadata: { labels } }: Node): string => `${labels?.['topology.kubernetes.io/region'] ?? ''}/${labels?.['topology.kubernetes.io/zone'] ?? ''}`
const counts = ({ metadata }: Node): boolean => metadata.labels?.[excluded] === undefined
const lostTaint = ({ spec }: Node): Taint | undefined => spec?.taints?.find(({ key, effect }) => effect === 'NoExecute' && lostKeys.has(key))
const time = (text: string | undefined): number => (text === undefined ? 0 : Date.parse(text) || 0)

export function zoneState(ready: number, lost: number): ZoneState {
  if (ready === 0 && lost > 0) return 'lost'
  return lost >= unhealthyAtLeast && lost / (lost + ready) >= unhealthyShare ? 'partly lost' : 'normal'
}

/** Between two nodes of the zone; undefined: none at all. */
function pace(state: ZoneState, size: number): number | undefined {
  if (state !== 'partly lost') return intervalMs
  return size > largeZone ? slowIntervalMs : undefined
}

/** `answers`: whether another node can be relied on, also where its silence is not written down yet. */
export function turnOf(node: Node, conditions: readonly NodeCondition[], answers: (other: Node) => boolean, snapshot: Snapshot, now: number): Turn {
  const nodes = snapshot.list<Node>('Node')
  const isReady = (other: Node) => other.metadata.uid !== node.metadata.uid && answers(other)
  if (!nodes.some((other) => counts(other) && isReady(other))) return { how: 'never', why: 'no node answers, so nothing is moved' }
  // From one kind of silence to the other costs no turn.
  if (lostTaint(node)) return { how: 'now' }

  const zone = zoneOf(node)
  const neighbours = nodes.filter((other) => zoneOf(other) === zone)
  const size = neighbours.filter(counts).length
  const lost = neighbours.filter((other) => counts(other) && !isReady(other)).length
  const interval = pace(zoneState(size - lost, lost), size)
  if (interval === undefined) return { how: 'never', why: `${lost} of ${size} nodes of the zone are lost, so nothing is moved` }

  const since = (other: Node) => time(conditionOf(other.metadata.uid === node.metadata.uid ? conditions : other.status?.conditions, 'Ready')?.lastTransitionTime)
  const mine = since(node)
  let ahead = 0
  let lastMs = Number.NEGATIVE_INFINITY
  for (const other of neighbours) {
    const taint = lostTaint(other)
    if (taint) lastMs = Math.max(lastMs, time(taint.timeAdded))
    else if (other.metadata.uid !== node.metadata.uid && !isReady(other) && (since(other) < mine || (since(other) === mine && other.metadata.name < node.metadata.name))) ahead++
  }
  const atMs = Math.max(lastMs + interval, ahead > 0 ? now : Number.NEGATIVE_INFINITY) + ahead * interval
  if (ahead === 0 && atMs <= now) return { how: 'now' }
  return { how: 'later', atMs: Math.max(atMs, now + 1), why: `its Pods wait ${count(Math.ceil((atMs - now) / 1000), 'second')} for other nodes of the zone` }
}

/** Whether a change of one node moves the turns of others: its zone, or the whole, comes into another state. */
export function stateChanges({ type, object, previous }: WatchEvent, snapshot: Snapshot): boolean {
  const node = object as Node
  const before = type === 'ADDED' ? undefined : ((type === 'DELETED' ? node : previous) as Node | undefined)
  const after = type === 'DELETED' ? undefined : node
  if (before && after && isReadyNode(before) === isReadyNode(after) && zoneOf(before) === zoneOf(after)) return false
  let ready = 0
  let readyHere = 0
  let lostHere = 0
  const zone = zoneOf(node)
  for (const other of snapshot.list<Node>('Node')) {
    if (other.metadata.uid === node.metadata.uid || !counts(other)) continue
    const isReady = isReadyNode(other)
    if (isReady) ready++
    if (zoneOf(other) === zone) isReady ? readyHere++ : lostHere++
  }
  const stateWith = (one: Node | undefined) => {
    const good = one && counts(one) && isReadyNode(one) ? 1 : 0
    const bad = one && counts(one) && !isReadyNode(one) ? 1 : 0
    return `${ready + good > 0}/${zoneState(readyHere + good, lostHere + bad)}`
  }
  return stateWith(before) !== stateWith(after)
}
