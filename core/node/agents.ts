/**
 * The node agents of one engine: registers its nodes, gives every Pod bound to them a worker, follows the engine's events,
 * and says so when the engine is away. One subscription and one event stream serve all nodes, so that thousands of
 * simulated ones cost little.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, statfs } from 'node:fs/promises'
import type { KubeObject } from '../api/meta.ts'
import type { PersistentVolume, Pod } from '../api/types/core.ts'
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
import { EngineLink, type EngineState } from './engine-link.ts'
import type { NodeContext } from './node-context.ts'
import { resourcesOf } from './registration/node-object.ts'
import { leaseEveryMs } from './registration/heartbeats.ts'
import { NodeRegistration } from './registration/node-registration.ts'
import { podSources } from './pod-sources.ts'
import { Pulls } from './images/pulls.ts'
import type { EngineInfo, Runtime } from './runtime.ts'
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

interface Member {
  name: string
  ip: string
  context: NodeContext
  registration: NodeRegistration
}

export class NodeAgents {
  readonly pulls: Pulls
  readonly #options: AgentsOptions
  readonly #link: EngineLink
  readonly #members = new Map<string, Member>()
  readonly #workers = new Map<string, PodWorker>()
  /** Pods that this agent is done with while their objects stay (finalizers). */
  readonly #done = new Set<string>()
  readonly #bySource = new Map<string, Set<PodWorker>>()
  readonly #bootId = randomUUID()
  #diskBytes = 0

  constructor(options: AgentsOptions) {
    this.#options = options
    this.pulls = new Pulls(options.runtime, options.clock)
    this.#link = new EngineLink(options)
  }

  get engine(): EngineState {
    return this.#link.state
  }

  get engineInfo(): EngineInfo {
    return this.#link.info
  }

  subscribe(listener: (state: EngineState) => void): () => void {
    return this.#link.subscribe(listener)
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
    this.#place(await this.#link.connect())
    await Promise.all([...this.#members.values()].map(({ registration }) => registration.start()))
    if (this.#link.isOpen) this.#adopt()
    void this.#link.follow({ found: (addresses) => this.#found(addresses), lost: () => this.#refreshAll(), changed: (podUid) => this.#workers.get(podUid)?.wake() }, scope.signal)
  }

  /** The window's "try again now". */
  retryPull(podUid: string): void {
    this.#workers.get(podUid)?.retryImagesNow()
  }

  /** Nodes are there whether or not the engine is; where it is, at these addresses. */
  #place(addresses: ReadonlyMap<string, string> | undefined): void {
    for (const name of this.#options.nodes) this.#member(name, addresses?.get(name) ?? this.#members.get(name)?.ip ?? '')
  }

  async #found(addresses: ReadonlyMap<string, string>): Promise<void> {
    this.#place(addresses)
    await this.#refreshAll()
    this.#adopt()
  }

  async #refreshAll(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ registration }) => registration.refresh()))
  }

  #member(name: string, ip: string): void {
    const old = this.#members.get(name)
    const shares = this.#options.nodes.length
    const pods = this.#options.podsPerNode ?? 110
    const allocatable = resourcesOf({ engine: this.#link.info, shareOf: shares, diskBytes: this.#diskBytes, pods })
    if (old) {
      // One object for all of the node's workers: what is learned later reaches them too.
      Object.assign(old.context, { hostIP: ip || old.ip, allocatable, machineMemoryBytes: this.#link.info.memoryBytes || 1 })
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
      machineMemoryBytes: this.#link.info.memoryBytes || 1,
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
          engine: this.#link.info,
          shareOf: shares,
          diskBytes: this.#diskBytes,
          pods,
          images: this.#link.images,
          version,
          machineId: this.#options.machineId,
          bootId: this.#bootId,
          ...(this.#link.isOpen ? {} : { notReady: this.#link.state.say }),
        }),
      }),
    }
    this.#members.set(name, member)
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
    if (!this.#link.isOpen && this.#workers.size === 0) return
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
    if (await this.#link.lookAtImages()) await this.#refreshAll()
  }

  #worker(pod: Pod): PodWorker | undefined {
    const { uid } = pod.metadata
    const existing = this.#workers.get(uid)
    if (existing) {
      existing.update(pod)
      return existing
    }
    const member = this.#members.get(pod.spec.nodeName ?? '')
    if (!member || !this.#link.isOpen || this.#done.has(uid)) return undefined
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
