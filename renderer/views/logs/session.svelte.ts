/**
 * One log stream and what the window keeps of it: opens, joins cluster changes in between, goes on after a cut from where
 * it stopped, and outlives the Pods of a workload. Made by the view, closed with it.
 */
import type { JournalEntry, LogBatch, LogLine } from '../../../electron/contract.ts'
import { refKey, type Ref } from '../../../core/api/meta.ts'
import type { Cluster } from '../../cluster/cluster.svelte.ts'
import { tells } from '../../cluster/telling.ts'
import { byPerson } from '../../words/actors.ts'
import { spoken } from '../../words/spoken.ts'
import { LogLines, plainText, sourceKey, type LogFilter, type NoteRow } from './lines.ts'

export interface LogSource { key: string; pod: string; container: string; attempt: number; live: boolean; said?: string }

export class LogSession {
  readonly lines = new LogLines()
  version = $state(0)
  epoch = $state(0)
  state = $state<'opening' | 'live' | 'ended' | 'broken'>('opening')
  problem = $state<string | undefined>()
  sources = $state.raw<readonly LogSource[]>([])
  /** Lines that came while following was off. */
  unseen = $state(0)
  following = $state(true)
  readonly #cluster: Cluster
  readonly #ref: Ref
  readonly #previous: boolean
  #stream: { close(): void } | undefined
  #stops: (() => void)[] = []
  #pending: LogLine[] = []
  #flushing = false
  /** The newest line of each source, so that a stream opened again repeats nothing. */
  readonly #newest = new Map<string, { at: number; texts: Set<string> }>()
  #catchUp = false
  #closed = false

  constructor(cluster: Cluster, ref: Ref, options: { previous: boolean; about: (entry: JournalEntry) => boolean }) {
    this.#cluster = cluster
    this.#ref = ref
    this.#previous = options.previous
    this.#open(2_000)
    this.#notes(cluster.journal.entries.filter(options.about))
    this.#stops.push(cluster.journal.onEntries((entries) => this.#notes(entries.filter(options.about))))
  }

  filter(filter: LogFilter): void {
    this.lines.filter(filter)
    this.epoch++
    this.version++
  }

  follow(on: boolean): void {
    this.following = on
    if (on) this.unseen = 0
  }

  retry(): void {
    this.#stream?.close()
    this.#catchUp = this.#newest.size > 0
    this.#open(this.#catchUp ? 500 : 2_000)
  }

  clear(): void {
    this.lines.clear()
    this.epoch++
    this.version++
    this.unseen = 0
  }

  close(): void {
    this.#closed = true
    this.#stream?.close()
    for (const stop of this.#stops) stop()
  }

  #open(tailLines: number): void {
    this.state = 'opening'
    this.problem = undefined
    const stream = this.#cluster.open('logs', { ref: this.#ref, follow: !this.#previous, previous: this.#previous, tailLines }, {
      message: (batch) => { if (this.#stream === stream || this.#stream === undefined) this.#take(batch) },
      end: (error) => {
        if (this.#closed) return
        this.state = error === undefined ? 'ended' : 'broken'
        this.problem = error?.message
        this.sources = this.sources.map((source) => ({ ...source, live: false }))
      },
    })
    this.#stream = stream
  }

  #take(batch: LogBatch): void {
    this.state = 'live'
    if (batch.joined || batch.left) this.#sources(batch)
    this.#pending.push(...(this.#catchUp ? batch.lines.filter((line) => this.#isNew(line)) : batch.lines))
    if (this.#flushing || this.#pending.length === 0) return
    this.#flushing = true
    requestAnimationFrame(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    if (this.#closed) return
    const lines = this.#pending.map((line) => ({ ...line, text: plainText(line.text) }))
    this.#pending = []
    for (const line of lines) {
      const key = sourceKey(line.pod, line.container)
      const newest = this.#newest.get(key)
      if (newest && line.at === newest.at) newest.texts.add(line.text)
      else if (!newest || line.at > newest.at) this.#newest.set(key, { at: line.at, texts: new Set([line.text]) })
    }
    const before = this.lines.rows[0]?.id
    const moves = this.lines.moves
    const passing = this.lines.addLines(lines)
    if (this.lines.rows[0]?.id !== before || this.lines.moves !== moves) this.epoch++
    if (!this.following) this.unseen += passing
    this.version++
  }

  #isNew(line: LogLine): boolean {
    const newest = this.#newest.get(sourceKey(line.pod, line.container))
    return newest === undefined || line.at > newest.at || (line.at === newest.at && !newest.texts.has(plainText(line.text)))
  }

  #sources(batch: LogBatch): void {
    const all = new Map(this.sources.map((source) => [source.key, source]))
    for (const one of batch.joined ?? []) all.set(sourceKey(one.pod, one.container), { key: sourceKey(one.pod, one.container), ...one, live: true })
    for (const one of batch.left ?? []) {
      const key = sourceKey(one.pod, one.container)
      all.set(key, { key, pod: one.pod, container: one.container, attempt: one.attempt, live: false, said: one.say })
    }
    this.sources = [...all.values()]
  }

  #notes(entries: readonly JournalEntry[]): void {
    if (entries.length === 0) return
    const moves = this.lines.moves
    this.lines.addNotes(entries.map((entry): Omit<NoteRow, 'type' | 'id'> => {
      const { who, say, why } = spoken(entry)
      return { at: entry.atMs, who, say, ...(why === '' ? {} : { why }), mark: byPerson(entry.actor) ? 'person' : entry.verb, entry }
    }))
    // A note may stand before lines that came first: lay out again.
    if (this.lines.moves !== moves) this.epoch++
    this.version++
  }
}

/** Whether a change belongs between the lines: it is about one of these objects, or about what they stand under. */
export function aboutAny(refs: ReadonlySet<string>): (entry: JournalEntry) => boolean {
  return (entry) => tells(entry) && entry.ref.kind !== 'Event' && entry.ref.kind !== 'Lease' && (refs.has(refKey(entry.ref)) || entry.owners.some((owner) => refs.has(refKey(owner))))
}
