/**
 * Finds keys that stand twice in one JSON object; JSON.parse silently keeps the last. Takes text that JSON.parse has
 * accepted. Runs on every write, so it jumps over strings and allocates little.
 */
const quote = 34
const backslash = 92
const comma = 44
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93

export function duplicateKeys(text: string): string[] {
  const found: string[] = []
  /** Per depth: the keys of the object seen so far; undefined for an array. */
  const keysAt: (string[] | undefined)[] = []
  /** Per depth: index of the element in an array. */
  const indexAt: number[] = []
  let depth = -1
  let expectsKey = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === quote) {
      const from = i + 1
      i = stringEnd(text, from)
      if (!expectsKey) continue
      expectsKey = false
      let key = text.slice(from, i)
      if (key.includes('\\')) key = JSON.parse(`"${key}"`) as string
      const keys = keysAt[depth]!
      if (keys.length > 0 && keys.includes(key)) {
        keys.push(key)
        found.push(path(keysAt, indexAt, depth))
      } else keys.push(key)
    } else if (c === openBrace) {
      keysAt[++depth] = []
      expectsKey = true
    } else if (c === openBracket) {
      keysAt[++depth] = undefined
      indexAt[depth] = 0
      expectsKey = false
    } else if (c === closeBrace || c === closeBracket) {
      depth--
      expectsKey = false
    } else if (c === comma) {
      if (keysAt[depth] === undefined) indexAt[depth]!++
      else expectsKey = true
    }
  }
  return found
}

function stringEnd(text: string, from: number): number {
  let end = text.indexOf('"', from)
  for (;;) {
    let back = end - 1
    while (back >= from && text.charCodeAt(back) === backslash) back--
    if ((end - back) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
}

function path(keysAt: readonly (string[] | undefined)[], indexAt: readonly number[], depth: number): string {
  let result = ''
  for (let d = 0; d <= depth; d++) {
    const keys = keysAt[d]
    if (keys === undefined) result += `[${indexAt[d]}]`
    else result += result === '' ? keys.at(-1)! : `.${keys.at(-1)!}`
  }
  return result
}
