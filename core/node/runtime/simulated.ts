/**
 * The Runtime without an engine: thousands of Pods with declared timings and failures (what kwok is for upstream).
 *
 * How a Pod's containers behave is declared by annotations, for all of them or for one (`simulate.orrery.dev/web.exit-code`):
 *   simulate.orrery.dev/start-ms       how long a start takes (default: the option startMs)
 *   simulate.orrery.dev/run-ms         ends by itself after this time; without, it runs until stopped (what is awaited, as init containers and Pods of Jobs are: ends at once)
 *   simulate.orrery.dev/exit-code      with which code (default 0)
 *   simulate.orrery.dev/stop-ms        how long it takes to stop when asked (default 0; killed when the grace is over: 137)
 *   simulate.orrery.dev/ready-after-ms until then it refuses connections, and commands in it fail
 *   simulate.orrery.dev/fails          `start`: it can't be started
 *   simulate.orrery.dev/cpu            what it uses, e.g. `200m` (default 1m)
 *   simulate.orrery.dev/shared-cpu     `web=2`: so much of CPU in all, in equal parts, is used by the containers that name the same load
 *   simulate.orrery.dev/memory         e.g. `64Mi` (default 1Mi)
 *   simulate.orrery.dev/metrics        `queue=30,busy=2`: what it tells at /metrics, to whoever reads them there
 */
import { Duplex, PassThrough } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { RuntimeError } from '../runtime.ts'
import type { ContainerSpec, EngineInfo, ExecSession, LogOptions, PullProgress, Runtime, RuntimeContainer, RuntimeEvent, RuntimeImage, SandboxSpec, Usage } from '../runtime.ts'
import { simulatePrefix } from '../pod.ts'
import { EventFeed } from './simulated/feed.ts'
import { answerHttp } from './simulated/answer.ts'
import { loadOf, SimulatedLoad, type Load } from './simulated/load.ts'

export interface SimulatedOptions {
  clock: Clock
  /** Of each node. */
  cpus?: number
  memoryBytes?: number
  nodes?: number
  startMs?: number
  /** Images are there at once where 0. */
  pullMs?: number
  imageBytes?: number
  /** Images that no registry has. Without it: the typo of the window's sample that breaks, as with real registries. */
  missing?: (image: string) => boolean
  /** First two numbers of the Pods' addresses. */
  prefix?: string
}

interface Simulated {
  container: RuntimeContainer
  behaviour: Behaviour
  cancel: () => void
  /** Called when it has ended. */
  waiting: (() => void)[]
}
interface Behaviour {
  startMs: number
  runMs: number | undefined
  exitCode: number
  stopMs: number
  readyAfterMs: number
  failsToStart: boolean
  load?: Load
}

const killedExitCode = 137

/** 1.26 with its digits turned round. */
const typo = 'nginx:1.62'

export class SimulatedRuntime implements Runtime {
  readonly kind = 'simulated'
  readonly scheme = 'simulated'
  readonly mountsFiles = false
  /** Names of the volumes that outlive Pods. */
  readonly volumes = new Set<string>()
  readonly #options: Required<SimulatedOptions>
  readonly #byId = new Map<string, Simulated>()
  readonly #byPod = new Map<string, Set<Simulated>>()
  readonly #images = new Map<string, RuntimeImage>()
  readonly #nodes = new Map<string, string>()
  readonly #feeds = new Set<EventFeed>()
  readonly #load = new SimulatedLoad()
  #serial = 0
  #addresses = 0
  #reachable = true

  constructor(options: SimulatedOptions) {
    this.#options = { cpus: 4, memoryBytes: 8 * 2 ** 30, nodes: 1, startMs: 0, pullMs: 0, imageBytes: 72_000_000, missing: (image) => image === typo, prefix: '10.244', ...options }
  }

  async prepare(): Promise<void> {
    this.#answer()
  }

  async info(): Promise<EngineInfo> {
    this.#answer()
    const { cpus, memoryBytes, nodes } = this.#options
    return { name: 'simulated', version: '1', os: 'simulated', arch: process.arch, kernel: '0', cpus: cpus * nodes, memoryBytes: memoryBytes * nodes }
  }

  async ensureNode(name: string): Promise<{ ip: string }> {
    this.#answer()
    let ip = this.#nodes.get(name)
    if (ip === undefined) this.#nodes.set(name, (ip = this.#address()))
    return { ip }
  }

  /** The engine goes away or comes back: what every call and the event stream then say. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable
    if (!reachable) for (const feed of [...this.#feeds]) feed.fail(new RuntimeError('EngineUnreachable', 'the simulated engine is switched off'))
  }

  /** A container ends from outside, as by `docker kill`. */
  end(id: string, exitCode = killedExitCode): void {
    this.#ended(this.#find(id), exitCode)
  }

  async containers(node?: string): Promise<RuntimeContainer[]> {
    this.#answer()
    const all: RuntimeContainer[] = []
    for (const { container } of this.#byId.values()) if (node === undefined || container.node === node) all.push(container)
    return all
  }

  async pod(uid: string): Promise<RuntimeContainer[]> {
    this.#answer()
    return Array.from(this.#byPod.get(uid) ?? [], ({ container }) => container)
  }

  async *events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    this.#answer()
    const feed = new EventFeed()
    this.#feeds.add(feed)
    try {
      yield* feed.read(signal)
    } finally {
      this.#feeds.delete(feed)
    }
  }

  async image(name: string): Promise<RuntimeImage | undefined> {
    this.#answer()
    return this.#images.get(name) ?? (this.#options.pullMs === 0 && !this.#options.missing(name) ? this.#addImage(name) : undefined)
  }

  async images(): Promise<RuntimeImage[]> {
    return [...this.#images.values()]
  }

  async pull(name: string, _auth: { username: string; password: string } | undefined, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<RuntimeImage> {
    this.#answer()
    const { pullMs, imageBytes, missing } = this.#options
    const steps = pullMs > 0 ? 4 : 1
    for (let step = 1; step <= steps; step++) {
      if (pullMs > 0) await this.#wait(pullMs / steps)
      if (signal.aborted) throw new RuntimeError('PullFailed', 'the pull was given up')
      if (missing(name)) throw new RuntimeError('ImageNotFound', `manifest for ${name} not found: manifest unknown: manifest unknown`)
      onProgress({ image: name, doneBytes: (imageBytes * step) / steps, totalBytes: imageBytes, phase: step === steps ? 'done' : 'downloading' })
    }
    return this.#addImage(name)
  }

  async createSandbox(spec: SandboxSpec): Promise<string> {
    this.#answer()
    return this.#add({ pod: spec.pod, node: spec.node, name: '', kind: 'sandbox', attempt: spec.attempt, image: 'pause', imageId: '', labels: spec.labels }, { startMs: 0, runMs: undefined, exitCode: 0, stopMs: 0, readyAfterMs: 0, failsToStart: false }, spec.hostNetwork ? (this.#nodes.get(spec.node) ?? this.#address()) : this.#address())
  }

  async startSandbox(id: string): Promise<{ ip: string }> {
    await this.start(id)
    return { ip: this.#find(id).container.ip ?? '' }
  }

  async createContainer(spec: ContainerSpec): Promise<string> {
    this.#answer()
    this.#find(spec.sandbox)
    if (!(await this.image(spec.image))) throw new RuntimeError('ImageNotFound', `No such image: ${spec.image}`)
    return this.#add({ pod: spec.pod, node: spec.node, name: spec.name, kind: spec.kind, attempt: spec.attempt, image: spec.image, imageId: spec.imageId, labels: spec.labels }, this.#behaviour(spec), undefined)
  }

  async start(id: string): Promise<void> {
    this.#answer()
    const simulated = this.#find(id)
    if (simulated.behaviour.startMs > 0) await this.#wait(simulated.behaviour.startMs)
    const nowMs = this.#options.clock.now()
    if (simulated.behaviour.failsToStart) {
      simulated.container = { ...simulated.container, state: 'exited', exitCode: 128, finishedMs: nowMs, error: 'declared to fail at its start' }
      throw new RuntimeError('CannotStart', 'declared to fail at its start')
    }
    simulated.container = { ...simulated.container, state: 'running', startedMs: nowMs }
    const { runMs, exitCode } = simulated.behaviour
    if (runMs !== undefined) simulated.cancel = this.#options.clock.after(runMs, () => this.#ended(simulated, exitCode))
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    this.#answer()
    const simulated = this.#byId.get(id)
    if (simulated?.container.state !== 'running') return
    const { stopMs } = simulated.behaviour
    const late = stopMs > graceSeconds * 1000
    if (stopMs === 0) return this.#ended(simulated, 0)
    // Another stop with less grace may end it first.
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(late ? graceSeconds * 1000 : stopMs, () => this.#ended(simulated, late ? killedExitCode : 0))
      simulated.waiting.push(() => {
        cancel()
        resolve()
      })
    })
  }

  async remove(id: string): Promise<void> {
    this.#answer()
    const simulated = this.#byId.get(id)
    if (!simulated) return
    simulated.cancel()
    this.#byId.delete(id)
    const { pod, node } = simulated.container
    const siblings = this.#byPod.get(pod.uid)
    siblings?.delete(simulated)
    if (siblings?.size === 0) this.#byPod.delete(pod.uid)
    else this.#tell({ podUid: pod.uid, node })
  }

  async createMemoryVolume(): Promise<void> {
    this.#answer()
  }
  async removeVolumes(): Promise<void> {
    this.#answer()
  }
  async ensureVolume(name: string): Promise<void> {
    this.#answer()
    this.volumes.add(name)
  }
  async imageVolume(imageId: string): Promise<string> {
    this.#answer()
    return `image-${imageId}`
  }
  async releaseImageVolumes(): Promise<void> {
    this.#answer()
  }
  async volumeFolder(name: string, path: string): Promise<string> {
    this.#answer()
    return `/${name}/${path}`
  }
  async removeVolume(name: string): Promise<void> {
    this.#answer()
    this.volumes.delete(name)
  }
  async removeTree(): Promise<void> {
    this.#answer()
  }
  async update(id: string): Promise<void> {
    this.#find(id)
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    const { container } = this.#find(id)
    const stamp = options.timestamps ? `${new Date(container.startedMs ?? container.createdMs).toISOString()} ` : ''
    // It writes one line, to stdout.
    if (options.stream !== 'stderr') yield new TextEncoder().encode(`${stamp}simulated container ${container.name} of ${container.pod.name}, run ${container.attempt + 1}\n`)
    if (options.follow && container.state === 'running') await new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()))
  }

  async exec(id: string, { command, stdin, tty }: { command: readonly string[]; stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession> {
    this.#running(id)
    const stdout = new PassThrough()
    stdout.end(tty ? 'This container is simulated: there is nothing to open a shell in.\r\n' : `simulated: ${command.join(' ')}\n`)
    return { ...(stdin ? { stdin: new PassThrough().resume() } : {}), stdout, ...(tty ? {} : { stderr: new PassThrough().end() as PassThrough }), resize: async () => {}, exitCode: Promise.resolve(0), close: () => stdout.destroy() }
  }

  attach(id: string, options: { stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession> {
    return this.exec(id, { ...options, command: ['attach'] })
  }

  async dial(sandboxId: string, port: number): Promise<Duplex> {
    const { container } = this.#running(sandboxId)
    const apps = [...(this.#byPod.get(container.pod.uid) ?? [])].filter((other) => other.container.kind !== 'sandbox' && other.container.state === 'running')
    if (!apps.some((app) => this.#serves(app))) throw Object.assign(new RuntimeError('Refused', `connect to port ${port}: connection refused`), { code: 'ECONNREFUSED' })
    return answerHttp(container.pod.name, apps.map(({ container: { labels } }) => labels[`${simulatePrefix}metrics`]).find((text) => text !== undefined))
  }

  async run(id: string, command: readonly string[], _timeoutMs: number): Promise<{ exitCode: number; output: string; timedOut: boolean }> {
    const simulated = this.#running(id)
    return { exitCode: this.#serves(simulated) ? 0 : 1, output: command.join(' '), timedOut: false }
  }

  async usage(ids: readonly string[]): Promise<Usage[]> {
    const running = [...this.#byId.values()].filter(({ container }) => container.kind !== 'sandbox' && container.state === 'running')
    const samples = this.#load.sample(running.map(({ container, behaviour }) => ({ id: container.id, startedMs: container.startedMs ?? container.createdMs, load: behaviour.load })), this.#options.clock.now())
    return ids.flatMap((id) => samples.get(id) ?? [])
  }

  #add(who: Omit<RuntimeContainer, 'id' | 'state' | 'createdMs'>, behaviour: Behaviour, ip: string | undefined): string {
    const id = (++this.#serial).toString(16).padStart(12, '0')
    const simulated: Simulated = { container: { ...who, id, state: 'created', createdMs: this.#options.clock.now(), ...(ip === undefined ? {} : { ip }) }, behaviour, cancel: () => {}, waiting: [] }
    this.#byId.set(id, simulated)
    let siblings = this.#byPod.get(who.pod.uid)
    if (!siblings) this.#byPod.set(who.pod.uid, (siblings = new Set()))
    siblings.add(simulated)
    return id
  }

  #behaviour({ labels, name, toItsEnd }: ContainerSpec): Behaviour {
    const text = (key: string) => labels[`${simulatePrefix}${name}.${key}`] ?? labels[simulatePrefix + key]
    const number = (key: string) => {
      const value = text(key)
      return value === undefined ? undefined : Number(value)
    }
    return {
      startMs: number('start-ms') ?? this.#options.startMs,
      // An init container that ran for ever would keep its Pod from starting, a Job's container its Job from ending.
      runMs: number('run-ms') ?? (toItsEnd ? 0 : undefined),
      exitCode: number('exit-code') ?? 0,
      stopMs: number('stop-ms') ?? 0,
      readyAfterMs: number('ready-after-ms') ?? 0,
      failsToStart: text('fails') === 'start',
      load: loadOf(text('cpu'), text('shared-cpu'), text('memory')),
    }
  }

  #serves({ container, behaviour }: Simulated): boolean {
    return this.#options.clock.now() >= (container.startedMs ?? 0) + behaviour.readyAfterMs
  }

  #ended(simulated: Simulated, exitCode: number): void {
    if (simulated.container.state !== 'running') return
    simulated.cancel()
    simulated.container = { ...simulated.container, state: 'exited', exitCode, finishedMs: this.#options.clock.now() }
    for (const done of simulated.waiting.splice(0)) done()
    // Without their network the other containers of the Pod run on, as on an engine.
    this.#tell({ podUid: simulated.container.pod.uid, node: simulated.container.node })
  }

  #tell(event: RuntimeEvent): void {
    for (const feed of this.#feeds) feed.push(event)
  }

  #find(id: string): Simulated {
    const simulated = this.#byId.get(id)
    if (!simulated) throw new RuntimeError('NotFound', `No such container: ${id}`)
    return simulated
  }

  #running(id: string): Simulated {
    this.#answer()
    const simulated = this.#find(id)
    if (simulated.container.state !== 'running') throw new RuntimeError('Conflict', `Container ${id} is not running`)
    return simulated
  }

  #addImage(name: string): RuntimeImage {
    const image: RuntimeImage = { id: `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)}`, names: [name], sizeBytes: this.#options.imageBytes }
    this.#images.set(name, image)
    return image
  }

  #address(): string {
    const n = ++this.#addresses
    return `${this.#options.prefix}.${(n >> 8) & 255}.${n & 255}`
  }

  #answer(): void {
    if (!this.#reachable) throw new RuntimeError('EngineUnreachable', 'the simulated engine is switched off')
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve))
  }
}
