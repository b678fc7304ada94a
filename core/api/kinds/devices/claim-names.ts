/** Names and lists as all kinds of devices have them. Upstream: pkg/apis/resource/validation/validation.go. */
import { duplicate, type FieldError, invalid, required, tooLong, tooMany } from '../../field-error.ts'
import { dns1123Subdomain } from '../../names.ts'

export const wrong = (field: string, value: string, sentences: readonly string[]): FieldError[] => sentences.map((sentence) => invalid(field, value, sentence))

/** A list of at most so many; `key` tells equal ones. */
export function validateList<T>(list: readonly T[] | undefined, field: string, most: number, each: (item: T, field: string) => FieldError[], key?: (item: T) => string): FieldError[] {
  const all = list ?? []
  if (all.length > most) return [tooMany(field, all.length, most)]
  const seen = new Set<string>()
  return all.flatMap((item, i) => {
    const own = key?.(item)
    const repeats = own !== undefined && seen.has(own)
    if (own !== undefined) seen.add(own)
    return [...each(item, `${field}[${i}]`), ...(repeats ? [duplicate(`${field}[${i}]`, own)] : [])]
  })
}

export const validateDriverName = (name: string | undefined, field: string): FieldError[] =>
  !name ? [required(field)] : name.length > 63 ? [tooLong(field, 63)] : wrong(field, name, dns1123Subdomain(name.toLowerCase()))

export function validatePoolName(name: string | undefined, field: string): FieldError[] {
  if (!name) return [required(field)]
  return [...(name.length > 253 ? [tooLong(field, 253)] : []), ...name.split('/').flatMap((part) => wrong(field, part, dns1123Subdomain(part)))]
}
