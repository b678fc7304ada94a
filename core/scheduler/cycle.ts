/**
 * One scheduling cycle, pure: a Pod, the books and an instant in, the chosen node out, and on demand every verdict with
 * the numbers compared. Filters run in order and stop at the first no; the rest score (upstream: pkg/scheduler/schedule_one.go).
 */
import type { Snapshot } from '../loop/snapshot.ts'
import type { Pod } from '../api/types/core.ts'
import { closestMiss, failedMessage, verdicts, whyHere } from './explain.ts'
import { filtersFor, judge, type Filters, type Rejected, type Stage } from './filters.ts'
import { Machines } from './machines.ts'
import type { NodeInfo } from './node-info.ts'
import type { Rescue, Reservation, Scorer, View } from './plugin.ts'
import { podInfo, type PodInfo } from './pod-info.ts'
import { draw } from './preemption.ts'
import { defaultProfile, type Profile } from './profile.ts'
import type { SchedulingCycle, Verdict } from './verdict.ts'

/** Upstream's adaptive sampling: below this many nodes all are looked at. */
const fewestFeasible = 100

export const feasibleWanted = (nodes: number, percentage?: number): number => {
  if (nodes < fewestFeasible) return nodes
  const percent = percentage ?? Math.max(5, 50 - Math.floor(nodes / 125))
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
  /** What must be written besides the binding; only where a node was chosen. */
  readonly reservations: readonly Reservation[]
  /** What it waits for is on its way: nobody needs to be told. */
  readonly quiet?: boolean
  /** The way out, where no node fits. */
  readonly rescue?: Rescue
  /** All verdicts, asked again of the very numbers this cycle saw. */
  verdicts(): Verdict[]
}

interface Found {
  readonly feasible: NodeInfo[]
  readonly rejected: Rejected[]
  readonly looked: number
  readonly nextStart: number
}

function search(pod: PodInfo, view: View, filters: Filters, start: number, profile: Profile): Found {
  const { stages, only } = filters
  const rejected: Rejected[] = []
  // What a preemption made room for is tried first.
  const nominated = view.node(pod.pod.status?.nominatedNodeName ?? '')
  if (nominated && !(only && !only.nodes.has(nominated.name)) && !judge(pod, view, stages, nominated)) return { feasible: [nominated], rejected, looked: 1, nextStart: start }
  const nodes = only ? [...only.nodes].map((name) => view.node(name)).filter((node) => node !== undefined) : view.nodes
  const wanted = feasibleWanted(nodes.length, profile.percentageOfNodesToScore)
  const feasible: NodeInfo[] = []
  let looked = 0
  for (; looked < nodes.length && feasible.length < wanted; looked++) {
    const node = nodes[(start + looked) % nodes.length]!
    const no = judge(pod, view, stages, node)
    if (no) rejected.push(no)
    else feasible.push(node)
  }
  return { feasible, rejected, looked, nextStart: view.nodes.length === 0 ? 0 : (start + looked) % view.nodes.length }
}

export function cycle(pod: PodInfo, view: View, nowMs: number, start = 0, profile: Profile = defaultProfile): Outcome {
  const filters = filtersFor(pod, view, profile.plugins, nowMs)
  const { stages, refused, only } = filters
  const { feasible, rejected, looked, nextStart } = refused ? { feasible: [], rejected: [], looked: 0, nextStart: start } : search(pod, view, filters, start, profile)
  const scorers: Stage<Scorer>[] = []
  for (const plugin of feasible.length < 1 ? [] : profile.plugins) {
    const does = plugin.score?.(pod, view, feasible)
    if (does) scorers.push({ plugin, does })
  }
  const nodes = view.nodes
  const common = {
    pod,
    atMs: nowMs,
    nextStart,
    looked,
    rejectedBy: new Set([...(refused?.names ?? []), ...(only?.plugins ?? []), ...rejected.map(({ plugin }) => plugin.name)]),
    verdicts: () => verdicts(filters, scorers, feasible, rejected, nodes),
  }
  if (feasible.length === 0) {
    const rescue = nodes.length === 0 ? undefined : findWayOut(pod, view, filters, rejected, profile, nowMs)
    return {
      ...common,
      message: failedMessage(nodes.length, filters, rejected, rescue?.message ?? ''),
      ...closestMiss(nodes.length, filters, rejected),
      totals: new Map(),
      reservations: [],
      ...(rescue ? { rescue } : {}),
      ...(refused?.refusal.quiet ? { quiet: true } : {}),
    }
  }
  const { totals, parts } = feasible.length === 1 ? { totals: [], parts: [] } : score(feasible, scorers)
  const at = best(totals, pod.uid)
  const chosen = feasible[at]!
  return {
    ...common,
    chosen,
    message: `Successfully assigned ${pod.key} to ${chosen.name}`,
    say: `placed ${pod.pod.metadata.name} on ${chosen.name}`,
    why: whyHere(feasible, at, totals, parts, scorers, nodes.length, pod),
    totals: new Map(totals.map((total, i) => [feasible[i]!.name, total])),
    reservations: stages.map(({ does }) => does.reserve?.(chosen, nowMs)).filter((reservation) => reservation !== undefined),
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
  ...(outcome.rescue?.say === undefined ? {} : {
    preemption: {
      say: outcome.rescue.say,
      ...(outcome.rescue.preemption ? { chosen: outcome.rescue.preemption.node } : {}),
      candidates: outcome.rescue.preemption?.candidates ?? [],
    },
  }),
})

/** Plugins that know a way out are asked in order; what those say that know none is put together (upstream: RunPostFilterPlugins). */
function findWayOut(pod: PodInfo, view: View, filters: Filters, rejected: readonly Rejected[], profile: Profile, nowMs: number): Rescue {
  const { refused, stages } = filters
  const hopeless = new Set(rejected.filter(({ rejection }) => rejection.unresolvable).map(({ node }) => node.name))
  const looked = new Set(rejected.map(({ node }) => node.name))
  const attempt = {
    pod,
    view,
    nowMs,
    hopeful: refused
      ? (refused.refusal.refused.unresolvable ? [] : view.nodes)
      : rejected.filter(({ rejection }) => !rejection.unresolvable).map(({ node }) => view.node(node.name)!),
    isHopeless: (node: string) => (refused ? refused.refusal.refused.unresolvable : hopeless.has(node) || !looked.has(node)),
    judge: (without: NodeInfo, removed: readonly PodInfo[]) => judge(pod, view, stages, without, removed)?.rejection,
  }
  let all: Rescue = { message: '' }
  for (const plugin of profile.plugins) {
    const rescue = plugin.rescue?.(attempt)
    if (!rescue) continue
    const steps = [...(all.steps ?? []), ...(rescue.steps ?? [])]
    const { nominate, say } = { ...all, ...rescue }
    const common = { ...(nominate === undefined ? {} : { nominate }), ...(say === undefined ? {} : { say }), ...(steps.length > 0 ? { steps } : {}) }
    if (rescue.message === '') return { ...rescue, ...common }
    all = { ...common, message: all.message === '' ? rescue.message : `${all.message}, ${rescue.message}` }
  }
  return all
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
  return ties.length <= 1 ? (ties[0] ?? 0) : ties[draw(uid, ties.length)]!
}
