/**
 * Spreads the Pods of a group over nodes and zones: hard constraints filter, soft ones score. A Pod without constraints
 * of its own gets upstream's defaults, so that replicas of a Service or workload spread (upstream: plugins/podtopologyspread).
 */
import type { Pod, TopologySpreadConstraint } from '../../api/types/core.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import { labelSelector } from '../../api/label-selector.ts'
import type { NodeInfo } from '../node-info.ts'
import { sayNames, type Filter, type Hypothesis, type Plugin, type Scorer, type View } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { tolerates } from '../../api/node-selector.ts'
import { nodeDemand } from '../selectors.ts'

const hostname = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'
const unbalanced = { reasons: ["node(s) didn't match pod topology spread constraints"], unresolvable: false }
const unlabelled = { reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"], unresolvable: true }

interface Constraint {
  readonly key: string
  readonly maxSkew: number
  readonly selector: LabelSelector
  readonly minDomains: number
  /** Whether the node counts as a domain for this Pod. */
  counts(node: NodeInfo): boolean
}

function own(pod: Pod, when: TopologySpreadConstraint['whenUnsatisfiable']): Constraint[] {
  const demand = nodeDemand(pod)
  return (pod.spec.topologySpreadConstraints ?? []).filter((constraint) => constraint.whenUnsatisfiable === when).map((constraint) => {
    const labels = pod.metadata.labels ?? {}
    const fromKeys = Object.fromEntries((constraint.matchLabelKeys ?? []).filter((key) => labels[key] !== undefined).map((key) => [key, labels[key]!]))
    return {
      key: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      selector: { ...constraint.labelSelector, matchLabels: { ...constraint.labelSelector?.matchLabels, ...fromKeys } },
      minDomains: constraint.minDomains ?? 1,
      counts: (node) =>
        (constraint.nodeAffinityPolicy === 'Ignore' || !demand || demand(node))
        && (constraint.nodeTaintsPolicy !== 'Honor' || node.taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec.tolerations, taint))),
    }
  })
}

function defaults(pod: PodInfo, view: View): Constraint[] {
  const selector = view.groupOf(pod)
  if (!selector) return []
  const demand = nodeDemand(pod.pod)
  const common = { selector, minDomains: 1, counts: (node: NodeInfo) => !demand || demand(node) }
  return [{ ...common, key: hostname, maxSkew: 3 }, { ...common, key: zone, maxSkew: 5 }]
}

/** Matching Pods by domain, over the nodes that count; with `zeroes`, domains without any are there too. */
function byDomain(pod: PodInfo, view: View, constraint: Constraint, eligible: (node: NodeInfo) => boolean, zeroes: boolean): Map<string, number> {
  const counts = view.counts(pod.namespace, constraint.selector)
  const domains = new Map<string, number>()
  const visit = (node: NodeInfo | undefined, n: number) => {
    const domain = node?.labels[constraint.key]
    if (node && domain !== undefined && eligible(node) && constraint.counts(node)) domains.set(domain, (domains.get(domain) ?? 0) + n)
  }
  if (zeroes) for (const node of view.nodes) visit(node, counts.get(node.name) ?? 0)
  else for (const [name, n] of counts) visit(view.node(name), n)
  return domains
}

const sayDomain = (key: string, domain: string): string => (key === hostname ? domain : `${key.slice(key.lastIndexOf('/') + 1)} ${domain}`)

function filter(pod: PodInfo, view: View): Filter | undefined {
  const constraints = own(pod.pod, 'DoNotSchedule')
  if (constraints.length === 0) return undefined
  const labelled = (node: NodeInfo) => constraints.every(({ key }) => node.labels[key] !== undefined)
  return filterOf(pod, constraints.map((constraint): SpreadState => {
    const selector = labelSelector(constraint.selector)
    const domains = byDomain(pod, view, constraint, labelled, true)
    return { constraint, domains, matches: (other) => selector.matches(other.labels), min: fewest(domains, constraint) }
  }))
}

interface SpreadState {
  readonly constraint: Constraint
  readonly domains: ReadonlyMap<string, number>
  readonly min: number
  matches(pod: PodInfo): boolean
}

function fewest(domains: ReadonlyMap<string, number>, { minDomains }: Constraint): number {
  if (domains.size < minDomains) return 0
  let min = Infinity
  for (const n of domains.values()) if (n < min) min = n
  return min
}

/** The counts if the node had these Pods (leaving Pods are not counted to begin with). */
function assume(pod: PodInfo, states: readonly SpreadState[], { node, added, removed }: Hypothesis): SpreadState[] {
  if (states.some(({ constraint }) => node.labels[constraint.key] === undefined)) return [...states]
  return states.map((state) => {
    const { constraint } = state
    if (!constraint.counts(node)) return state
    const counted = (all: readonly PodInfo[], withLeaving: boolean) => all.filter((other) => other.namespace === pod.namespace && state.matches(other) && (withLeaving || other.pod.metadata.deletionTimestamp === undefined)).length
    const by = counted(added, true) - counted(removed, false)
    if (by === 0) return state
    const domain = node.labels[constraint.key]!
    const domains = new Map(state.domains).set(domain, (state.domains.get(domain) ?? 0) + by)
    return { ...state, domains, min: fewest(domains, constraint) }
  })
}

function filterOf(pod: PodInfo, states: readonly SpreadState[]): Filter {
  const missing = (node: NodeInfo) => states.find(({ constraint }) => node.labels[constraint.key] === undefined)
  const self = states.map(({ matches }) => (matches(pod) ? 1 : 0))
  const failing = (node: NodeInfo) => states.find(({ constraint, domains, min }, i) => (domains.get(node.labels[constraint.key]!) ?? 0) + self[i]! - min > constraint.maxSkew)
  // In the order of the constraints: a label that a later one misses does not hide what an earlier one refuses.
  const test: Filter['test'] = (node) => {
    for (let i = 0; i < states.length; i++) {
      const { constraint, domains, min } = states[i]!
      const domain = node.labels[constraint.key]
      if (domain === undefined) return unlabelled
      if ((domains.get(domain) ?? 0) + self[i]! - min > constraint.maxSkew) return unbalanced
    }
    return undefined
  }
  return {
    test,
    tell(node) {
      const lacks = missing(node)
      if (lacks) return `has no label ${lacks.constraint.key} to spread over`
      const { constraint, domains, min } = failing(node) ?? states[0]!
      const domain = node.labels[constraint.key]!
      return `${domains.get(domain) ?? 0} of its group in ${sayDomain(constraint.key, domain)}, ${min} in the emptiest; may differ by ${constraint.maxSkew}`
    },
    summary(nodes) {
      const first = nodes.map((node) => (missing(node) ? undefined : failing(node))).find((state) => state)
      if (!first) return `${sayNames(nodes.map((node) => node.name))} ${nodes.length === 1 ? 'lacks' : 'lack'} the label ${states.map(({ constraint }) => constraint.key).join(', ')} to spread over`
      const { constraint, min } = first
      return `its group may differ by ${constraint.maxSkew} between ${constraint.key === hostname ? 'nodes' : `${constraint.key} domains`}, and the emptiest has ${min}`
    },
    assuming: (hypothesis) => filterOf(pod, assume(pod, states, hypothesis)),
  }
}

function score(pod: PodInfo, view: View, feasible: readonly NodeInfo[]): Scorer | undefined {
  const asked = (pod.pod.spec.topologySpreadConstraints?.length ?? 0) > 0
  const constraints = asked ? own(pod.pod, 'ScheduleAnyway') : defaults(pod, view)
  if (constraints.length === 0) return undefined
  // Own constraints leave nodes without the labels out; the defaults take what there is.
  const ignored = (node: NodeInfo) => asked && constraints.some(({ key }) => node.labels[key] === undefined)
  const taking = feasible.filter((node) => !ignored(node))
  const states = constraints.map((constraint) => {
    const perNode = constraint.key === hostname
    // Copied: the counters live on, and a cycle must be able to explain itself later.
    const counts = perNode ? new Map(view.counts(pod.namespace, constraint.selector)) : byDomain(pod, view, constraint, (node) => !ignored(node), false)
    // Nodes without the label count as one domain together, as upstream has it.
    const size = perNode ? taking.length : new Set(taking.map((node) => node.labels[constraint.key] ?? '')).size
    const at = (node: NodeInfo): number | undefined => {
      const domain = node.labels[constraint.key]
      return domain === undefined ? undefined : (counts.get(perNode ? node.name : domain) ?? 0)
    }
    return { constraint, at, weight: Math.log(size + 2) }
  })
  return {
    raw(node) {
      if (ignored(node)) return -1
      let sum = 0
      for (const { constraint, at, weight } of states) {
        const n = at(node)
        if (n !== undefined) sum += n * weight + (constraint.maxSkew - 1)
      }
      return Math.round(sum)
    },
    normalise(scores) {
      let min = Infinity
      let max = 0
      for (const raw of scores) {
        if (raw < 0) continue
        if (raw < min) min = raw
        if (raw > max) max = raw
      }
      for (let i = 0; i < scores.length; i++) {
        const raw = scores[i]!
        scores[i] = raw < 0 ? 0 : max === 0 ? 100 : Math.floor((100 * (max + min - raw)) / max)
      }
    },
    tell: (node) => states.map(({ constraint, at }) => (at(node) === undefined ? undefined : `${at(node)} of its group ${constraint.key === hostname ? 'here' : `in ${sayDomain(constraint.key, node.labels[constraint.key]!)}`}`)).filter((text) => text !== undefined).join(', ') || 'no label to spread over',
  }
}

export const topologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  filter,
  score,
  wakesOn: ['Node', 'Pod'],
  helps(pod, change) {
    if (change.kind === 'Node') return change.what.some((one) => one === 'added' || one === 'removed' || one === 'labels' || one === 'taints')
    if (change.kind !== 'Pod' || change.pod.namespace !== pod.namespace) return false
    // One that no longer counts makes room as one that comes may.
    const labels = [change.pod.labels, ...(change.before ? [change.before.labels] : [])]
    return own(pod.pod, 'DoNotSchedule').some(({ selector }) => labels.some((one) => labelSelector(selector).matches(one)))
  },
}
