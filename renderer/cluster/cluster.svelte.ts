/**
 * The window's cluster: every object of the watch stream, the journal, status, pulls, usage and settings, as reactive state.
 * Views hold a Cluster (getCluster()) and nothing else. Reading `list`, `get`, `ownedBy`… inside a `$derived` or an effect
 * subscribes to the kinds read; changes arrive at most once a frame. Objects are frozen; compare them by identity.
 */
import { createContext } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { CallName, ClusterStatus, MachineUsage, PullState, Settings, StreamName, Streams, WatchBatch } from '../../electron/contract.ts'
import type { KubeObject, Ref } from '../../core/api/meta.ts'
import { stateOf } from '../../core/api/state/state-of.ts'
import type { StateWords } from '../../core/api/state/words.ts'
import { ApiError } from '../../core/api/status.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { WatchEvent } from '../../core/loop/client.ts'
import type { CallArg, CallResult, Carrier, OpenStream, StreamHandlers } from './carrier.ts'
import { JournalStore } from './journal.svelte.ts'
import { KeptStreams } from './kept-streams.ts'
import { Objects } from './objects.ts'

/** loading: nothing known yet · live · stale: cut off, shown as last seen · failed: the session was refused. */
export type Phase = 'loading' | 'live' | 'stale' | 'failed'

export interface OpenPort { id: string; ref: Ref; port: number; url: string; state: 'listening' | 'no-pod' }

export interface ClusterOptions {
  carrier: Carrier
  clock: Clock
  /** Runs `fn` before the next paint, or soon where nothing is painted. */
  frame(fn: () => void): void
}

export const defaultSettings: Settings = {
  theme: 'system', singleKeys: true, addToUserKubeconfig: true, onQuit: 'ask', notifyFailures: true,
}
const usageEveryMs = 10_000

export class Cluster {
  phase = $state<Phase>('loading')
  /** When the cluster was last heard (ms epoch); set while stale. */
  staleSince = $state<number | undefined>()
  failure = $state<string | undefined>()
  revision = $state(0)
  /** Rises with every applied frame of changes. */
  version = $state(0)
  /** Steps once a second: read it for countdowns and ages. */
  now = $state(0)
  status = $state.raw<ClusterStatus | undefined>()
  settings = $state.raw<Settings>(defaultSettings)
  pulls = $state.raw<readonly PullState[]>([])
  usage = $state.raw<readonly MachineUsage[]>([])
  ports = $state.raw<readonly OpenPort[]>([])
  readonly journal: JournalStore
  readonly clock: Clock

  readonly #carrier: Carrier
  readonly #frame: (fn: () => void) => void
  readonly #versions = new SvelteMap<string, number>()
  readonly #listeners = new Set<(events: readonly WatchEvent[]) => void>()
  #objects = new Objects()
  /** The list of a new connection, until it is whole. */
  #incoming: Objects | undefined
  #queue: WatchEvent[] = []
  #queuedRevision = 0
  #framePending = false
  readonly #streams: KeptStreams
  #stops: (() => void)[] = []
  /** Streams that others asked for (follow). */
  readonly #followed: (() => void)[] = []

  constructor(options: ClusterOptions) {
    this.#carrier = options.carrier
    this.clock = options.clock
    this.#frame = options.frame
    this.#streams = new KeptStreams(options.carrier, options.clock)
    this.journal = new JournalStore(this)
    this.now = options.clock.now()
    this.#stops.push(options.carrier.onState((state) => this.#onCarrier(state)))
    this.#every(1_000, () => (this.now = this.clock.now()))
    this.#every(usageEveryMs, () => this.#refreshUsage())
    if (options.carrier.state === 'open') this.#start()
  }

  // --- reading ---------------------------------------------------------------------------------------------------------

  /** The snapshot itself, for pure functions. Reading it subscribes to every kind. */
  get snapshot(): Objects {
    void this.version
    return this.#objects
  }

  get<T extends KubeObject = KubeObject>(ref: Ref): T | undefined {
    this.#track(ref.kind)
    const found = this.#objects.get<T>(ref.kind, ref.namespace, ref.name)
    return found && (ref.uid === undefined || found.metadata.uid === ref.uid) ? found : undefined
  }

  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[] {
    this.#track(kind)
    return this.#objects.list<T>(kind, namespace)
  }

  ownedBy<T extends KubeObject = KubeObject>(uid: string, kind: string): readonly T[] {
    this.#track(kind)
    return this.#objects.ownedBy<T>(uid, kind)
  }

  podsOn<T extends KubeObject = KubeObject>(node: string): readonly T[] {
    this.#track('Pod')
    return this.#objects.podsOn<T>(node)
  }

  labelled<T extends KubeObject = KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[] {
    this.#track(kind)
    return this.#objects.labelled<T>(kind, namespace, labels)
  }

  /** Pods of a Pod, a workload, a Service or a Node. */
  podsOf<T extends KubeObject = KubeObject>(ref: Ref): readonly T[] {
    const object = this.get(ref)
    if (!object) return []
    if (object.kind === 'Pod') return [object as T]
    if (object.kind === 'Node') return this.podsOn<T>(object.metadata.name)
    if (object.kind === 'Service') {
      const selector = (object['spec'] as { selector?: Record<string, string> } | undefined)?.selector
      return selector && Object.keys(selector).length > 0 ? this.labelled<T>('Pod', object.metadata.namespace ?? '', selector) : []
    }
    if (object.kind === 'Deployment' || object.kind === 'CronJob') {
      return this.ownedBy(object.metadata.uid, object.kind === 'CronJob' ? 'Job' : 'ReplicaSet').flatMap((set) => this.ownedBy<T>(set.metadata.uid, 'Pod'))
    }
    return this.ownedBy<T>(object.metadata.uid, 'Pod')
  }

  /** State in words, the same everywhere. Follows the clock, because some sentences count down. */
  stateOf(object: KubeObject): StateWords {
    for (const kind of ['Pod', 'ReplicaSet', 'Job', 'Node', 'EndpointSlice', object.kind]) this.#track(kind)
    return stateOf(object, this.#objects, this.now)
  }

  /** Every applied change, outside reactivity: for the graph's pulses and for notices. */
  onEvents(listener: (events: readonly WatchEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  // --- asking ----------------------------------------------------------------------------------------------------------

  /** Writing needs a live connection and a store that takes writes. */
  get canWrite(): boolean {
    return this.phase === 'live' && this.status?.store.state !== 'read-only'
  }

  call<K extends CallName>(name: K, arg: CallArg<K>): Promise<CallResult<K>> {
    return this.#carrier.call(name, arg)
  }

  open<K extends StreamName>(name: K, arg: Streams[K]['open'], on: StreamHandlers<K>): OpenStream<K> {
    return this.#carrier.open(name, arg, on)
  }

  /** A stream for as long as the window lives, opened again with each new connection. */
  follow<K extends StreamName>(name: K, message: (m: Streams[K]['message']) => void): void {
    const open = () => this.#streams.keep(name, () => ({}) as Streams[K]['open'], message)
    this.#followed.push(open)
    if (this.#carrier.state === 'open') open()
  }

  retry(): void {
    this.#carrier.retry()
  }

  async saveSettings(change: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...change }
    this.settings = await this.call('saveSettings', change)
  }

  /** Ports opened on this machine. Call after opening or closing one. */
  async refreshPorts(): Promise<void> {
    this.ports = await this.call('openPorts', {})
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#streams.closeAll()
    this.#carrier.close()
  }

  // --- feeding ---------------------------------------------------------------------------------------------------------

  #track(kind: string): void {
    this.#versions.get(kind)
  }

  #every(ms: number, fn: () => void): void {
    let cancel = () => {}
    const turn = () => {
      fn()
      cancel = this.clock.after(ms, turn)
    }
    cancel = this.clock.after(ms, turn)
    this.#stops.push(() => cancel())
  }

  #onCarrier(state: Carrier['state']): void {
    if (state === 'open') this.#start()
    else if (state === 'refused') {
      this.phase = 'failed'
      this.failure = 'The cluster does not know this window. Open the address that Orrery printed when it started.'
    } else if (state === 'lost') {
      this.staleSince ??= this.clock.now()
      if (this.phase === 'live') this.phase = 'stale'
    }
  }

  #start(): void {
    this.#streams.closeAll()
    this.#streams.keep('watch', () => ({}), (batch) => this.#onBatch(batch), () => (this.#incoming = new Objects()))
    this.#streams.keep('status', () => ({}), (status) => (this.status = status))
    this.#streams.keep('pulls', () => ({}), (pulls) => (this.pulls = pulls))
    this.journal.start((name, arg, message) => this.#streams.keep(name, arg, message))
    for (const open of this.#followed) open()
    this.#quiet(this.call('settings', {}), (settings) => (this.settings = settings))
    this.#quiet(this.call('status', {}), (status) => (this.status = status))
    this.#quiet(this.refreshPorts(), () => {})
    this.#refreshUsage()
  }

  #refreshUsage(): void {
    if (this.#carrier.state === 'open') this.#quiet(this.call('usage', {}), (usage) => (this.usage = usage))
  }

  /** Side information: a failure leaves the last known value in place. */
  #quiet<T>(promise: Promise<T>, use: (value: T) => void): void {
    promise.then(use, (error: unknown) => {
      if (!(error instanceof ApiError)) throw error
    })
  }

  #onBatch(batch: WatchBatch): void {
    if (batch.phase === 'snapshot') {
      this.#incoming ??= new Objects()
      this.#incoming.apply(batch.events, batch.revision)
      return
    }
    if (this.#incoming) {
      const listed = this.#incoming
      this.#incoming = undefined
      this.#queue = []
      this.#framePending = false
      listed.apply(batch.events, batch.revision)
      const kinds = new Set([...this.#objects.kinds(), ...listed.kinds()])
      this.#objects = listed
      this.staleSince = undefined
      this.phase = 'live'
      this.#publish(kinds, listed.revision, [])
      return
    }
    this.#queue.push(...batch.events)
    this.#queuedRevision = batch.revision
    if (this.#framePending) return
    this.#framePending = true
    this.#frame(() => this.#flush())
  }

  #flush(): void {
    if (!this.#framePending) return
    this.#framePending = false
    const events = this.#queue
    this.#queue = []
    const kinds = this.#objects.apply(events, this.#queuedRevision)
    this.#publish(kinds, this.#objects.revision, events)
  }

  #publish(kinds: Iterable<string>, revision: number, events: readonly WatchEvent[]): void {
    for (const kind of kinds) this.#versions.set(kind, (this.#versions.get(kind) ?? 0) + 1)
    this.revision = revision
    this.version++
    this.now = this.clock.now()
    for (const listener of [...this.#listeners]) listener(events)
  }
}

export const [getCluster, setCluster] = createContext<Cluster>()
