/** Index lists such as `0,3-5`, checked strictly (pkg/apis/batch/validation, validateIndexesFormat). */

export interface Interval {
  readonly first: number
  readonly last: number
}

const quote = (text: string) => JSON.stringify(text)

/** The interval, or what is wrong with it. */
function parseInterval(text: string, completions: number): Interval | string {
  const limits = text.split('-')
  if (limits.length > 2) return `the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`
  const numbers: number[] = []
  for (const limit of limits) {
    if (!/^[-+]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${quote(limit)}`
    const value = Number(limit)
    if (value >= completions) return `too large index: ${quote(limit)}`
    numbers.push(value)
  }
  const [first = 0, last = first] = numbers
  if (numbers.length > 1 && first >= last) return `non-increasing order, previous: ${first}, current: ${last}`
  return { first, last }
}

/** How many indexes the list names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let before: number | undefined
  let total = 0
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions)
    if (typeof interval === 'string') return interval
    if (before !== undefined && before >= interval.first) return `non-increasing order, previous: ${before}, current: ${interval.first}`
    total += interval.last - interval.first + 1
    before = interval.last
  }
  return total
}

/** The first index that both lists hold; what can't be read is left out. */
export function firstOverlap(a: string, b: string, completions: number): number | undefined {
  const intervals = (text: string) => (text === '' ? [] : text.split(',').map((part) => parseInterval(part, completions))).filter((parsed) => typeof parsed !== 'string')
  const [left, right] = [intervals(a), intervals(b)]
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [x, y] = [left[i]!, right[j]!]
    if (x.first <= y.last && y.first <= x.last) return Math.max(x.first, y.first)
    if (x.first <= y.first) i++
    else j++
  }
  return undefined
}
