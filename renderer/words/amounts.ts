/** Numbers as people read them: sizes, CPU, durations, clock times; and the way back from what they type. Pure. */
const binary: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 }
const decimal: Record<string, number> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 }

/** A Kubernetes quantity as a number; undefined where it is none. Good for comparing and drawing, not for storing. */
export function quantityToNumber(text: string | number | undefined): number | undefined {
  if (typeof text === 'number') return text
  if (text === undefined) return undefined
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/.exec(text.trim())
  if (!match) return undefined
  const number = Number(match[1])
  if (match[2] !== undefined) return number * binary[match[2]]!
  if (match[4] !== undefined) return number * 10 ** Number(match[4])
  return number * decimal[match[3] ?? '']!
}

const short = (value: number): string => {
  const rounded = value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
  return String(rounded)
}

/** "212 MiB", "1.4 GiB", "0". */
export function bytesInWords(bytes: number): string {
  if (bytes <= 0) return '0'
  for (const [unit, size] of [['TiB', 2 ** 40], ['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]] as const) {
    if (bytes >= size * 0.95) return `${short(bytes / size)} ${unit}`
  }
  return `${Math.round(bytes)} B`
}

/** "2.4 of 7.6 GiB": both sides in the unit of the whole. */
export function bytesOf(part: number, whole: number): { part: string; whole: string } {
  const inWords = bytesInWords(whole)
  const unit = inWords.split(' ')[1] ?? 'B'
  const size = { TiB: 2 ** 40, GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 }[unit] ?? 1
  // Little of much keeps its own unit, or it would read as nothing.
  return { part: part > 0 && part / size < 0.05 ? bytesInWords(part) : short(part / size), whole: inWords }
}

/** "0.03", "1.1", "4": CPUs, two digits where small. */
export const cpuInWords = (cores: number): string => String(cores < 1 ? Math.round(cores * 100) / 100 : Math.round(cores * 10) / 10)

/** "3 days", "2 h 5 min", "1 min 20 s", "8 s". */
export function durationInWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10 && seconds % 60 > 0) return `${minutes} min ${seconds % 60} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 || hours >= 10 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  const days = Math.floor(hours / 24)
  return days === 1 ? '1 day' : `${days} days`
}

/** 24-hour local time with milliseconds, "12:11:05.310", where order matters. */
export function clockMillis(ms: number): string {
  const at = new Date(ms)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** "1 Pod", "3 Pods". */
export const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** "a", "a and b", "a, b and c". */
export const listInWords = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`

/** What a person types for memory ("128 MiB", "128mb", "1g", "1.5 Gi") as a quantity; undefined where it is none. */
export function memoryTyped(text: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*$/i.exec(text)
  if (!match) return undefined
  const unit = (match[2] ?? '').toUpperCase()
  if (unit === '') return match[1]!.includes('.') ? undefined : match[1]
  const number = Number(match[1])
  if (Number.isInteger(number)) return `${number}${unit}i`
  const smaller = { T: 'Gi', G: 'Mi', M: 'Ki', K: '' }[unit as 'T' | 'G' | 'M' | 'K']
  return `${Math.round(number * 1024)}${smaller}`
}

/** "0.25", "0.25 CPU", "250m" as a quantity. */
export function cpuTyped(text: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(m)?\s*(?:cpus?)?\s*$/i.exec(text)
  if (!match) return undefined
  const cores = match[2] === undefined ? Number(match[1]) : Number(match[1]) / 1000
  return Number.isInteger(cores) ? String(cores) : `${Math.round(cores * 1000)}m`
}
