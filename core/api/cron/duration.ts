/** Go's time.ParseDuration, with its error sentences. */
const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const quote = (text: string) => JSON.stringify(text)

/** Milliseconds, or what is wrong. */
export function parseDuration(text: string): number | string {
  const wrong = `time: invalid duration ${quote(text)}`
  let rest = text
  let sign = 1
  if (/^[-+]/.test(rest)) {
    if (rest.startsWith('-')) sign = -1
    rest = rest.slice(1)
  }
  if (rest === '0') return 0
  if (rest === '') return wrong
  let total = 0
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined) return wrong
    rest = rest.slice(number.length)
    const unit = /^[^.\d]+/.exec(rest)?.[0]
    if (unit === undefined) return `time: missing unit in duration ${quote(text)}`
    rest = rest.slice(unit.length)
    const size = unitMs[unit]
    if (size === undefined) return `time: unknown unit ${quote(unit)} in duration ${quote(text)}`
    total += Number(number) * size
  }
  return total * 1e6 > 2 ** 63 ? wrong : sign * total
}
