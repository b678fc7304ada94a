/**
 * matchLabelKeys and mismatchLabelKeys: at its creation a Pod's own values of these labels become part of the selector beside
 * them. Upstream: pkg/registry/core/pod/strategy.go, applyMatchLabelKeysAndMismatchLabelKeys; pkg/apis/core/validation.
 */
import { type FieldError, forbidden, invalid } from '../../field-error.ts'
import { labelKey } from '../../names.ts'
import type { Pod, PodAffinityTerm } from '../../types/core.ts'
import type { LabelSelector } from '../../types/meta.ts'

interface Keyed {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

export function mergeLabelKeys({ metadata: { labels = {} }, spec }: Pod): void {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  for (const affinity of [podAffinity, podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) merge(podAffinityTerm, labels)
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) merge(term, labels)
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) merge(constraint, labels)
}

/** Without a selector nothing is matched, and no key makes it more. */
function merge({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Keyed, labels: Readonly<Record<string, string>>): void {
  if (!labelSelector) return
  const own = (keys: readonly string[], operator: 'In' | 'NotIn') => keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]))
  const more = [...own(matchLabelKeys, 'In'), ...own(mismatchLabelKeys, 'NotIn')]
  if (more.length > 0) labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...more]
}

/** Asked after the merge: a key that the selector names twice was named by the user as well. */
export function validateLabelKeys({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>, path: string, errors: FieldError[]): void {
  for (const [field, keys] of [['matchLabelKeys', matchLabelKeys], ['mismatchLabelKeys', mismatchLabelKeys]] as const) {
    if (keys.length > 0 && !labelSelector) errors.push(forbidden(`${path}.${field}`, 'must not be specified when labelSelector is not set'))
    else for (const [i, key] of keys.entries()) for (const sentence of labelKey(key)) errors.push(invalid(`${path}.${field}[${i}]`, key, sentence))
  }
  if (labelSelector) {
    const seen = new Set(Object.keys(labelSelector.matchLabels ?? {}))
    for (const { key } of labelSelector.matchExpressions ?? []) {
      const i = matchLabelKeys.lastIndexOf(key)
      if (i >= 0 && seen.has(key)) errors.push(invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'))
      seen.add(key)
    }
  }
  for (const [i, key] of matchLabelKeys.entries()) if (mismatchLabelKeys.includes(key)) errors.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
}
