/**
 * Inter-Pod affinity terms, parsed once per Pod (upstream: kube-scheduler/framework, AffinityTerm). Terms that say the
 * same have the same key, so that the books can keep one counter for all Pods of a workload.
 */
import { labelSelector, nothing, type Selector } from '../api/label-selector.ts'
import type { Pod, PodAffinityTerm } from '../api/types/core.ts'

export interface AffinityTerm {
  readonly key: string
  readonly topologyKey: string
  /** Points for preferred terms, negative for anti-affinity; for required affinity what others get for coming near. */
  readonly weight: number
  readonly namespaces: ReadonlySet<string>
  /** Absent: only `namespaces`. */
  readonly namespaceSelector: Selector
  readonly selector: Selector
  /** `key=value` that every matching Pod carries, where there is such a label: what the books look terms up by. */
  readonly label: string
  /** As the Pod words it, for people. */
  readonly term: PodAffinityTerm
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[]
  readonly requiredAnti: readonly AffinityTerm[]
  readonly preferred: readonly AffinityTerm[]
}

/** Upstream's default of HardPodAffinityWeight. */
const hardWeight = 1

/** A label that every match of the selector must carry; '' where there is none. */
export function leadingLabel(selector: Selector): string {
  for (const { key, operator, values } of selector.requirements) if ((operator === '=' || operator === 'In') && values.length === 1) return `${key}=${values[0]}`
  return ''
}

/** matchLabelKeys and mismatchLabelKeys stand for the holder's own values. */
function withOwnLabels(term: PodAffinityTerm, labels: Readonly<Record<string, string>>): PodAffinityTerm {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector: asked } = term
  if (!asked || matchLabelKeys.length + mismatchLabelKeys.length === 0) return term
  const own = (keys: readonly string[], operator: 'In' | 'NotIn') => keys.filter((key) => labels[key] !== undefined).map((key) => ({ key, operator, values: [labels[key]!] }))
  return { ...term, labelSelector: { ...asked, matchExpressions: [...(asked.matchExpressions ?? []), ...own(matchLabelKeys, 'In'), ...own(mismatchLabelKeys, 'NotIn')] } }
}

function parse(stated: PodAffinityTerm, { namespace = '', labels = {} }: Pod['metadata'], weight: number): AffinityTerm {
  const term = withOwnLabels(stated, labels)
  const selector = labelSelector(term.labelSelector)
  // Without both, the term means the Pod's own namespace.
  const names = (term.namespaces?.length ?? 0) > 0 ? term.namespaces! : term.namespaceSelector ? [] : [namespace]
  return {
    key: JSON.stringify([term.topologyKey, weight, [...names].sort(), term.namespaceSelector ?? 0, term.labelSelector ?? 0]),
    topologyKey: term.topologyKey,
    weight,
    namespaces: new Set(names),
    namespaceSelector: term.namespaceSelector ? labelSelector(term.namespaceSelector) : nothing,
    selector,
    label: leadingLabel(selector),
    term,
  }
}

/** Undefined where the Pod has no terms at all: most have none. */
export function affinityTerms(pod: Pod): AffinityTerms | undefined {
  const near = pod.spec.affinity?.podAffinity
  const away = pod.spec.affinity?.podAntiAffinity
  if (!near && !away) return undefined
  const { metadata } = pod
  const terms = {
    required: (near?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => parse(term, metadata, hardWeight)),
    requiredAnti: (away?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => parse(term, metadata, 0)),
    preferred: [
      ...(near?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm, weight }) => parse(podAffinityTerm, metadata, weight)),
      ...(away?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm, weight }) => parse(podAffinityTerm, metadata, -weight)),
    ].filter(({ weight }) => weight !== 0),
  }
  return terms.required.length + terms.requiredAnti.length + terms.preferred.length === 0 ? undefined : terms
}

/** Whether the term speaks of a Pod with these labels in this namespace. */
export const termMatches = (term: AffinityTerm, namespace: string, namespaceLabels: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean =>
  (term.namespaces.has(namespace) || term.namespaceSelector.matches(namespaceLabels)) && term.selector.matches(labels)
