/**
 * The node agents of one engine: registers its nodes, gives every Pod bound to them a worker, follows the engine's events,
 * and says so when the engine is away. One subscription and one event stream serve all nodes, so that thousands of
 * simulated ones cost little.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, statfs } from 'node:fs/promises'
import type { KubeObject } from '../api/meta.ts'
import type { PersistentVolume, Pod } from '../api/types/core.ts'
import { sleep } from '../base/abort.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import type { Client, WatchEvent } from '../loop/client.ts'
import type { Decisions } from '../loop/decisions.ts'
import type { Recorder } from '../loop/recorder.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { directDialer, throughRuntime } from './probes/dial.ts'
import type { Dialer } from './probes/handlers.ts'
import type { DnsSettings } from './container/network-files.ts'
import type { NodeContext } from './node-context.ts'
import { resourcesOf } from './registration/node-object.ts'
import { leaseEveryMs } from './registration/heartbeats.ts'
import { NodeRegistration } from './registration/node-registration.ts'
import { podSources } from './pod-sources.ts'
import { Pulls } from './images/pulls.ts'
import { RuntimeError, type EngineInfo, type Runtime, type RuntimeImage } from './runtime.ts'
import { podFolders, removePodFolder } from './volumes/volumes.ts'
import { PodWorker } from './pod-worker/worker.ts'

export interface AgentsOptions {
  runtime: Runtime
  nodes: readonly string[]
  /** Writes carry the actor `node:<name>`. */
  clientFor(node: string): Client
  /** The live cache: snapshot and subscription in one. */
  cache: Snapshot & { subscribe(listener: (events: readonly WatchEvent[], snapshot: Snapshot) => void): () => void }
  recorder: Recorder
  /** Told what Pods wait for, and until when. */
  decisions?: Decisions
  clock: Clock
  log: Logger
  /** Folder for Pods' volumes and files, on the engine's machine. */
  podsRoot: string
  dns: DnsSettings
  /** kubeletVersion, e.g. v1.36.3. */
  version: string
  machineId: string
  dial?: Dialer
  beforeStop?: (pod: Pod) => Promise<void>
  token?: NodeContext['token']
  podsPerNode?: number
}

export interface EngineState {
  state: 'starting' | 'ready' | 'unreachable'
  say: string
  sinceMs: number
}

const reconnectFirstMs = 250
const reconnectLongestMs = 5_000
const unknownEngine: EngineInfo = { name: 'unknown', version: '', os: '', arch: '', kernel: '', cpus: 0, memoryBytes: 0 }

interface Member {
  name: string
  ip: string
  context: NodeContext
  registration: NodeRegistration
}

export class NodeAgents {
  readonly pulls: Pulls
  readonly #options: AgentsOptions
  readonly #members = new Map<string, Member>()
  readonly #workers = new Map<string, PodWorker>()
  /** Pods that this agent is done with while their objects stay (finalizers). */
  readonly #done = new Set<string>()
  readonly #bySource = new Map<string, Set<PodWorker>>()
  readonly #listeners = new Set<(state: EngineState) => void>()
  readonly #bootId = randomUUID()
  #engine: EngineInfo = unknownEngine
  #images: readonly RuntimeImage[] = []
  #diskBytes = 0
  #state: EngineState
  #open = false

  constructor(options: AgentsOptions) {
    this.#options = options
    this.pulls = new Pulls(options.runtime, options.clock)
    this.#state = { state: 'starting', say: 'looking for the container engine', sinceMs: options.clock.now() }
  }

  get engine(): EngineState {
    return this.#state
  }

  get engineInfo(): EngineInfo {
    return this.#engine
  }

  subscribe(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the nodes are registered: ready, or not ready with the reason. Goes on in the background. */
  async start(scope: Scope): Promise<void> {
    await mkdir(this.#options.podsRoot, { recursive: true })
    this.#diskBytes = await statfs(this.#options.podsRoot).then(({ blocks, bsize }) => blocks * bsize, () => 0)
    const unsubscribe = this.#options.cache.subscribe((events) => this.#take(events))
    scope.add('node agents', async () => {
      unsubscribe()
      for (const { registration } of this.#members.values()) registration.close()
      await Promise.all([...this.#workers.values()].map((worker) => worker.close()))
    })
    await this.#connect()
    await Promise.all([...this.#members.values()].map(({ registration }) => registration.start()))
    if (this.#open) this.#adopt()
    void this.#follow(scope.signal)
  }

  /** The window's "try again now". */
  retryPull(podUid: string): void {
    this.#workers.get(podUid)?.retryImagesNow()
  }

  /** Reaches the engine and learns the nodes' addresses; failing is a state, not an error. */
  async #connect(): Promise<boolean> {
    const { runtime, nodes } = this.#options
    try {
      await runtime.prepare()
      const [engine, images] = await Promise.all([runtime.info(), runtime.images()])
      this.#engine = engine
      this.#images = images
      await Promise.all(nodes.map(async (name) => this.#member(name, (await runtime.ensureNode(name)).ip)))
      this.#open = true
      this.#become({ state: 'ready', say: `${engine.name} ${engine.version}`, sinceMs: this.#options.clock.now() })
      return true
    } catch (error) {
      this.#open = false
      const text = error instanceof Error ? error.message : String(error)
      for (const name of nodes) this.#member(name, this.#members.get(name)?.ip ?? '')
      this.#become({ state: 'unreachable', say: `the container engine can't be used: ${text}`, sinceMs: this.#options.clock.now() })
      return false
    }
  }

  #become(state: EngineState): void {
    if (state.state === this.#state.state && state.say === this.#state.say) return
    this.#state = state
    this.#options.log.info('engine', { state: state.state, say: state.say })
    for (const listener of this.#listeners) listener(state)
  }

  #member(name: string, ip: string): void {
    const old = this.#members.get(name)
    const shares = this.#options.nodes.length
    const pods = this.#options.podsPerNode ?? 110
    const allocatable = resourcesOf({ engine: this.#engine, shareOf: shares, diskBytes: this.#diskBytes, pods })
    if (old) {
      // One object for all of the node's workers: what is learned later reaches them too.
      Object.assign(old.context, { hostIP: ip || old.ip, allocatable, machineMemoryBytes: this.#engine.memoryBytes || 1 })
      old.ip = ip || old.ip
      return
    }
    const { clock, log, runtime, cache, recorder, decisions, dns, podsRoot, version, beforeStop, token } = this.#options
    const client = this.#options.clientFor(name)
    const [major = '1', minor = '36'] = version.replace(/^v/, '').split('.')
    const context: NodeContext = {
      node: name,
      runtime,
      client,
      snapshot: cache,
      recorder,
      clock,
      log: log.child({ node: name }),
      pulls: this.pulls,
      dial: this.#options.dial ?? (runtime.kind === 'simulated' ? throughRuntime(runtime) : directDialer()),
      dns,
      podsRoot,
      hostIP: ip,
      allocatable,
      machineMemoryBytes: this.#engine.memoryBytes || 1,
      userAgent: `kube-probe/${major}.${minor}`,
      ...(decisions ? { decisions } : {}),
      ...(beforeStop ? { beforeStop } : {}),
      ...(token ? { token } : {}),
    }
    const member: Member = {
      name,
      ip,
      context,
      registration: new NodeRegistration({
        client,
        clock,
        log: context.log,
        leaseEveryMs: leaseEveryMs(shares),
        place: this.#members.size / shares,
        ...(runtime.kind === 'simulated' ? {} : { events: recorder }),
        facts: () => ({
          name,
          ip: member.ip,
          engine: this.#engine,
          shareOf: shares,
          diskBytes: this.#diskBytes,
          pods,
          images: this.#images,
          version,
          machineId: this.#options.machineId,
          bootId: this.#bootId,
          ...(this.#open ? {} : { notReady: this.#state.say }),
        }),
      }),
    }
    this.#members.set(name, member)
  }

  /** Follows the engine for as long as it answers, and finds it again when it doesn't. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { runtime, clock, log } = this.#options
    let delayMs = reconnectFirstMs
    while (!signal.aborted) {
      try {
        if (!this.#open) {
          await sleep(delayMs, clock, signal)
          if (signal.aborted) return
          delayMs = Math.min(delayMs * 2, reconnectLongestMs)
          if (!(await this.#connect())) continue
          await Promise.all([...this.#members.values()].map(({ registration }) => registration.refresh()))
          this.#adopt()
        }
        delayMs = reconnectFirstMs
        for await (const event of runtime.events(signal)) this.#workers.get(event.podUid)?.wake()
        if (!signal.aborted) throw new RuntimeError('EngineUnreachable', 'the event stream ended')
      } catch (error) {
        if (signal.aborted) return
        const text = error instanceof Error ? error.message : String(error)
        log.warn('engine lost', { error: text })
        this.#open = false
        this.#become({ state: 'unreachable', say: `the container engine does not answer: ${text}`, sinceMs: clock.now() })
        for (const { registration } of this.#members.values()) void registration.refresh()
      }
    }
  }

  /** Every Pod bound to these nodes gets its worker; containers and folders of no Pod go. */
  #adopt(): void {
    const known = new Set<string>()
    for (const member of this.#members.values())
      for (const pod of this.#options.cache.podsOn<Pod>(member.name)) {
        known.add(pod.metadata.uid)
        this.#worker(pod)?.wake()
      }
    void this.#removeOrphans(known).catch((error: unknown) => this.#options.log.warn('orphans not removed', { error: String(error) }))
  }

  async #removeOrphans(known: ReadonlySet<string>): Promise<void> {
    const { runtime, podsRoot, log } = this.#options
    const orphans = (await runtime.containers()).filter(({ pod }) => !known.has(pod.uid) && !this.#workers.has(pod.uid))
    if (orphans.length > 0) log.info('removing containers of Pods that are gone', { count: orphans.length })
    const apps = orphans.filter(({ kind }) => kind !== 'sandbox')
    await Promise.all(apps.filter(({ state }) => state === 'running').map(({ id }) => runtime.stop(id, 2)))
    await Promise.all(apps.map(({ id }) => runtime.remove(id)))
    await Promise.all(orphans.filter(({ kind }) => kind === 'sandbox').map(({ id }) => runtime.remove(id)))
    if (!runtime.mountsFiles) return
    for (const uid of await readdir(podsRoot)) {
      if (known.has(uid) || this.#workers.has(uid)) continue
      await removePodFolder(runtime, podFolders(podsRoot, uid), { metadata: { uid } })
    }
  }

  #take(events: readonly WatchEvent[]): void {
    if (!this.#open && this.#workers.size === 0) return
    let images = false
    for (const { type, object, previous } of events) {
      if (object.kind === 'Pod') {
        const pod = object as Pod
        if (!this.#members.has(pod.spec.nodeName ?? '')) continue
        if (type === 'DELETED') {
          this.#done.delete(pod.metadata.uid)
          this.#workers.get(pod.metadata.uid)?.gone()
        } else this.#worker(pod)
      } else if (object.kind === 'ConfigMap' || object.kind === 'Secret') {
        for (const worker of this.#madeFrom(object.kind, object.metadata)) worker.sourceChanged()
      } else if (object.kind === 'PersistentVolumeClaim') {
        for (const worker of this.#madeFrom(object.kind, object.metadata)) worker.claimChanged()
      } else if (object.kind === 'PersistentVolume') {
        const claim = (object as PersistentVolume).spec.claimRef
        for (const worker of this.#madeFrom('PersistentVolumeClaim', claim ?? {})) worker.claimChanged()
      } else if (object.kind === 'Node' && previous) {
        const registration = this.#members.get(object.metadata.name)?.registration
        if (type === 'DELETED') void registration?.refresh()
        else if (isCordoned(object) !== isCordoned(previous)) registration?.schedulable(isCordoned(object))
      }
      images ||= object.kind === 'Event' && (object as KubeObject & { reason?: string }).reason === 'Pulled' && String(object['message']).startsWith('Successfully')
    }
    if (images) void this.#lookAtImages()
  }

  async #lookAtImages(): Promise<void> {
    try {
      this.#images = await this.#options.runtime.images()
    } catch {
      return // the engine's absence is told elsewhere
    }
    for (const { registration } of this.#members.values()) void registration.refresh()
  }

  #worker(pod: Pod): PodWorker | undefined {
    const { uid } = pod.metadata
    const existing = this.#workers.get(uid)
    if (existing) {
      existing.update(pod)
      return existing
    }
    const member = this.#members.get(pod.spec.nodeName ?? '')
    if (!member || !this.#open || this.#done.has(uid)) return undefined
    const worker: PodWorker = new PodWorker(member.context, pod, () => this.#ended(worker))
    this.#workers.set(uid, worker)
    for (const key of podSources(worker.pod)) {
      let workers = this.#bySource.get(key)
      if (!workers) this.#bySource.set(key, (workers = new Set()))
      workers.add(worker)
    }
    return worker
  }

  #ended(worker: PodWorker): void {
    this.#workers.delete(worker.uid)
    if (this.#options.cache.byUid(worker.uid)) this.#done.add(worker.uid)
    for (const key of podSources(worker.pod)) {
      const workers = this.#bySource.get(key)
      workers?.delete(worker)
      if (workers?.size === 0) this.#bySource.delete(key)
    }
  }

  #madeFrom(kind: string, { namespace = '', name = '' }: { namespace?: string; name?: string }): Iterable<PodWorker> {
    return this.#bySource.get(`${kind}/${namespace}/${name}`) ?? []
  }
}

const isCordoned = (node: KubeObject): boolean => (node as KubeObject & { spec?: { unschedulable?: boolean } }).spec?.unschedulable === true
