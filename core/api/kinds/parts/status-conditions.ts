/** Checks conditions of the common form, metav1.Condition (upstream: apimachinery/pkg/apis/meta/v1/validation, ValidateConditions). */
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../../field-error.ts'
import { labelKey, regexMessage } from '../../names.ts'
import type { Condition } from '../../types/meta.ts'

const reasonSyntax = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const isReason = new RegExp(`^${reasonSyntax}$`)
const reasonAtMost = 1024
const messageAtMost = 32 * 1024

export function validateConditions(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, condition] of (conditions ?? []).entries()) {
    const at = `${path}[${i}]`
    if (seen.has(condition.type)) errors.push(duplicate(`${at}.type`, condition.type))
    seen.add(condition.type)
    validateCondition(condition, at, errors)
  }
  return errors
}

function validateCondition({ type, status, observedGeneration, lastTransitionTime, reason, message }: Condition, at: string, errors: FieldError[]): void {
  for (const sentence of labelKey(type ?? '')) errors.push(invalid(`${at}.type`, type ?? '', sentence))
  if (!['True', 'False', 'Unknown'].includes(status)) errors.push(notSupported(`${at}.status`, status ?? '', ['False', 'True', 'Unknown']))
  if ((observedGeneration ?? 0) < 0) errors.push(invalid(`${at}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'))
  if (!lastTransitionTime) errors.push(required(`${at}.lastTransitionTime`))
  if (!reason) errors.push(required(`${at}.reason`))
  else {
    if (!isReason.test(reason)) errors.push(invalid(`${at}.reason`, reason, regexMessage('a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or \'_,:\', and must end with an alphanumeric character or \'_\'', reasonSyntax, 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB')))
    if (reason.length > reasonAtMost) errors.push(tooLong(`${at}.reason`, reasonAtMost))
  }
  if ((message ?? '').length > messageAtMost) errors.push(tooLong(`${at}.message`, messageAtMost))
}
