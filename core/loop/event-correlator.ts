/**
 * Turns what is to be said into Kubernetes Events: the same words again raise a count, many similar ones are combined,
 * floods are dropped. Pure but for what it remembers. Mirrors client-go/tools/record/events_cache.go.
 */
import { timestamp, type NewObject, type OwnerReference } from '../api/meta.ts'

export interface EventTarget {
  readonly apiVersion: string
  readonly kind: OwnerReference['kind']
  readonly namespace?: string
  readonly name: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

export interface Occurrence {
  /** Upstream's component: `deployment-controller`, `kubelet`, `default-scheduler`. */
  readonly component: string
  /** The node, where a node speaks. */
  readonly host?: string
  readonly regarding: EventTarget
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export type Correlated =
  | { readonly do: 'create'; readonly key: string; readonly event: NewObject }
  | { readonly do: 'count'; readonly key: string; readonly name: string; readonly namespace: string; readonly patch: Readonly<Record<string, unknown>>; readonly event: NewObject }

const remembered = 4_096
const similarBeforeCombining = 10
const similarWithinMs = 600_000
const burst = 25
const refillMs = 300_000

interface Seen {
  name: string
  namespace: string
  count: number
  firstMs: number
  lastMs: number
}

/** A map that forgets what was used longest ago. */
class Recent<V> {
  readonly #map = new Map<string, V>()

  get(key: string): V | undefined {
    const value = this.#map.get(key)
    if (value !== undefined) {
      this.#map.delete(key)
      this.#map.set(key, value)
    }
    return value
  }

  set(key: string, value: V): void {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size > remembered) this.#map.delete(this.#map.keys().next().value!)
  }

  delete(key: string): void {
    this.#map.delete(key)
  }
}

export class EventCorrelator {
  readonly #seen = new Recent<Seen>()
  readonly #similar = new Recent<{ messages: Set<string>; lastMs: number }>()
  readonly #buckets = new Recent<{ tokens: number; atMs: number }>()
  #serial = 0

  /** Undefined where the flood filter drops it. */
  correlate(said: Occurrence, nowMs: number): Correlated | undefined {
    const { component, host = '', regarding: o } = said
    const source = `${component}\n${host}`
    const object = `${o.kind}\n${o.namespace ?? ''}\n${o.name}\n${o.uid ?? ''}\n${o.apiVersion}`
    const alike = `${source}\n${object}\n${o.fieldPath ?? ''}\n${said.type}\n${said.reason}`

    let message = said.message
    let key = `${alike}\n${message}`
    const similar = this.#similar.get(alike)
    if (!similar || nowMs - similar.lastMs > similarWithinMs) {
      this.#similar.set(alike, { messages: new Set([message]), lastMs: nowMs })
    } else {
      similar.messages.add(message)
      similar.lastMs = nowMs
      if (similar.messages.size >= similarBeforeCombining) {
        similar.messages.delete(similar.messages.values().next().value!)
        message = `(combined from similar events): ${message}`
        key = alike
      }
    }

    const before = this.#seen.get(key)
    const seen: Seen = before
      ? { ...before, count: before.count + 1, lastMs: nowMs }
      : { name: this.#name(o.name, nowMs), namespace: o.namespace ?? 'default', count: 1, firstMs: nowMs, lastMs: nowMs }
    this.#seen.set(key, seen)
    if (!this.#allows(`${source}\n${object}`, nowMs)) return undefined

    const event = eventObject(said, message, seen)
    if (!before) return { do: 'create', key, event }
    return { do: 'count', key, name: seen.name, namespace: seen.namespace, patch: { count: seen.count, lastTimestamp: timestamp(nowMs), message }, event }
  }

  /** The Event is gone on the server: the next one starts afresh. */
  forget(key: string): void {
    this.#seen.delete(key)
  }

  #allows(key: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs }
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs)
    const allowed = tokens >= 1
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, atMs: nowMs })
    return allowed
  }

  /** `<object>.<hex of nanoseconds>`; the serial keeps names of one millisecond apart. */
  #name(object: string, nowMs: number): string {
    this.#serial = (this.#serial + 1) % 1_000_000
    return `${object.slice(0, 230)}.${(BigInt(nowMs) * 1_000_000n + BigInt(this.#serial)).toString(16)}`
  }
}

function eventObject(said: Occurrence, message: string, seen: Seen): NewObject {
  const { regarding: o } = said
  const optional = { namespace: o.namespace, uid: o.uid, resourceVersion: o.resourceVersion, fieldPath: o.fieldPath }
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: seen.name, namespace: seen.namespace },
    involvedObject: { kind: o.kind, apiVersion: o.apiVersion, name: o.name, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) },
    reason: said.reason,
    message: message.length > 1024 ? `${message.slice(0, 1021)}...` : message,
    source: { component: said.component, ...(said.host === undefined ? {} : { host: said.host }) },
    firstTimestamp: timestamp(seen.firstMs),
    lastTimestamp: timestamp(seen.lastMs),
    count: seen.count,
    type: said.type,
    eventTime: null,
    reportingComponent: said.component,
    reportingInstance: said.host ?? '',
  }
}
