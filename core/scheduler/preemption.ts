/**
 * Whom a Pod that fits nowhere may displace: a dry run of each hopeful node without its Pods of lower priority, giving
 * back as many as fit, those under a disruption budget first; then the node where it costs least
 * (upstream: framework/preemption, plugins/defaultpreemption). Pure: the answer is data that the loop carries out.
 */
import { labelSelector, type Selector } from '../api/label-selector.ts'
import type { PodDisruptionBudget } from '../api/types/policy.ts'
import { withoutPod, withPod, type NodeInfo } from './node-info.ts'
import type { Attempt, Preemption, Rejection } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import type { PreemptionCandidate } from './verdict.ts'

interface Candidate {
  readonly node: NodeInfo
  readonly victims: readonly PodInfo[]
  /** Budgets that the victims' going would violate. */
  readonly violations: number
  readonly budgets: ReadonlySet<string>
}

export interface Search {
  readonly best?: Preemption
  /** What speaks against each node that was tried. */
  readonly against: ReadonlyMap<string, Rejection>
  readonly candidates: readonly PreemptionCandidate[]
}

const leastCandidates = 100
const candidatesPercent = 10
const noVictims: Rejection = { reasons: ['No preemption victims found for incoming pod'], unresolvable: true }

const startOf = (pod: PodInfo): number => (pod.pod.status?.startTime === undefined ? Infinity : Date.parse(pod.pod.status.startTime))
/** Higher priority first, then who has run longer. */
const byImportance = (a: PodInfo, b: PodInfo): number => b.priority - a.priority || (startOf(a) === startOf(b) ? 0 : startOf(a) - startOf(b))

/** Spread over nodes like a random draw, and the same each time. */
export function draw(uid: string, of: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < uid.length; i++) hash = Math.imul(hash ^ uid.charCodeAt(i), 0x01000193)
  return of === 0 ? 0 : (hash >>> 0) % of
}

interface Budget {
  readonly name: string
  readonly namespace: string
  readonly selector: Selector
  readonly allowed: number
  readonly disrupted: Readonly<Record<string, string>>
}

function budgetsOf({ view }: Attempt): Budget[] {
  return view.objects.list<PodDisruptionBudget>('PodDisruptionBudget').map(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    selector: labelSelector(spec?.selector),
    allowed: status?.disruptionsAllowed ?? 0,
    disrupted: status?.disruptedPods ?? {},
  })).filter(({ selector }) => selector.requirements.length > 0)
}

/** Splits the Pods by whether their going would violate a budget, in their order. */
export function byBudget(pods: readonly PodInfo[], budgets: readonly Budget[]): { violating: { pod: PodInfo; budgets: string[] }[]; free: PodInfo[] } {
  const left = budgets.map(({ allowed }) => allowed)
  const violating: { pod: PodInfo; budgets: string[] }[] = []
  const free: PodInfo[] = []
  for (const pod of pods) {
    const broken: string[] = []
    if (Object.keys(pod.labels).length > 0) {
      budgets.forEach((budget, i) => {
        if (budget.namespace !== pod.namespace || !budget.selector.matches(pod.labels) || Object.hasOwn(budget.disrupted, pod.pod.metadata.name)) return
        left[i]!--
        if (left[i]! < 0) broken.push(budget.name)
      })
    }
    if (broken.length > 0) violating.push({ pod, budgets: broken })
    else free.push(pod)
  }
  return { violating, free }
}

function tryNode(attempt: Attempt, node: NodeInfo, budgets: readonly Budget[]): Candidate | Rejection {
  const lower: PodInfo[] = []
  for (const pod of attempt.view.podsOn(node.name)) if (pod.priority < attempt.pod.priority) lower.push(pod)
  if (lower.length === 0) return noVictims
  let left = node
  for (const pod of lower) left = withoutPod(left, pod)
  const no = attempt.judge(left, lower)
  if (no) return no
  const { violating, free } = byBudget(lower.sort(byImportance), budgets)
  const removed = new Set(lower)
  const broken = new Set<string>()
  let violations = 0
  const stays = (pod: PodInfo): boolean => {
    const beside = withPod(left, pod)
    removed.delete(pod)
    if (!attempt.judge(beside, [...removed])) {
      left = beside
      return true
    }
    removed.add(pod)
    return false
  }
  for (const { pod, budgets: names } of violating) {
    if (stays(pod)) continue
    violations++
    for (const name of names) broken.add(name)
  }
  for (const pod of free) stays(pod)
  return { node, victims: [...removed].sort(byImportance), violations, budgets: broken }
}

/** Upstream's order of what costs least; among equals the first. */
function cheapest(candidates: readonly Candidate[]): Candidate {
  const earliestOfHighest = ({ victims }: Candidate) => Math.min(...victims.filter(({ priority }) => priority === victims[0]!.priority).map(startOf))
  const costs: ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]!.priority,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0),
    ({ victims }) => victims.length,
    (candidate) => -earliestOfHighest(candidate),
  ]
  let left = candidates
  for (const cost of costs) {
    const all = left.map(cost)
    const least = Math.min(...all)
    left = left.filter((_, i) => all[i] === least)
    if (left.length === 1) break
  }
  return left[0]!
}

const summary = ({ node, victims, budgets }: Candidate): PreemptionCandidate => {
  const names = victims.map(({ pod }) => pod.metadata.name)
  const say = names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
  return {
    node: node.name,
    victims: victims.map(({ key }) => key),
    budgets: [...budgets],
    say: `would evict ${say}${budgets.size > 0 ? `, against ${budgets.size === 1 ? 'PDB' : 'PDBs'} ${[...budgets].join(', ')}` : ''}`,
  }
}

export function searchPreemption(attempt: Attempt): Search {
  const { hopeful, pod, view } = attempt
  const budgets = budgetsOf(attempt)
  const wanted = Math.min(hopeful.length, Math.max(leastCandidates, Math.floor((hopeful.length * candidatesPercent) / 100)))
  const from = draw(pod.uid, hopeful.length)
  const against = new Map<string, Rejection>()
  const harmless: Candidate[] = []
  const harmful: Candidate[] = []
  for (let i = 0; i < hopeful.length; i++) {
    const node = hopeful[(from + i) % hopeful.length]!
    const found = tryNode(attempt, node, budgets)
    if ('reasons' in found) against.set(node.name, found)
    else (found.violations === 0 ? harmless : harmful).push(found)
    if (harmless.length > 0 && harmless.length + harmful.length >= wanted) break
  }
  const all = [...harmless, ...harmful]
  if (all.length === 0) return { against, candidates: [] }
  const best = cheapest(all)
  const candidates = [best, ...all.filter((other) => other !== best)].map(summary)
  const displaced = [...view.nominatedOn(best.node.name)].filter(({ uid, priority }) => uid !== pod.uid && priority < pod.priority)
  return { best: { node: best.node.name, victims: best.victims, displaced, candidates }, against, candidates }
}
