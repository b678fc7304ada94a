/**
 * Counters over placed Pods, kept up to date Pod by Pod: how many that match a question run on which node, and which
 * affinity terms are held where. Looked up by a label that all matches carry, so that a placement touches few of them.
 */
import { termMatches, type AffinityTerm } from '../affinity-terms.ts'
import type { PodInfo } from '../pod-info.ts'

/** A question about Pods; the same key must always mean the same. */
export interface Tally {
  readonly key: string
  /** Absent: all namespaces. */
  readonly namespaces?: ReadonlySet<string>
  /** `key=value` that every match carries, or ''. */
  readonly label: string
  matches(pod: PodInfo): boolean
}

export interface AffinityGroup {
  readonly term: AffinityTerm
  /** Pods that hold the term. */
  readonly byNode: ReadonlyMap<string, number>
}

export interface PlacedPod {
  readonly pod: PodInfo
  readonly node: string
}

const talliesAtMost = 4_000

const bump = (counts: Map<string, number>, node: string, by: number) => {
  const n = (counts.get(node) ?? 0) + by
  if (n > 0) counts.set(node, n)
  else counts.delete(node)
}

const labelsOf = function* (pod: PodInfo): Generator<string> {
  yield ''
  for (const key in pod.labels) yield `${key}=${pod.labels[key]}`
}

interface Counter {
  readonly tally: Tally
  readonly byNode: Map<string, number>
}

/** Made at the first question, kept while asked for. */
export class Tallies {
  readonly #byKey = new Map<string, Counter>()
  readonly #byLabel = new Map<string, Set<Counter>>()

  get(tally: Tally, placed: () => Iterable<PlacedPod>): ReadonlyMap<string, number> {
    let counter = this.#byKey.get(tally.key)
    if (counter) {
      // Used last, dropped last.
      this.#byKey.delete(tally.key)
      this.#byKey.set(tally.key, counter)
      return counter.byNode
    }
    if (this.#byKey.size >= talliesAtMost) this.#drop(this.#byKey.values().next().value!)
    counter = { tally, byNode: new Map() }
    for (const { pod, node } of placed()) if (concerns(tally, pod)) bump(counter.byNode, node, 1)
    this.#byKey.set(tally.key, counter)
    let bucket = this.#byLabel.get(tally.label)
    if (!bucket) this.#byLabel.set(tally.label, (bucket = new Set()))
    bucket.add(counter)
    return counter.byNode
  }

  count(pod: PodInfo, node: string, by: 1 | -1): void {
    if (this.#byKey.size === 0) return
    for (const label of labelsOf(pod)) {
      const bucket = this.#byLabel.get(label)
      if (bucket) for (const { tally, byNode } of bucket) if (concerns(tally, pod)) bump(byNode, node, by)
    }
  }

  #drop(counter: Counter): void {
    this.#byKey.delete(counter.tally.key)
    const bucket = this.#byLabel.get(counter.tally.label)
    bucket?.delete(counter)
    if (bucket?.size === 0) this.#byLabel.delete(counter.tally.label)
  }
}

const concerns = (tally: Tally, pod: PodInfo): boolean => (tally.namespaces?.has(pod.namespace) ?? true) && tally.matches(pod)

interface HeldTerm {
  readonly term: AffinityTerm
  readonly byNode: Map<string, number>
}

/** The affinity terms that placed Pods hold. */
export class HeldTerms {
  readonly #byKey = new Map<string, HeldTerm>()
  readonly #byLabel = new Map<string, Set<HeldTerm>>()

  count(term: AffinityTerm, node: string, by: 1 | -1): void {
    let held = this.#byKey.get(term.key)
    if (!held) {
      held = { term, byNode: new Map() }
      this.#byKey.set(term.key, held)
      let bucket = this.#byLabel.get(term.label)
      if (!bucket) this.#byLabel.set(term.label, (bucket = new Set()))
      bucket.add(held)
    }
    bump(held.byNode, node, by)
    if (held.byNode.size > 0) return
    this.#byKey.delete(term.key)
    const bucket = this.#byLabel.get(term.label)
    bucket?.delete(held)
    if (bucket?.size === 0) this.#byLabel.delete(term.label)
  }

  /** Those that speak of this Pod. */
  *towards(pod: PodInfo, namespaceLabels: Readonly<Record<string, string>> | undefined): Generator<AffinityGroup> {
    if (this.#byKey.size === 0) return
    for (const label of labelsOf(pod)) {
      const bucket = this.#byLabel.get(label)
      if (bucket) for (const held of bucket) if (termMatches(held.term, pod.namespace, namespaceLabels, pod.labels)) yield held
    }
  }
}
