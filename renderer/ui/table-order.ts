/**
 * The order of a table's rows: what you sorted stays where it is while values change; new rows go to the end until you
 * sort again. Comparing knows numbers, durations ("5m2s"), ratios ("2/3") and plain words. Pure.
 */
export type CellValue = string | number | boolean | null | undefined
export interface Sort { column: number; down: boolean }

const unit: Record<string, number> = { y: 31_536_000, d: 86_400, h: 3_600, m: 60, s: 1 }
function durationSeconds(text: string): number | undefined {
  if (!/^(\d+[ydhms])+$/.test(text)) return undefined
  let total = 0
  for (const match of text.matchAll(/(\d+)([ydhms])/g)) total += Number(match[1]) * unit[match[2]!]!
  return total
}
function numeric(value: CellValue): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  if (/^-?\d+(\.\d+)?%?$/.test(value)) return Number.parseFloat(value)
  const ratio = /^(\d+)\/(\d+)$/.exec(value)
  if (ratio) return Number(ratio[1]) / Math.max(1, Number(ratio[2])) + Number(ratio[2]) * 1e-6
  // "3 (2m ago)", as restarts are printed
  const leading = /^(\d+) \(/.exec(value)
  return leading ? Number(leading[1]) : durationSeconds(value)
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
export function compareCells(a: CellValue, b: CellValue): number {
  const empty = (v: CellValue) => v === null || v === undefined || v === '' || v === '<none>'
  if (empty(a) || empty(b)) return empty(a) === empty(b) ? 0 : empty(a) ? 1 : -1
  const x = numeric(a)
  const y = numeric(b)
  return x !== undefined && y !== undefined ? x - y : collator.compare(String(a), String(b))
}

export const sortedKeys = (rows: readonly { key: string; cells: readonly CellValue[] }[], sort: Sort | undefined): string[] => {
  if (!sort) return rows.map((row) => row.key)
  return rows.toSorted((a, b) => compareCells(a.cells[sort.column], b.cells[sort.column]) * (sort.down ? -1 : 1) || collator.compare(a.key, b.key)).map((row) => row.key)
}

/** Rows in the kept order; those not yet in it follow in their own order. */
export function inOrder<R extends { key: string }>(rows: readonly R[], order: readonly string[]): R[] {
  const byKey = new Map(rows.map((row) => [row.key, row]))
  const result: R[] = []
  for (const key of order) {
    const row = byKey.get(key)
    if (row) { result.push(row); byKey.delete(key) }
  }
  for (const row of rows) if (byKey.has(row.key)) result.push(row)
  return result
}

/** First and one-past-last row on screen, with some rows around. */
export function visibleRange(scroll: number, height: number, rowHeight: number, rows: number, around = 6): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scroll / rowHeight) - around)
  return { from: Math.min(from, rows), to: Math.min(rows, Math.ceil((scroll + height) / rowHeight) + around) }
}
