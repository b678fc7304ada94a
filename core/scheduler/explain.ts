/** What a cycle says of itself: upstream's summary, the sentence for people, and every verdict with its numbers. */
import type { Filters, Rejected, Stage } from './filters.ts'
import type { NodeInfo } from './node-info.ts'
import { sayNames, type Filter, type Scorer } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import type { Verdict } from './verdict.ts'

/** What a lead in one plugin's points means. */
const leads: Readonly<Record<string, string>> = {
  NodeResourcesFit: 'most room',
  PodTopologySpread: 'spreads best',
  InterPodAffinity: 'the best company',
  NodeResourcesBalancedAllocation: 'keeps CPU and memory in balance',
  ImageLocality: 'the image is there',
  TaintToleration: 'nothing asks it to stay away',
  NodeAffinity: 'preferred',
}

export function whyHere(feasible: readonly NodeInfo[], at: number, totals: readonly number[], parts: readonly number[][], scorers: readonly Stage<Scorer>[], nodes: number, pod: PodInfo): string {
  const chosen = feasible[at]!
  if (nodes === 1) return 'the only node, and it fits'
  if (feasible.length === 1 && pod.pod.status?.nominatedNodeName === chosen.name) return 'room was made for it there'
  if (feasible.length === 1) return `the only one of ${nodes} nodes that fits`
  // What sets it apart most from the average of those that fit.
  let lead: { stage: Stage<Scorer>; margin: number } | undefined
  parts.forEach((scores, i) => {
    const stage = scorers[i]!
    const average = scores.reduce((sum, one) => sum + one, 0) / scores.length
    const margin = (scores[at]! - average) * (stage.plugin.weight ?? 1)
    if (margin > (lead?.margin ?? 0.5)) lead = { stage, margin }
  })
  if (lead) return `${leads[lead.stage.plugin.name] ?? 'best'}: ${lead.stage.does.tell(chosen)}`
  const equals = totals.filter((total) => total === totals[at]).length - 1
  return equals === 0 ? `the best of ${feasible.length} by a little` : `as good as ${equals === 1 ? 'one other node' : `${equals} other nodes`}`
}

/** Upstream's FitError. `after` is what the plugins said that looked for a way out. */
export function failedMessage(nodes: number, { refused, only }: Filters, rejected: readonly Rejected[], after: string): string {
  if (nodes === 0) return 'no nodes available to schedule pods'
  const tail = after === '' ? '' : ` ${after}`
  if (refused) return `0/${nodes} nodes are available: ${refused.refusal.refused.reasons.join(', ')}.${tail}`
  const counts = new Map<string, number>()
  const add = (reason: string, n: number) => counts.set(reason, (counts.get(reason) ?? 0) + n)
  for (const { rejection } of rejected) for (const reason of rejection.reasons) add(reason, 1)
  if (only && rejected.length < nodes) add(`node(s) didn't satisfy plugin(s) [${only.plugins.join(' ')}]`, nodes - rejected.length)
  const parts = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${parts.join(', ')}.${tail}`
}

const sayKept = ({ filter, node, beside }: Rejected): string => (beside ? `${filter.tell(node)}, once ${sayNames(beside)} ${beside.length === 1 ? 'is' : 'are'} there, which room is kept for` : filter.tell(node))

export function closestMiss(nodes: number, { refused, only }: Filters, rejected: readonly Rejected[]): { say: string; why: string } {
  if (nodes === 0) return { say: 'waits for a first node', why: 'the cluster has no node yet' }
  if (refused) return { say: refused.refusal.say, why: refused.refusal.refused.reasons.join(', ') }
  if (rejected.length === 0) return { say: `may only run on ${sayNames([...(only?.nodes ?? [])])}, which ${only?.nodes.size === 1 ? 'is' : 'are'} not there`, why: `none of the ${nodes} nodes ${nodes === 1 ? 'has' : 'have'} that name` }
  // What other Pods or the Pod's own size could mend is nearer than a wrong kind of node; among those, the smallest gap.
  const rank = ({ node, filter, rejection }: Rejected) => (filter.gap ? filter.gap(node) : rejection.unresolvable ? 100 : 1)
  let nearest = rejected[0]!
  for (const one of rejected) if (rank(one) < rank(nearest)) nearest = one
  const same = rejected.filter(({ plugin }) => plugin === nearest.plugin).map(({ node }) => node)
  const say = nearest.filter.summary(same)
  return { say, why: nodes === 1 ? `${nearest.node.name}: ${sayKept(nearest)}` : `closest is ${nearest.node.name}: ${sayKept(nearest)}` }
}

function filterVerdict({ plugin, does }: Stage<Filter>, node: NodeInfo, kept: Rejected | undefined): Verdict {
  const no = kept?.rejection ?? does.test(node)
  return {
    plugin: plugin.name, node: node.name, stage: 'filter', say: kept ? sayKept(kept) : does.tell(node),
    ...(no ? { outcome: no.unresolvable ? 'unresolvable' as const : 'unschedulable' as const, reason: no.reasons.join(', ') } : { outcome: 'fits' as const }),
  }
}

/** Here every filter speaks for every node, so that a person sees all that stands in the way. */
export function verdicts({ stages, refused }: Filters, scorers: readonly Stage<Scorer>[], feasible: readonly NodeInfo[], rejected: readonly Rejected[], nodes: readonly NodeInfo[]): Verdict[] {
  const out: Verdict[] = []
  if (refused) {
    const { refused: no, say } = refused.refusal
    for (const node of nodes) out.push({ plugin: refused.names.join(', '), node: node.name, stage: 'filter', outcome: no.unresolvable ? 'unresolvable' : 'unschedulable', reason: no.reasons.join(', '), say })
    return out
  }
  for (const node of feasible) for (const stage of stages) out.push(filterVerdict(stage, node, undefined))
  for (const one of rejected) for (const stage of stages) out.push(filterVerdict(stage, one.node, one.beside && one.plugin === stage.plugin ? one : undefined))
  for (const { plugin, does } of scorers) {
    const scores = feasible.map((node) => does.raw(node))
    does.normalise?.(scores)
    feasible.forEach((node, i) => out.push({
      plugin: plugin.name, node: node.name, stage: 'score', outcome: 'score', say: does.tell(node), score: scores[i]!, weight: plugin.weight ?? 1,
    }))
  }
  return out
}
