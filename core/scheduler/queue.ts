/**
 * Pods that wait for a node: active (highest priority, then oldest first), backing off (1 s doubling to 10 s), waiting for
 * a change that helps, and gated. What failed waits for a helpful change, at most five minutes; while its back-off lasts it
 * is taken only when nothing else is active (upstream: pkg/scheduler/backend/queue).
 */
import { Heap } from '../base/heap.ts'
import type { Change, Plugin, View, Wake } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'
import { pluginByName } from './plugins.ts'
import { gatesOf } from './plugins/scheduling-gates.ts'
import type { QueuePlace } from './verdict.ts'

const firstBackOffMs = 1_000
const longestBackOffMs = 10_000
const waitAtMostMs = 5 * 60_000

export interface Waiting {
  info: PodInfo
  readonly uid: string
  /** Failed attempts. */
  attempts: number
  /** In the queue since (ms epoch), for the order among equals. */
  readonly sinceMs: number
  state: 'active' | 'backing-off' | 'waiting' | 'gated' | 'out'
  /** Plugins that said no last time; empty after an error. */
  rejectedBy: ReadonlySet<string>
  /** No attempt before this while others wait. */
  notBeforeMs: number
  /** Waiting: tried again then, whatever happens. */
  flushMs: number
  /** An error, not a verdict: its back-off is kept even when nothing else is active. */
  errored: boolean
  /** Something that it waits for is being done (a preemption): not tried before that ends. */
  held: boolean
  /** Woken while held. */
  wokenHeld: boolean
  /** Tells live heap entries from left-over ones. */
  turn: number
}

interface Slot {
  readonly entry: Waiting
  readonly turn: number
}

function order(left: Slot, right: Slot): boolean {
  const [a, b] = [left.entry, right.entry]
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority
  return a.sinceMs !== b.sinceMs ? a.sinceMs < b.sinceMs : left.turn < right.turn
}
/** Waiting Pods that were rejected by the same plugins: a change that helps none of these need not ask each Pod. */
interface Group {
  readonly plugins: readonly Plugin[]
  readonly entries: Set<Waiting>
}

const keyOf = (names: ReadonlySet<string>): string => [...names].sort().join(' ')

const sooner = ({ entry: a }: Slot, { entry: b }: Slot) => a.notBeforeMs < b.notBeforeMs

export class SchedulingQueue {
  readonly #entries = new Map<string, Waiting>()
  readonly #active = new Heap<Slot>(order)
  readonly #backOff = new Heap<Slot>(sooner)
  readonly #errors = new Heap<Slot>(sooner)
  /** In order of their flush. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #groups = new Map<string, Group>()
  #turns = 0

  get(uid: string): Waiting | undefined {
    return this.#entries.get(uid)
  }

  /** For people: where it stands and what it waits for. */
  place(uid: string): QueuePlace | undefined {
    const entry = this.#entries.get(uid)
    if (!entry) return undefined
    const rejectedBy = [...entry.rejectedBy]
    const { attempts, sinceMs, info } = entry
    const state = entry.state === 'out' ? 'placed' : entry.state === 'waiting' && entry.held ? 'held' : entry.state
    return {
      state, attempts, sinceMs, priority: info.priority, rejectedBy, gates: gatesOf(info),
      wakesOn: [...new Set(rejectedBy.flatMap((name) => pluginByName.get(name)?.wakesOn ?? []))],
      ...(state === 'waiting' ? { dueMs: entry.flushMs } : state === 'backing-off' ? { dueMs: entry.notBeforeMs } : {}),
    }
  }

  get size(): number {
    return this.#entries.size
  }

  /** A Pod without a node, new or changed. A change of what it asks for is itself a reason to try. */
  put(info: PodInfo, asksDifferently: boolean, nowMs: number): void {
    const entry = this.#entries.get(info.uid)
    const gated = gatesOf(info).length > 0
    if (!entry) {
      const fresh: Waiting = { info, uid: info.uid, attempts: 0, sinceMs: nowMs, state: 'out', rejectedBy: new Set(), notBeforeMs: 0, flushMs: 0, errored: false, held: false, wokenHeld: false, turn: 0 }
      this.#entries.set(info.uid, fresh)
      if (gated) fresh.state = 'gated'
      else this.#activate(fresh)
      return
    }
    entry.info = info
    if (entry.state === 'out') return
    if (gated) this.#move(entry, 'gated')
    else if (entry.state === 'gated') this.#activate(entry)
    else if (entry.state === 'waiting' && asksDifferently) this.#retry(entry, nowMs)
  }

  remove(uid: string): void {
    const entry = this.#entries.get(uid)
    if (!entry) return
    this.#move(entry, 'out')
    this.#entries.delete(uid)
  }

  /** The next Pod to try; it stays known, but out of the queue, until `fail`, `error` or `remove`. */
  pop(nowMs: number): Waiting | undefined {
    for (const heap of [this.#backOff, this.#errors]) {
      for (let top = peek(heap); top && top.notBeforeMs <= nowMs; top = peek(heap)) {
        heap.pop()
        this.#activate(top)
      }
    }
    for (const [, entry] of this.#waiting) {
      if (entry.flushMs > nowMs) break
      entry.held = false
      this.#activate(entry)
    }
    const heap = peek(this.#active) ? this.#active : this.#backOff
    const entry = peek(heap)
    if (!entry) return undefined
    heap.pop()
    this.#move(entry, 'out')
    return entry
  }

  /** No node fits. Returns when it is tried again at the latest. */
  fail(entry: Waiting, rejectedBy: ReadonlySet<string>, nowMs: number): number {
    this.#count(entry, nowMs, false)
    entry.rejectedBy = rejectedBy
    entry.flushMs = nowMs + waitAtMostMs
    this.#move(entry, 'waiting')
    this.#waiting.set(entry.uid, entry)
    const key = keyOf(rejectedBy)
    let group = this.#groups.get(key)
    if (!group) this.#groups.set(key, (group = { plugins: [...rejectedBy].map((name) => pluginByName.get(name)).filter((plugin) => plugin !== undefined), entries: new Set() }))
    group.entries.add(entry)
    return entry.flushMs
  }

  /** No attempt until `release`: what it waits for is being done. */
  hold(entry: Waiting): void {
    entry.held = true
  }

  release(entry: Waiting, nowMs: number): void {
    entry.held = false
    if (!entry.wokenHeld) return
    entry.wokenHeld = false
    if (entry.state === 'waiting') this.#retry(entry, nowMs)
  }

  /** Tries it again, as soon as its back-off allows, whatever it waited for. */
  retry(uid: string, nowMs: number): void {
    const entry = this.#entries.get(uid)
    if (entry?.state === 'waiting') this.#retry(entry, nowMs)
  }

  /** Something broke on the way (the binding was refused…). Returns when it is tried again. */
  error(entry: Waiting, nowMs: number): number {
    this.#count(entry, nowMs, true)
    entry.rejectedBy = new Set()
    this.#move(entry, 'backing-off')
    this.#errors.push({ entry, turn: entry.turn })
    return entry.notBeforeMs
  }

  /** Wakes the waiting Pods that this change could help; says whether there were any. */
  wake(change: Change, nowMs: number, view: View): boolean {
    let woken = false
    for (const { plugins, entries } of [...this.#groups.values()]) {
      // Nothing rejected them where there was no node at all.
      if (plugins.length === 0 && change.kind === 'Node' && change.what.includes('added')) {
        for (const entry of [...entries]) this.#retry(entry, nowMs)
        woken = true
      }
      const able = plugins.filter(({ wakesOn }) => concerns(wakesOn, change))
      if (able.length === 0) continue
      for (const entry of [...entries]) {
        if (!able.some((plugin) => plugin.helps(entry.info, change, view))) continue
        this.#retry(entry, nowMs)
        woken = true
      }
    }
    return woken
  }

  /** When `pop` may give something that it does not give now. */
  nextDueMs(): number | undefined {
    const first = this.#waiting.values().next().value
    const times = [peek(this.#backOff)?.notBeforeMs, peek(this.#errors)?.notBeforeMs, first?.flushMs].filter((time) => time !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  #count(entry: Waiting, nowMs: number, errored: boolean): void {
    entry.attempts++
    entry.errored = errored
    entry.notBeforeMs = nowMs + Math.min(longestBackOffMs, firstBackOffMs * 2 ** (entry.attempts - 1))
  }

  #retry(entry: Waiting, nowMs: number): void {
    if (entry.held) {
      entry.wokenHeld = true
      return
    }
    if (entry.notBeforeMs <= nowMs) return this.#activate(entry)
    this.#move(entry, 'backing-off')
    this.#backOff.push({ entry, turn: entry.turn })
  }

  #activate(entry: Waiting): void {
    this.#move(entry, 'active')
    this.#active.push({ entry, turn: entry.turn })
  }

  #move(entry: Waiting, state: Waiting['state']): void {
    if (this.#waiting.delete(entry.uid)) {
      const key = keyOf(entry.rejectedBy)
      const group = this.#groups.get(key)
      group?.entries.delete(entry)
      if (group?.entries.size === 0) this.#groups.delete(key)
    }
    entry.state = state
    entry.turn = ++this.#turns
  }
}

/** The first live entry; left-overs of Pods that moved on are dropped on the way. */
function peek(heap: Heap<Slot>): Waiting | undefined {
  for (let top = heap.peek(); top; top = heap.peek()) {
    if (top.turn === top.entry.turn) return top.entry
    heap.pop()
  }
  return undefined
}

const concerns = (wakesOn: readonly Wake[], change: Change): boolean => wakesOn.includes(change.kind) || (change.kind === 'Pod' && wakesOn.includes(`Pod ${change.what}`))
