/**
 * Near or away from other Pods, by topology: required terms filter, preferred terms score, and placed Pods' own terms
 * work the other way round (upstream: plugins/interpodaffinity). Counted by domain once a cycle, from the books' counters.
 */
import type { Namespace } from '../../api/types/core.ts'
import { selectorText } from '../../api/label-selector.ts'
import { termMatches, type AffinityTerm } from '../affinity-terms.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Change, type Filter, type Hypothesis, type Plugin, type Rejection, type Scorer, type View } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const notNear: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true }
const notAway: Rejection = { reasons: ["node(s) didn't match pod anti-affinity rules"], unresolvable: false }
const unwelcome: Rejection = { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], unresolvable: false }

/** Pods (or points) by topology key and domain. */
type Domains = Map<string, Map<string, number>>

function put(domains: Domains, key: string, node: NodeInfo | undefined, n: number): void {
  const domain = node?.labels[key]
  if (domain === undefined) return
  let counts = domains.get(key)
  if (!counts) domains.set(key, (counts = new Map()))
  const sum = (counts.get(domain) ?? 0) + n
  if (sum === 0) counts.delete(domain)
  else counts.set(domain, sum)
}

const at = (domains: Domains, key: string, node: NodeInfo): number => domains.get(key)?.get(node.labels[key] ?? '') ?? 0
const isEmpty = (domains: Domains): boolean => [...domains.values()].every((counts) => counts.size === 0)

/** The namespaces that a term speaks of now; undefined: all. */
function namespacesOf({ namespaces, namespaceSelector, term }: AffinityTerm, view: View): ReadonlySet<string> | undefined {
  if (!term.namespaceSelector) return namespaces
  if (namespaceSelector.requirements.length === 0) return undefined
  const names = new Set(namespaces)
  for (const { metadata } of view.objects.list<Namespace>('Namespace')) if (namespaceSelector.matches(metadata.labels)) names.add(metadata.name)
  return names
}

/** Placed Pods that meet every one of the terms, by node. */
function matching(terms: readonly AffinityTerm[], view: View): { byNode: ReadonlyMap<string, number>; matches: (pod: PodInfo) => boolean } {
  const scopes = terms.map((term) => ({ term, namespaces: namespacesOf(term, view) }))
  const matches = (pod: PodInfo) => scopes.every(({ term, namespaces }) => (namespaces?.has(pod.namespace) ?? true) && term.selector.matches(pod.labels))
  const narrow = scopes.map(({ namespaces }) => namespaces).find((namespaces) => namespaces !== undefined)
  const key = `affinity\n${JSON.stringify(scopes.map(({ term, namespaces }) => [namespaces ? [...namespaces].sort() : 0, term.term.labelSelector ?? 0]))}`
  const label = terms.find((term) => term.label !== '')?.label ?? ''
  return { byNode: view.tally({ key, label, matches, ...(narrow ? { namespaces: narrow } : {}) }), matches }
}

const sayTerm = ({ selector, term }: AffinityTerm): string => {
  const wanted = term.labelSelector ? selectorText(selector) : 'nothing'
  const where = term.topologyKey === 'kubernetes.io/hostname' ? 'node' : term.topologyKey.slice(term.topologyKey.lastIndexOf('/') + 1)
  return `Pods with ${wanted === '' ? 'any label' : wanted} on its ${where}`
}

interface State {
  readonly pod: PodInfo
  readonly view: View
  /** Does each of the Pod's own required terms find company? Counted where a Pod meets all of them. */
  readonly near: Domains
  readonly away: Domains
  /** Placed Pods that do not want this one. */
  readonly against: Domains
  readonly meetsOwn: boolean
}

function rejects({ pod, near, away, against, meetsOwn }: State, node: NodeInfo): { rejection: Rejection; term?: AffinityTerm } | undefined {
  const { required, requiredAnti } = pod.affinity ?? { required: [], requiredAnti: [] }
  let alone: AffinityTerm | undefined
  for (const term of required) {
    if (node.labels[term.topologyKey] === undefined) return { rejection: notNear, term }
    if (at(near, term.topologyKey, node) <= 0) alone ??= term
  }
  // The first of a group that wants its own company may come.
  if (alone && !(meetsOwn && isEmpty(near))) return { rejection: notNear, term: alone }
  for (const term of requiredAnti) if (at(away, term.topologyKey, node) > 0) return { rejection: notAway, term }
  for (const key of against.keys()) if (at(against, key, node) > 0) return { rejection: unwelcome }
  return undefined
}

const copy = (domains: Domains): Domains => new Map([...domains].map(([key, counts]) => [key, new Map(counts)]))

/** The counts if the node had these Pods. */
function assume(state: State, { node, added, removed }: Hypothesis): State {
  const { pod, view } = state
  const [near, away, against] = [copy(state.near), copy(state.away), copy(state.against)]
  const { required, requiredAnti } = pod.affinity ?? { required: [], requiredAnti: [] }
  const meetsAll = required.length > 0 ? matching(required, view).matches : () => false
  const antis = requiredAnti.map((term) => ({ term, matches: matching([term], view).matches }))
  const labels = view.objects.get<Namespace>('Namespace', undefined, pod.namespace)?.metadata.labels
  const move = (other: PodInfo, by: 1 | -1) => {
    if (meetsAll(other)) for (const term of required) put(near, term.topologyKey, node, by)
    for (const { term, matches } of antis) if (matches(other)) put(away, term.topologyKey, node, by)
    for (const term of other.affinity?.requiredAnti ?? []) if (termMatches(term, pod.namespace, labels, pod.labels)) put(against, term.topologyKey, node, by)
  }
  for (const other of added) move(other, 1)
  for (const other of removed) move(other, -1)
  return { ...state, near, away, against }
}

function filterOf(state: State): Filter {
  const { pod } = state
  return {
    test: (node) => rejects(state, node)?.rejection,
    tell(node) {
      const no = rejects(state, node)
      if (no?.rejection === unwelcome) return 'a Pod in its place does not want this one near'
      if (no?.rejection === notAway) return `wants no ${sayTerm(no.term!)}; there ${plural(at(state.away, no.term!.topologyKey, node))}`
      if (no) return node.labels[no.term!.topologyKey] === undefined ? `has no label ${no.term!.topologyKey}` : `wants ${sayTerm(no.term!)}; there is none`
      return pod.affinity?.required.length ? `has the company it wants: ${pod.affinity.required.map(sayTerm).join(' and ')}` : 'no Pod stands in the way'
    },
    summary(nodes) {
      const no = rejects(state, nodes[0]!)
      const names = sayNames(nodes.map(({ name }) => name))
      if (no?.rejection === unwelcome) return `Pods that want to be apart from it run on ${names}`
      return no?.term ? `wants ${no.rejection === notAway ? 'no ' : ''}${sayTerm(no.term)}, and ${names} ${no.rejection === notAway ? (nodes.length === 1 ? 'has some' : 'have some') : nodes.length === 1 ? 'has none' : 'have none'}` : `does not fit beside the Pods of ${names}`
    },
    assuming: (hypothesis) => filterOf(assume(state, hypothesis)),
  }
}
const plural = (n: number): string => (n === 1 ? 'is 1' : `are ${n}`)

function filter(pod: PodInfo, view: View): Filter | undefined {
  const [near, away, against]: [Domains, Domains, Domains] = [new Map(), new Map(), new Map()]
  for (const { term, byNode } of view.antiAffinityTowards(pod)) for (const [name, n] of byNode) put(against, term.topologyKey, view.node(name), n)
  const { required, requiredAnti } = pod.affinity ?? { required: [], requiredAnti: [] }
  // Where Pods may be promised room, one of them may not want this one either.
  if (against.size === 0 && required.length + requiredAnti.length === 0 && !view.hasNominations) return undefined
  let meetsOwn = false
  if (required.length > 0) {
    const { byNode, matches } = matching(required, view)
    meetsOwn = matches(pod)
    for (const [name, n] of byNode) for (const term of required) put(near, term.topologyKey, view.node(name), n)
  }
  for (const term of requiredAnti) for (const [name, n] of matching([term], view).byNode) put(away, term.topologyKey, view.node(name), n)
  return filterOf({ pod, view, near, away, against, meetsOwn })
}

function score(pod: PodInfo, view: View): Scorer | undefined {
  const points: Domains = new Map()
  for (const { term, byNode } of view.preferencesTowards(pod)) for (const [name, n] of byNode) put(points, term.topologyKey, view.node(name), n * term.weight)
  for (const term of pod.affinity?.preferred ?? []) for (const [name, n] of matching([term], view).byNode) put(points, term.topologyKey, view.node(name), n * term.weight)
  if (points.size === 0) return undefined
  const raw = (node: NodeInfo): number => {
    let sum = 0
    for (const [key, domains] of points) {
      const domain = node.labels[key]
      if (domain !== undefined) sum += domains.get(domain) ?? 0
    }
    return sum
  }
  return {
    raw,
    normalise(scores) {
      let min = Infinity
      let max = -Infinity
      for (const one of scores) {
        if (one < min) min = one
        if (one > max) max = one
      }
      for (let i = 0; i < scores.length; i++) scores[i] = max === min ? 0 : Math.trunc(100 * ((scores[i]! - min) / (max - min)))
    },
    tell: (node) => `${raw(node)} points for the Pods around it`,
  }
}

function helps(pod: PodInfo, change: Change): boolean {
  if (changedNode(change, 'added', 'labels')) return true
  if (change.kind === 'Namespace') return pod.affinity !== undefined
  if (change.kind !== 'Pod') return false
  const other = change.pod
  // What comes can be company; what goes or changes can have stood in the way, on either side.
  const isCompany = (pod.affinity?.required ?? []).some((term) => term.selector.matches(other.labels))
  if (change.what === 'placed') return isCompany
  return isCompany || (pod.affinity?.requiredAnti ?? []).some((term) => term.selector.matches(other.labels)) || (other.affinity?.requiredAnti ?? []).some((term) => term.selector.matches(pod.labels))
    || change.what === 'labels'
}

export const interPodAffinity: Plugin = { name: 'InterPodAffinity', weight: 2, filter, score, wakesOn: ['Node', 'Pod', 'Namespace'], helps }
