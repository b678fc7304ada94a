/**
 * One scheduling cycle, pure: a Pod, the books and an instant in, the chosen node out, and on demand every verdict with
 * the numbers compared. Filters run in order and stop at the first no; the rest score (upstream: pkg/scheduler/schedule_one.go).
 */
import type { Snapshot } from '../loop/snapshot.ts'
import type { Pod } from '../api/types/core.ts'
import { Machines } from './machines.ts'
import type { NodeInfo } from './node-info.ts'
import { type Filter, type Plugin, type Rejection, type Scorer, type View } from './plugin.ts'
import { podInfo, type PodInfo } from './pod-info.ts'
import { plugins } from './plugins.ts'
import type { SchedulingCycle, Verdict } from './verdict.ts'

/** Upstream's adaptive sampling: below this many nodes all are looked at. */
const fewestFeasible = 100

export const feasibleWanted = (nodes: number): number => {
  if (nodes < fewestFeasible) return nodes
  const percent = Math.max(5, Math.floor(50 - nodes / 125))
  return Math.max(fewestFeasible, Math.floor((nodes * percent) / 100))
}

export interface Outcome {
  readonly pod: PodInfo
  readonly atMs: number
  readonly chosen?: NodeInfo
  /** Upstream's summary. */
  readonly message: string
  /** For people. */
  readonly say: string
  /** What speaks for the chosen node, or where the closest miss is. */
  readonly why: string
  /** Names of the plugins that said no somewhere. */
  readonly rejectedBy: ReadonlySet<string>
  /** Total scores of the feasible nodes, unless only one was. */
  readonly totals: ReadonlyMap<string, number>
  /** Where the next cycle begins to look. */
  readonly nextStart: number
  /** How many nodes were looked at. */
  readonly looked: number
  /** All verdicts, asked again of the very numbers this cycle saw. */
  verdicts(): Verdict[]
}

interface Rejected {
  readonly node: NodeInfo
  readonly plugin: Plugin
  readonly filter: Filter
  readonly rejection: Rejection
}
interface Stage<T> {
  readonly plugin: Plugin
  readonly does: T
}

export function cycle(pod: PodInfo, view: View, nowMs: number, start = 0): Outcome {
  const filters: Stage<Filter>[] = []
  for (const plugin of plugins) {
    const does = plugin.filter?.(pod, view)
    if (does) filters.push({ plugin, does })
  }
  const narrowing = filters.filter(({ does }) => does.narrow)
  const all = view.nodes
  const wanted = feasibleWanted(all.length)
  const feasible: NodeInfo[] = []
  const rejected: Rejected[] = []
  let looked = 0
  for (; looked < all.length && feasible.length < wanted; looked++) {
    const node = all[(start + looked) % all.length]!
    const no = outOfQuestion(node, narrowing) ?? firstNo(node, filters)
    if (no) rejected.push(no)
    else feasible.push(node)
  }
  const nextStart = all.length === 0 ? 0 : (start + looked) % all.length
  const scorers: Stage<Scorer>[] = []
  for (const plugin of feasible.length === 0 ? [] : plugins) {
    const does = plugin.score?.(pod, view, feasible)
    if (does) scorers.push({ plugin, does })
  }
  const common = {
    pod,
    atMs: nowMs,
    nextStart,
    looked,
    rejectedBy: new Set(rejected.map(({ plugin }) => plugin.name)),
    verdicts: () => verdicts(filters, scorers, [...feasible, ...rejected.map(({ node }) => node)], feasible),
  }
  if (feasible.length === 0) {
    return { ...common, message: failedMessage(all.length, rejected), ...closestMiss(all.length, rejected), totals: new Map() }
  }
  const { totals, parts } = feasible.length === 1 ? { totals: [], parts: [] } : score(feasible, scorers)
  const at = best(totals, pod.uid)
  const chosen = feasible[at]!
  return {
    ...common,
    chosen,
    message: `Successfully assigned ${pod.key} to ${chosen.name}`,
    say: `placed ${pod.pod.metadata.name} on ${chosen.name}`,
    why: whyHere(feasible, at, totals, parts, scorers, all.length),
    totals: new Map(totals.map((total, i) => [feasible[i]!.name, total])),
  }
}

/** A cycle over a whole snapshot: where would this Pod go? Nothing is remembered. */
export function preview(pod: Pod, snapshot: Snapshot, nowMs: number): SchedulingCycle {
  return toCycle(cycle(podInfo(pod), Machines.of(snapshot), nowMs), 1)
}

export const toCycle = (outcome: Outcome, attempt: number, nextTryMs?: number): SchedulingCycle => ({
  pod: { namespace: outcome.pod.namespace, name: outcome.pod.pod.metadata.name, uid: outcome.pod.uid },
  atMs: outcome.atMs,
  attempt,
  ...(outcome.chosen ? { chosen: outcome.chosen.name } : {}),
  message: outcome.message,
  say: outcome.chosen ? `${outcome.say}, ${outcome.why}` : outcome.say,
  verdicts: outcome.verdicts(),
  ...(nextTryMs === undefined ? {} : { nextTryMs }),
})

function outOfQuestion(node: NodeInfo, filters: readonly Stage<Filter>[]): Rejected | undefined {
  for (const { plugin, does } of filters) {
    const rejection = does.narrow!(node)
    if (rejection) return { node, plugin, filter: does, rejection }
  }
  return undefined
}

function firstNo(node: NodeInfo, filters: readonly Stage<Filter>[]): Rejected | undefined {
  for (const { plugin, does } of filters) {
    const rejection = does.test(node)
    if (rejection) return { node, plugin, filter: does, rejection }
  }
  return undefined
}

function score(feasible: readonly NodeInfo[], scorers: readonly Stage<Scorer>[]): { totals: number[]; parts: number[][] } {
  const totals = new Array<number>(feasible.length).fill(0)
  const parts = scorers.map(({ plugin, does }) => {
    const scores = feasible.map((node) => does.raw(node))
    does.normalise?.(scores)
    const weight = plugin.weight ?? 1
    for (let i = 0; i < scores.length; i++) totals[i]! += scores[i]! * weight
    return scores
  })
  return { totals, parts }
}

/** Among equals one is drawn by the Pod's uid: spread out like a random draw, and the same each time. */
function best(totals: readonly number[], uid: string): number {
  let max = -Infinity
  let ties: number[] = []
  for (let i = 0; i < totals.length; i++) {
    if (totals[i]! > max) {
      max = totals[i]!
      ties = [i]
    } else if (totals[i] === max) ties.push(i)
  }
  if (ties.length <= 1) return ties[0] ?? 0
  let hash = 0x811c9dc5
  for (let i = 0; i < uid.length; i++) hash = Math.imul(hash ^ uid.charCodeAt(i), 0x01000193)
  return ties[(hash >>> 0) % ties.length]!
}

function whyHere(feasible: readonly NodeInfo[], at: number, totals: readonly number[], parts: readonly number[][], scorers: readonly Stage<Scorer>[], nodes: number): string {
  const chosen = feasible[at]!
  if (nodes === 1) return 'the only node, and it fits'
  if (feasible.length === 1) return `the only one of ${nodes} nodes that fits`
  // What sets it apart most from the average of those that fit.
  let lead: { stage: Stage<Scorer>; margin: number } | undefined
  parts.forEach((scores, i) => {
    const stage = scorers[i]!
    const average = scores.reduce((sum, one) => sum + one, 0) / scores.length
    const margin = (scores[at]! - average) * (stage.plugin.weight ?? 1)
    if (margin > (lead?.margin ?? 0.5)) lead = { stage, margin }
  })
  const equals = totals.filter((total) => total === totals[at]).length - 1
  if (!lead && equals === 0) return `the best of ${feasible.length} by a little`
  if (!lead) return `as good as ${equals === 1 ? 'one other node' : `${equals} other nodes`}`
  return `${leads[lead.stage.plugin.name] ?? 'best'}: ${lead.stage.does.tell(chosen)}`
}

const leads: Readonly<Record<string, string>> = {
  NodeResourcesFit: 'most room',
  PodTopologySpread: 'spreads best',
  NodeResourcesBalancedAllocation: 'keeps CPU and memory in balance',
  ImageLocality: 'the image is there',
  TaintToleration: 'nothing asks it to stay away',
  NodeAffinity: 'preferred',
}

function failedMessage(nodes: number, rejected: readonly Rejected[]): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const { rejection } of rejected) for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${parts.join(', ')}.`
}

function closestMiss(nodes: number, rejected: readonly Rejected[]): { say: string; why: string } {
  if (nodes === 0) return { say: 'waits for a first node', why: 'the cluster has no node yet' }
  // What other Pods or the Pod's own size could mend is nearer than a wrong kind of node; among those, the smallest gap.
  const rank = ({ node, filter, rejection }: Rejected) => (filter.gap ? filter.gap(node) : rejection.unresolvable ? 100 : 1)
  let nearest = rejected[0]!
  for (const one of rejected) if (rank(one) < rank(nearest)) nearest = one
  const same = rejected.filter(({ plugin }) => plugin === nearest.plugin).map(({ node }) => node)
  const say = nearest.filter.summary(same)
  return { say, why: nodes === 1 ? `${nearest.node.name}: ${nearest.filter.tell(nearest.node)}` : `closest is ${nearest.node.name}: ${nearest.filter.tell(nearest.node)}` }
}

/** Here every filter speaks for every node, so that a person sees all that stands in the way. */
function verdicts(filters: readonly Stage<Filter>[], scorers: readonly Stage<Scorer>[], nodes: readonly NodeInfo[], feasible: readonly NodeInfo[]): Verdict[] {
  const out: Verdict[] = []
  for (const node of nodes) {
    for (const { plugin, does } of filters) {
      const no = does.test(node)
      out.push({
        plugin: plugin.name, node: node.name, stage: 'filter', say: does.tell(node),
        ...(no ? { outcome: no.unresolvable ? 'unresolvable' as const : 'unschedulable' as const, reason: no.reasons.join(', ') } : { outcome: 'fits' as const }),
      })
    }
  }
  for (const { plugin, does } of scorers) {
    const scores = feasible.map((node) => does.raw(node))
    does.normalise?.(scores)
    feasible.forEach((node, i) => out.push({
      plugin: plugin.name, node: node.name, stage: 'score', outcome: 'score', say: does.tell(node), score: scores[i]!, weight: plugin.weight ?? 1,
    }))
  }
  return out
}
