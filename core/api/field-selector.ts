/** Field selectors: `status.phase=Running,spec.nodeName!=`. Upstream: apimachinery/pkg/fields/selector.go. */
export interface FieldTerm {
  readonly field: string
  readonly value: string
  readonly equal: boolean
}

/** Throws a RangeError with upstream's sentence. */
export function parseFieldSelector(text: string): FieldTerm[] {
  return splitTerms(text).sort().filter((term) => term !== '').map((term) => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
    if (!match) throw new RangeError(`invalid selector: '${text}'; can't understand '${term}'`)
    return { field: match[1]!, value: unescape(match[3]!), equal: match[2] !== '!=' }
  })
}

export const matchesFields = (terms: readonly FieldTerm[], valueOf: (field: string) => string): boolean =>
  terms.every(({ field, value, equal }) => (valueOf(field) === value) === equal)

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescape(text: string): string {
  let value = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (char === '\\') {
      const next = text[++i]
      if (next === undefined || !'\\,='.includes(next)) throw new RangeError(`invalid field selector: invalid escape sequence: \\${next ?? ''}`)
      value += next
    } else if (char === ',' || char === '=') {
      throw new RangeError(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`)
    } else value += char
  }
  return value
}
