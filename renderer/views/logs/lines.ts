/**
 * The window's log lines: a ring of at most `capacity`, kept in order of time, with the level and Pod of each, the rows
 * that pass the filters as an index, and counts per level. Everything is incremental: a line costs the same at the
 * first and at the hundred-thousandth. No framework in here; the view reads `rows` after each `add`.
 */
import type { JournalEntry, LogLine } from '../../../electron/contract.ts'
import { levelOf, type Level } from './level.ts'

export interface LineRow { type: 'line'; id: number; at: number; pod: string; container: string; attempt: number; stream: 'stdout' | 'stderr'; text: string; level: Level }
/** Stands between the lines: a change of the cluster, or a source that joined or left. */
export interface NoteRow { type: 'note'; id: number; at: number; say: string; why?: string; who?: string; mark?: string; entry?: JournalEntry }
export type LogRow = LineRow | NoteRow

export interface LogFilter {
  levels: ReadonlySet<Level>
  /** `pod/container` keys that are hidden. */
  hidden: ReadonlySet<string>
  notes: boolean
}

export const sourceKey = (pod: string, container: string): string => `${pod}/${container}`

export class LogLines {
  readonly #capacity: number
  #all: LogRow[] = []
  #rows: LogRow[] = []
  #filter: LogFilter = { levels: new Set<Level>(['error', 'warning', 'info', 'debug']), hidden: new Set(), notes: true }
  #nextId = 1
  #counts: Record<Level, number> = { error: 0, warning: 0, info: 0, debug: 0 }
  /** Lines that left at the old end. */
  dropped = 0
  /** Rises when rows came to stand between others, so that positions after them changed. */
  moves = 0

  constructor(capacity = 100_000) { this.#capacity = capacity }

  /** The rows that pass, oldest first. The array is replaced or appended to: read it anew after each change. */
  get rows(): readonly LogRow[] { return this.#rows }
  get size(): number { return this.#all.length }
  get counts(): Readonly<Record<Level, number>> { return this.#counts }

  addLines(lines: readonly LogLine[]): number {
    return this.#add(lines.map((line) => ({
      type: 'line', id: this.#nextId++, at: line.at, pod: line.pod, container: line.container, attempt: line.attempt,
      stream: line.stream, text: line.text, level: levelOf(line.text, line.stream),
    })))
  }

  addNotes(notes: readonly Omit<NoteRow, 'type' | 'id'>[]): number {
    return this.#add(notes.map((note) => ({ ...note, type: 'note', id: this.#nextId++ })))
  }

  /** Answers how many of the new rows pass the filter. */
  #add(fresh: LogRow[]): number {
    if (fresh.length === 0) return 0
    for (const row of fresh) if (row.type === 'line') this.#counts[row.level]++
    const passing = fresh.filter((row) => this.#passes(row))
    const last = this.#rows.at(-1)
    if (last !== undefined && passing.some((row) => before(row, last))) this.moves++
    this.#all = merge(this.#all, fresh)
    this.#rows = merge(this.#rows, passing)
    const over = this.#all.length - this.#capacity
    // A tenth of slack, so that the cut is rare and cheap per line.
    if (over > this.#capacity / 10) {
      const gone = this.#all.splice(0, over)
      this.dropped += over
      for (const row of gone) if (row.type === 'line') this.#counts[row.level]--
      const first = this.#all[0]!
      const cut = this.#rows.findIndex((row) => row.at > first.at || (row.at === first.at && row.id >= first.id))
      this.#rows = cut < 0 ? [] : this.#rows.slice(cut)
    }
    return passing.length
  }

  filter(filter: LogFilter): void {
    this.#filter = filter
    this.#rows = this.#all.filter((row) => this.#passes(row))
  }

  clear(): void {
    this.#all = []
    this.#rows = []
    this.#counts = { error: 0, warning: 0, info: 0, debug: 0 }
    this.dropped = 0
  }

  /** Indexes into `rows` whose text holds the words, case-insensitive. */
  search(words: string): number[] {
    const wanted = words.toLowerCase()
    if (wanted === '') return []
    const found: number[] = []
    this.#rows.forEach((row, index) => { if ((row.type === 'line' ? row.text : row.say).toLowerCase().includes(wanted)) found.push(index) })
    return found
  }

  text(withSource: boolean): string {
    return this.#rows.map((row) => {
      const at = new Date(row.at).toISOString()
      if (row.type === 'note') return `${at} --- ${row.who === undefined ? '' : `${row.who} `}${row.say}`
      return withSource ? `${at} ${row.pod} ${row.container} ${row.text}` : `${at} ${row.text}`
    }).join('\n') + '\n'
  }

  #passes(row: LogRow): boolean {
    if (row.type === 'note') return this.#filter.notes
    return this.#filter.levels.has(row.level) && !this.#filter.hidden.has(sourceKey(row.pod, row.container))
  }
}

const before = (a: LogRow, b: LogRow): boolean => a.at < b.at || (a.at === b.at && a.id < b.id)

/** Merges new rows into ordered ones: an append where they are newer, else a merge of the overlapping end only. */
function merge(ordered: LogRow[], fresh: LogRow[]): LogRow[] {
  if (fresh.length === 0) return ordered
  const sorted = isSorted(fresh) ? fresh : fresh.toSorted((a, b) => a.at - b.at || a.id - b.id)
  const last = ordered.at(-1)
  if (last === undefined || before(last, sorted[0]!)) {
    for (const row of sorted) ordered.push(row)
    return ordered
  }
  let from = ordered.length
  while (from > 0 && before(sorted[0]!, ordered[from - 1]!)) from--
  const tail = ordered.splice(from)
  let i = 0
  let j = 0
  while (i < tail.length || j < sorted.length) {
    if (j >= sorted.length || (i < tail.length && before(tail[i]!, sorted[j]!))) ordered.push(tail[i++]!)
    else ordered.push(sorted[j++]!)
  }
  return ordered
}
const isSorted = (rows: readonly LogRow[]): boolean => rows.every((row, i) => i === 0 || !before(row, rows[i - 1]!))

export interface Bucket { from: number; to: number; total: number; errors: number; warnings: number }

/** Lines over time for the histogram: `buckets` equal slices from the first shown line to the last. */
export function histogram(rows: readonly LogRow[], buckets: number): Bucket[] {
  const first = rows[0]
  const last = rows.at(-1)
  if (!first || !last) return []
  const span = Math.max(1000, last.at - first.at)
  const width = span / buckets
  const result = Array.from({ length: buckets }, (_, i): Bucket => ({ from: first.at + i * width, to: first.at + (i + 1) * width, total: 0, errors: 0, warnings: 0 }))
  for (const row of rows) {
    if (row.type !== 'line') continue
    const bucket = result[Math.min(buckets - 1, Math.floor((row.at - first.at) / width))]!
    bucket.total++
    if (row.level === 'error') bucket.errors++
    else if (row.level === 'warning') bucket.warnings++
  }
  return result
}

/** Text split at the matches of a search, for marking them. */
export function marked(text: string, words: string): { text: string; hit: boolean }[] {
  if (words === '') return [{ text, hit: false }]
  const parts: { text: string; hit: boolean }[] = []
  const lower = text.toLowerCase()
  const wanted = words.toLowerCase()
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0 && parts.length < 200; at = lower.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false })
    parts.push({ text: text.slice(at, at + wanted.length), hit: true })
    from = at + wanted.length
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from), hit: false })
  return parts
}

/** Removes terminal colour codes: the view has its own colours. */
export const plainText = (text: string): string => text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
