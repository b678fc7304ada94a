/**
 * The causal journal for the window: rows of the store's log with their story, their changed fields and their words.
 * Follows the store from its start, so that every row's root is known when a window asks.
 */
import type { FieldChange, JournalEntry } from '../../../electron/contract.ts'
import { controllerOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import type { Scope } from '../../base/scope.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Change, Entry, JournalRow, Revision, Store } from '../../store/store.ts'
import { sayChange, tellingChanges } from './say-change.ts'
import { Stories } from './stories.ts'

const seededRows = 5_000
const maxChanges = 12
const maxValueChars = 200

type Listener = (entries: readonly JournalEntry[]) => void

const short = (value: unknown): unknown => {
  if (value === undefined) return undefined
  const text = JSON.stringify(value)
  return text.length <= maxValueChars ? value : `${text.slice(0, maxValueChars)}…`
}

export class Journal {
  readonly #stories = new Stories()
  readonly #listeners = new Set<Listener>()
  readonly #store: Store
  readonly #snapshot: () => Snapshot

  readonly #you: ReadonlySet<string>
  readonly #objectOf: (entry: Entry) => KubeObject

  private constructor(store: Store, snapshot: () => Snapshot, you: readonly string[], objectOf: (entry: Entry) => KubeObject) {
    this.#store = store
    this.#snapshot = snapshot
    this.#you = new Set(you.map((name) => `user:${name}`))
    this.#objectOf = objectOf
  }

  /**
   * `you`: names of the person at this machine; their writes are told as by `user:you`. `objectOf`: entries that somebody
   * has parsed already need not be parsed again.
   */
  static async open(store: Store, snapshot: () => Snapshot, scope: Scope, you: readonly string[] = [], objectOf = (entry: Entry) => parse(entry.value)!): Promise<Journal> {
    const journal = new Journal(store, snapshot, you, objectOf)
    const from = store.revision
    const recent = await store.journal({ limit: seededRows, newestFirst: true })
    for (const row of recent.reverse()) journal.#stories.file(row.revision, row.cause.led)
    scope.add(
      'journal',
      store.watch('', from, (changes) => journal.#follow(changes)),
    )
    return journal
  }

  #follow(changes: readonly Change[]): void {
    const loud = changes.filter((change) => !change.cause.quiet)
    for (const change of loud) this.#stories.file(change.entry.revision, change.cause.led)
    if (this.#listeners.size === 0 || loud.length === 0) return
    const entries = loud.map(({ type, entry, previous, timeMs, cause }) =>
      this.#entry(
        { revision: entry.revision, key: entry.key, timeMs, type: type === 'delete' ? 'delete' : previous ? 'update' : 'create', cause },
        this.#objectOf(entry),
        previous && this.#objectOf(previous),
      ),
    )
    for (const listener of this.#listeners) listener(entries)
  }

  /** New rows from now on. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async query(query: { before?: Revision; after?: Revision; limit: number; prefix?: string }): Promise<JournalEntry[]> {
    const rows = await this.#store.journal({ ...query, newestFirst: true, values: true })
    return rows.map((row) => this.entryOf(row))
  }

  rootOf(revision: Revision): Revision {
    return this.#stories.rootOf(revision)
  }

  /** One row with the whole values, for undo. */
  async row(revision: Revision): Promise<JournalRow | undefined> {
    const rows = await this.#store.journal({ after: revision - 1, before: revision + 1, limit: 1, values: true, includeQuiet: true })
    return rows[0]
  }

  entryOf(row: JournalRow): JournalEntry {
    return this.#entry(row, parse(row.value ?? row.previous), parse(row.previous))
  }

  #entry(row: JournalRow, object: KubeObject | undefined, previous: KubeObject | undefined): JournalEntry {
    const ref: Ref = object
      ? { kind: object.kind, name: object.metadata.name, uid: object.metadata.uid, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) }
      : { kind: '', name: row.key }
    const changes: FieldChange[] = row.type === 'update' && object && previous ? tellingChanges(fieldDiff(withoutOwners(previous), withoutOwners(object))) : []
    const words = row.cause.say === '' ? sayChange(row.type, ref.kind, ref.name, changes) : row.cause
    const owners = object ? this.#owners(object) : []
    const app = appName(object, owners.at(-1))
    return {
      revision: row.revision,
      atMs: row.timeMs,
      verb: row.type,
      ref,
      actor: this.#you.has(row.cause.actor) ? 'user:you' : row.cause.actor,
      code: row.cause.code,
      say: words.say,
      why: words.why,
      led: [...row.cause.led],
      root: this.#stories.rootOf(row.revision),
      changes: changes.slice(0, maxChanges).map(({ path, before, after }) => ({ path, ...(before === undefined ? {} : { before: short(before) }), ...(after === undefined ? {} : { after: short(after) }) })),
      owners,
      ...(app === undefined ? {} : { app }),
    }
  }

  #owners(object: KubeObject): Ref[] {
    const owners: Ref[] = []
    const snapshot = this.#snapshot()
    for (let at: KubeObject | undefined = object, depth = 0; at && depth < 5; depth++) {
      const owner = controllerOf(at.metadata)
      if (!owner) break
      const namespace: string | undefined = at.metadata.namespace
      owners.push({ kind: owner.kind, name: owner.name, uid: owner.uid, ...(namespace === undefined ? {} : { namespace }) })
      at = snapshot.byUid(owner.uid)
    }
    return owners
  }
}

const parse = (text: string | undefined): KubeObject | undefined => (text === undefined ? undefined : (JSON.parse(text) as KubeObject))

/** Who owns which field changes with every write, is long, and tells a person nothing. */
const withoutOwners = (object: KubeObject) => ({ ...object, metadata: { ...object.metadata, managedFields: undefined } })

/** Same order as the graph's grouping: instance label, name label, app label, topmost owner. */
function appName(object: KubeObject | undefined, top: Ref | undefined): string | undefined {
  const labels = object?.metadata.labels ?? {}
  return labels['app.kubernetes.io/instance'] ?? labels['app.kubernetes.io/name'] ?? labels['app'] ?? top?.name
}
