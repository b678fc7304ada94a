/** successPolicy of Indexed Jobs. Upstream: pkg/apis/batch/validation, validateSuccessPolicy. */
import { type FieldError, invalid, required, tooLong, tooMany } from '../../field-error.ts'
import type { SuccessPolicy, SuccessPolicyRule } from '../../types/batch.ts'
import { countIndexes } from './index-intervals.ts'

const mostRules = 20
const longestIndexes = 64 * 1024

export function validateSuccessPolicy({ rules = [] }: SuccessPolicy, completions: number, path: string, errors: FieldError[]): void {
  if (rules.length === 0) errors.push(required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > mostRules) errors.push(tooMany(`${path}.rules`, rules.length, mostRules))
  for (const [i, rule] of rules.entries()) validateRule(rule, completions, `${path}.rules[${i}]`, errors)
}

function validateRule({ succeededCount, succeededIndexes }: SuccessPolicyRule, completions: number, path: string, errors: FieldError[]): void {
  if (succeededCount === undefined && succeededIndexes === undefined) errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`
    if (succeededIndexes.length > longestIndexes) errors.push(tooLong(at, longestIndexes))
    const counted = countIndexes(succeededIndexes, completions)
    if (typeof counted === 'number') total = counted
    else errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${counted}`))
  }
  if (succeededCount === undefined) return
  const at = `${path}.succeededCount`
  if (succeededCount < 0) errors.push(invalid(at, succeededCount, 'must be greater than or equal to 0'))
  if (succeededCount > completions) errors.push(invalid(at, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`))
  if (succeededIndexes !== undefined && succeededCount > total) {
    errors.push(invalid(at, succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`))
  }
}
