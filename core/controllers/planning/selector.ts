/** Small questions about selectors and labels that several controllers ask. */
import { labelSelector, type Labels } from '../../api/label-selector.ts'
import type { LabelSelector } from '../../api/types/meta.ts'

export const matches = (selector: LabelSelector | undefined, labels: Labels | undefined): boolean => labelSelector(selector).matches(labels)

export function matchesAll(wanted: Labels | undefined, labels: Labels | undefined): boolean {
  for (const key in wanted) if (labels?.[key] !== wanted[key]) return false
  return true
}
