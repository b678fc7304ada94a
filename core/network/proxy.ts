/**
 * Keeps the ruleset in step with Services, endpoints and nodes: a change is applied a few milliseconds later, together
 * with its neighbours; equal texts are not applied again; a failure is tried again with back-off. One application at a
 * time. `applied` tells up to which revision the network follows the API: who stops a Pod can wait for it.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import type { WatchEvent } from '../loop/client.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { ruleset, type RulesetOptions } from './ruleset.ts'
import { trafficOf } from './services.ts'

export interface ServiceProxyOptions {
  readonly cache: Snapshot & { subscribe(listener: (events: readonly WatchEvent[], snapshot: Snapshot) => void): () => void }
  /** Asked each time: what must hold may change (br_netfilter, the API's port). */
  readonly options: () => RulesetOptions
  /** Feeds nftables in one transaction; rejects with its words. */
  readonly apply: (text: string) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
  /** The network now follows every change up to this revision. */
  readonly applied?: (revision: Revision) => void
}

export interface ProxyState {
  readonly state: 'starting' | 'applied' | 'failing'
  /** Revision that the network follows. */
  readonly revision: Revision
  /** From the change to its application, last time. */
  readonly latencyMs: number
  readonly applications: number
  readonly error?: string
  readonly services: number
  readonly targets: number
}

const settleMs = 5
const firstRetryMs = 200
const longestRetryMs = 10_000
/** Even where nothing changed: the table may have been flushed by somebody else (a firewall's reload). */
const resyncMs = 120_000

export class ServiceProxy {
  readonly #options: ServiceProxyOptions
  #state: ProxyState = { state: 'starting', revision: 0, latencyMs: 0, applications: 0, services: 0, targets: 0 }
  #text: string | undefined
  /** The rules tell clients by their node, so that a Pod's address matters. */
  #tellsPlaces = false
  /** When the oldest change not yet applied came. */
  #changedMs: number | undefined
  #cancel = () => {}
  #cancelResync = () => {}
  #working: Promise<void> | undefined
  #failures = 0
  #closed = false
  readonly #unsubscribe: () => void
  #waiting: { revision: Revision; done: () => void }[] = []

  constructor(options: ServiceProxyOptions) {
    this.#options = options
    this.#unsubscribe = options.cache.subscribe((events) => {
      if (events.some((event) => concerns(event, this.#tellsPlaces))) this.touch()
      else this.#skipTo(options.cache.revision)
    })
    this.touch()
  }

  get state(): ProxyState {
    return this.#state
  }

  /** Applies soon, whatever the snapshot says (the options changed, the helper is a new one). */
  touch(force = false): void {
    if (this.#closed) return
    if (force) this.#text = undefined
    this.#changedMs ??= this.#options.clock.now()
    // While one application runs, its end looks again; after a failure the retry is already set.
    if (this.#working || this.#failures > 0) return
    this.#arm(settleMs)
  }

  /** Resolves when the network follows the API up to `revision`, or after `timeoutMs`: true where it does. */
  follows(revision: Revision, timeoutMs: number): Promise<boolean> {
    if (this.#state.revision >= revision) return Promise.resolve(true)
    return new Promise((resolve) => {
      const entry = {
        revision,
        done: () => {
          cancel()
          resolve(true)
        },
      }
      const cancel = this.#options.clock.after(timeoutMs, () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry)
        resolve(false)
      })
      this.#waiting.push(entry)
    })
  }

  /** Stops following; the table stays, because Pods go on. */
  async close(): Promise<void> {
    this.#closed = true
    this.#unsubscribe()
    this.#cancel()
    this.#cancelResync()
    await this.#working
  }

  #arm(delayMs: number): void {
    this.#cancel()
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#working = this.#work().finally(() => {
        this.#working = undefined
        if (this.#closed) return
        if (this.#failures > 0) this.#arm(Math.min(longestRetryMs, firstRetryMs * 2 ** (this.#failures - 1)))
        else if (this.#changedMs !== undefined) this.#arm(settleMs)
      })
    })
  }

  async #work(): Promise<void> {
    const { cache, options, apply, clock, log } = this.#options
    const revision = cache.revision
    const since = this.#changedMs ?? clock.now()
    this.#changedMs = undefined
    try {
      const traffic = trafficOf(cache)
      this.#tellsPlaces = traffic.places.size > 0
      const text = ruleset(traffic, options())
      const changed = text !== this.#text
      if (changed) await apply(text)
      this.#text = text
      if (this.#failures > 0) log.info('the service rules are applied again', { failures: this.#failures })
      this.#failures = 0
      this.#state = {
        state: 'applied',
        revision: Math.max(revision, this.#state.revision),
        latencyMs: changed ? clock.now() - since : this.#state.latencyMs,
        applications: this.#state.applications + (changed ? 1 : 0),
        services: traffic.balanced.length,
        targets: traffic.balanced.reduce((sum, { targets }) => sum + targets.length, 0),
      }
      if (changed) this.#armResync()
      this.#tell()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#failures++
      // What it left is unknown: the next text is applied even if it is the same.
      this.#text = undefined
      this.#changedMs ??= since
      this.#state = { ...this.#state, state: 'failing', error: message }
      log.warn('the service rules could not be applied', { error: message, failures: this.#failures })
    }
  }

  #armResync(): void {
    this.#cancelResync()
    this.#cancelResync = this.#options.clock.after(resyncMs, () => {
      this.touch(true)
    })
  }

  /** Changes that do not concern the network move the revision along when nothing is outstanding. */
  #skipTo(revision: Revision): void {
    if (this.#state.state !== 'applied' || this.#changedMs !== undefined || this.#working) return
    this.#state = { ...this.#state, revision: Math.max(revision, this.#state.revision) }
    this.#tell()
  }

  #tell(): void {
    const { revision } = this.#state
    this.#options.applied?.(revision)
    const due = this.#waiting.filter((entry) => entry.revision <= revision)
    if (due.length === 0) return
    this.#waiting = this.#waiting.filter((entry) => entry.revision > revision)
    for (const entry of due) entry.done()
  }
}

/** Only what the ruleset reads; Pods matter for their host ports, and for their addresses where clients are told apart. */
function concerns({ type, object, previous }: WatchEvent, tellsPlaces: boolean): boolean {
  switch (object.kind) {
    case 'Service':
    case 'EndpointSlice':
    case 'Node':
      return true
    case 'Pod': {
      const spec = object['spec'] as { hostNetwork?: boolean; containers?: { ports?: { hostPort?: number }[] }[] } | undefined
      if (spec?.hostNetwork === true) return false
      if (tellsPlaces && (type !== 'MODIFIED' || !previous || addressOf(object) !== addressOf(previous))) return true
      return (spec?.containers ?? []).some((container) => container.ports?.some((port) => port.hostPort))
    }
    default:
      return false
  }
}

const addressOf = (pod: KubeObject): string | undefined => (pod['status'] as { podIP?: string } | undefined)?.podIP
