/** Whether an Indexed Job has succeeded enough by its successPolicy (pkg/controller/job/success_policy.go). */
import type { SuccessPolicy } from '../../api/types/batch.ts'
import { overlap, parseIndexes, total, type Indexes } from './indexes.ts'

/** What the condition says, where a rule is met. */
export function matchSuccessPolicy(policy: SuccessPolicy | undefined, completions: number, succeeded: Indexes): string | undefined {
  if (succeeded.length === 0) return undefined
  for (const [i, { succeededIndexes, succeededCount }] of (policy?.rules ?? []).entries()) {
    const met = `Matched rules at index ${i}`
    if (succeededIndexes === undefined) {
      if (succeededCount !== undefined && total(succeeded) >= succeededCount) return met
      continue
    }
    const wanted = parseIndexes(succeededIndexes, completions)
    if (wanted.length === 0) continue
    const there = overlap(wanted, succeeded)
    if (there === total(wanted) || (succeededCount !== undefined && there >= succeededCount)) return met
  }
  return undefined
}
