/** One text for everything that means the same JSON, and short hashes of it: how Pod templates are told apart. */

const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** JSON with sorted keys, without nulls and empty lists: they mean the same as absence. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = value as Readonly<Record<string, unknown>>
  const parts: string[] = []
  for (const key of Object.keys(fields).sort()) {
    const child = fields[key]
    if (child === undefined || child === null || (Array.isArray(child) && child.length === 0)) continue
    parts.push(`${JSON.stringify(key)}:${canonical(child)}`)
  }
  return `{${parts.join(',')}}`
}

/** The same value with keys in order, as Go writes maps: upstream's clients compare a revision's data by its bytes. */
export function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(Object.keys(fields).sort().filter((key) => fields[key] !== undefined).map((key) => [key, inOrder(fields[key])]))
}

/**
 * Short and stable, made of letters that spell no words (upstream: rand.SafeEncodeString over 32 bits of FNV of Go's own
 * bytes, which no other language can repeat; the same value gives another hash here, of the same form).
 */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => safeLetters[digit.charCodeAt(0) % safeLetters.length]).join('')
}
