/** The Runtime on a Docker engine (Engine API 1.41 and later). With runtime/docker/*, the only importer of dockerode. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { ensureNodeImage, type NodeImage } from '../images/node-image.ts'
import { RuntimeError } from '../runtime.ts'
import type { ContainerSpec, EngineInfo, ExecSession, LogOptions, PodId, PullProgress, Runtime, RuntimeContainer, RuntimeEvent, RuntimeImage, SandboxSpec, Usage } from '../runtime.ts'
import { Connection } from './docker/connection.ts'
import { containerOptions, resourceOptions, sandboxOptions } from './docker/create.ts'
import { look, relist, watchEvents } from './docker/events.ts'
import { attachSession, dialInside, execSession, runCommand } from './docker/exec.ts'
import { ImageVolumes } from './docker/image-volumes.ts'
import { findImage, listImages, pullImage } from './docker/images.ts'
import { bridgeName, ensureNetwork, ensureNodeContainer, Helper, networkName, nodeContainerName } from './docker/infrastructure.ts'
import { label } from './docker/labels.ts'
import { containerLogs } from './docker/logs.ts'
import { Privilege } from './docker/privilege.ts'
import { purge } from './docker/purge.ts'
import { startErrorExitCode } from './docker/observe.ts'
import { ContainerTable } from './docker/table.ts'
import { Turns } from './docker/turns.ts'
import { sampleUsage } from './docker/usage.ts'
import { EngineVolumes } from './docker/volumes.ts'

export interface DockerOptions {
  /** As in DOCKER_HOST. */
  host: string
  /** The home's id; at most 11 characters, because it is part of an interface's name. */
  cluster: string
  podCidr: string
  /** Folder for downloaded tools. */
  cache: string
  clock: Clock
  log: Logger
}

/** Containers that are made or started side by side. */
const atOnce = 8

export class DockerRuntime implements Runtime {
  readonly kind = 'docker'
  readonly scheme = 'docker'
  readonly mountsFiles = true
  readonly helper: Helper
  readonly bridge: string
  readonly networkName: string
  readonly #options: DockerOptions
  readonly #connection: Connection
  readonly #table = new ContainerTable()
  readonly #volumes: EngineVolumes
  readonly #imageVolumes: ImageVolumes
  readonly #turns: Turns
  readonly #privilege: Privilege
  readonly #tty = new Map<string, boolean>()
  #image: NodeImage | undefined
  #hairpinDue = false
  #mayProtect = false

  constructor(options: DockerOptions) {
    this.#options = options
    this.#connection = new Connection(options.host)
    this.#turns = new Turns(atOnce, options.clock)
    this.#privilege = new Privilege(this.#connection, options.cluster, () => this.#nodeImage())
    this.bridge = bridgeName(options.cluster)
    this.networkName = networkName(options.cluster)
    this.helper = new Helper(this.#connection, options.cluster, () => this.#nodeImage())
    this.#volumes = new EngineVolumes(this.#connection, options.cluster, () => this.#nodeImage())
    this.#imageVolumes = new ImageVolumes(this.#connection, options.cluster, () => this.#nodeImage())
  }

  /** What does not work for lack of tools, where so; known after prepare. */
  get lacks(): string | undefined {
    return this.#image?.lacks
  }

  async prepare(): Promise<void> {
    this.helper.forget()
    const arch = (await this.info()).arch
    this.#image ??= await ensureNodeImage(
      {
        arch: arch === 'aarch64' || arch === 'arm64' ? 'arm64' : 'x64',
        hasImage: async (name) => (await this.image(name)) !== undefined,
        importImage: async (name, archive, changes) => {
          const [repo = '', tag = ''] = name.split(':')
          // The library takes one instruction; the engine any number of `changes`.
          const stream = await this.#connection.call((docker) => docker.importImage(Buffer.from(archive) as unknown as string, { repo, tag, changes: changes as unknown as string }))
          await drain(stream as NodeJS.ReadableStream)
        },
        buildImage: async (name, context) => {
          const stream = await this.#connection.call((docker) => docker.buildImage(Buffer.from(context) as unknown as string, { t: name }))
          await drain(stream)
        },
      },
      { cache: this.#options.cache, say: (line) => this.#options.log.info(line) },
    )
    if (!(await this.image(this.#image.name))) {
      // Removed while Orrery ran.
      this.#image = undefined
      return this.prepare()
    }
    await ensureNetwork(this.#connection, this.#options)
    await relist(this.#connection, this.#options.cluster, this.#table)
  }

  async info(): Promise<EngineInfo> {
    const info = (await this.#connection.call((docker) => docker.info())) as Record<string, string | number>
    return {
      name: 'docker',
      version: String(info['ServerVersion']),
      os: String(info['OperatingSystem']),
      arch: String(info['Architecture']),
      kernel: String(info['KernelVersion']),
      cpus: Number(info['NCPU']),
      memoryBytes: Number(info['MemTotal']),
    }
  }

  async ensureNode(name: string): Promise<{ ip: string }> {
    const node = await ensureNodeContainer(this.#connection, this.#options, this.#nodeImage(), name)
    this.#mayProtect = node.mayProtect
    return node
  }

  async containers(node?: string): Promise<RuntimeContainer[]> {
    return this.#table.all(node)
  }

  async pod(uid: string): Promise<RuntimeContainer[]> {
    return this.#table.pod(uid)
  }

  events(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    return watchEvents(this.#connection, this.#options.cluster, this.#table, this.#options.clock, signal)
  }

  image(name: string): Promise<RuntimeImage | undefined> {
    return findImage(this.#connection, name)
  }

  images(): Promise<RuntimeImage[]> {
    return listImages(this.#connection)
  }

  pull(name: string, auth: { username: string; password: string } | undefined, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<RuntimeImage> {
    return pullImage(this.#connection, name, auth, onProgress, signal)
  }

  async createSandbox(spec: SandboxSpec): Promise<string> {
    const { cluster } = this.#options
    const place = { cluster, network: networkName(cluster), image: this.#nodeImage(), nodeContainer: nodeContainerName(cluster, spec.node), mayProtect: this.#mayProtect }
    const id = await this.#turns.begin(() => this.#create(sandboxOptions(spec, place)))
    this.#table.put({ id, pod: spec.pod, node: spec.node, name: '', kind: 'sandbox', attempt: spec.attempt, image: place.image, imageId: '', state: 'created', createdMs: this.#options.clock.now(), labels: spec.labels })
    return id
  }

  async startSandbox(id: string): Promise<{ ip: string }> {
    await this.start(id)
    const info = await this.#connection.call((docker) => docker.getContainer(id).inspect())
    const joined = /^container:(.*)$/.exec(info.HostConfig.NetworkMode ?? '')?.[1]
    const networks = joined ? (await this.#connection.call((docker) => docker.getContainer(joined).inspect())).NetworkSettings.Networks : info.NetworkSettings.Networks
    const ip = Object.values(networks)[0]?.IPAddress ?? ''
    this.#table.move(id, { ip })
    this.#hairpinSoon()
    return { ip }
  }

  async createContainer(spec: ContainerSpec): Promise<string> {
    const { cluster } = this.#options
    const place = { cluster, mayProtect: this.#mayProtect, ...(spec.security.privileged ? { privilege: await this.#privilege.options() } : {}) }
    const id = await this.#turns.goOn(() => this.#create(containerOptions(spec, place)))
    this.#tty.set(id, spec.tty)
    this.#table.put({ id, pod: spec.pod, node: spec.node, name: spec.name, kind: spec.kind, attempt: spec.attempt, image: spec.image, imageId: spec.imageId, state: 'created', createdMs: this.#options.clock.now(), labels: spec.labels })
    return id
  }

  async start(id: string): Promise<void> {
    try {
      await this.#turns.goOn(() => this.#connection.call((docker) => docker.getContainer(id).start(), 'CannotStart'))
    } catch (error) {
      if (error instanceof RuntimeError && error.code !== 'EngineUnreachable' && error.code !== 'NotFound') {
        const finishedMs = this.#options.clock.now()
        this.#table.move(id, { state: 'exited', exitCode: startErrorExitCode, finishedMs, error: error.message })
        throw new RuntimeError('CannotStart', error.message)
      }
      throw error
    }
    if (this.#table.get(id)?.state === 'created') this.#table.move(id, { state: 'running', startedMs: this.#options.clock.now() })
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    try {
      await this.#connection.call((docker) => docker.getContainer(id).stop({ t: Math.max(0, Math.ceil(graceSeconds)) }))
    } catch (error) {
      const { statusCode } = error as { statusCode?: number }
      if (statusCode !== 304 && !(error instanceof RuntimeError && (error.code === 'NotFound' || /not modified|304/i.test(error.message)))) throw error
    }
    const container = await look(this.#connection, id)
    if (container) this.#table.put(container)
    else this.#table.drop(id)
  }

  async remove(id: string): Promise<void> {
    try {
      await this.#connection.call((docker) => docker.getContainer(id).remove({ force: true, v: true }))
    } catch (error) {
      // Removed already, or being removed by someone.
      if (!(error instanceof RuntimeError && (error.code === 'NotFound' || error.code === 'Conflict'))) throw error
    }
    this.#table.drop(id)
    this.#tty.delete(id)
  }

  async createMemoryVolume(name: string, { sizeBytes, pod, node }: { sizeBytes?: number; pod: PodId; node: string }): Promise<void> {
    const options = ['mode=1777', ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])].join(',')
    await this.#connection.call((docker) =>
      docker.createVolume({
        Name: name,
        Driver: 'local',
        DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: options },
        Labels: { [label.cluster]: this.#options.cluster, [label.node]: node, [label.podUid]: pod.uid },
      }),
    )
  }

  async removeVolumes(podUid: string): Promise<void> {
    const { Volumes } = await this.#connection.call((docker) => docker.listVolumes({ filters: JSON.stringify({ label: [`${label.podUid}=${podUid}`, `${label.cluster}=${this.#options.cluster}`] }) }))
    await Promise.all((Volumes ?? []).map(({ Name }) => this.#connection.call((docker) => docker.getVolume(Name).remove())))
  }

  ensureVolume(name: string, { about, group }: { about: Readonly<Record<string, string>>; group?: number }): Promise<void> {
    return this.#volumes.ensure(name, about, group)
  }

  imageVolume(imageId: string, podUid: string): Promise<string> {
    return this.#imageVolumes.ensure(imageId, podUid)
  }

  releaseImageVolumes(podUid: string): Promise<void> {
    return this.#imageVolumes.release(podUid)
  }

  volumeFolder(name: string, path: string, missing: 'make' | 'fail'): Promise<string> {
    return this.#volumes.folder(name, path, missing)
  }

  removeVolume(name: string): Promise<void> {
    return this.#volumes.remove(name)
  }

  async removeTree(path: string): Promise<void> {
    const parent = path.slice(0, path.lastIndexOf('/'))
    const made = await this.#connection.call((docker) =>
      docker.createContainer({
        Image: this.#nodeImage(),
        Entrypoint: ['rm', '-rf', `/tree/${path.slice(parent.length + 1)}`],
        Labels: { [label.cluster]: this.#options.cluster, [label.kind]: 'helper' },
        HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'bind', Source: parent, Target: '/tree' }] },
      }),
    )
    try {
      await this.#connection.call(() => made.start())
      await this.#connection.call(() => made.wait())
    } finally {
      await this.#connection.call(() => made.remove({ force: true }))
    }
  }

  async update(id: string, resources: ContainerSpec['resources']): Promise<void> {
    await this.#connection.call((docker) => docker.getContainer(id).update(resourceOptions(resources)))
  }

  async *logs(id: string, options: LogOptions): AsyncIterable<Uint8Array> {
    yield* containerLogs(this.#connection, id, await this.#hasTty(id), options)
  }

  exec(id: string, options: { command: readonly string[]; stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession> {
    return execSession(this.#connection, id, options)
  }

  attach(id: string, options: { stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession> {
    return attachSession(this.#connection, id, options)
  }

  dial(sandboxId: string, port: number): Promise<Duplex> {
    return dialInside(this.#connection, sandboxId, port)
  }

  run(id: string, command: readonly string[], timeoutMs: number): Promise<{ exitCode: number; output: string; timedOut: boolean }> {
    return runCommand(this.#connection, id, command, timeoutMs)
  }

  usage(ids: readonly string[]): Promise<Usage[]> {
    return sampleUsage(this.#connection, ids, this.#options.clock)
  }

  /** Removes everything this cluster made on the engine. The image stays: other homes may use it. */
  purge(): Promise<string | undefined> {
    return purge(this.#connection, this.#options.cluster)
  }

  close(): void {
    this.helper.forget()
    this.#connection.close()
  }

  async #create(options: ReturnType<typeof sandboxOptions>): Promise<string> {
    try {
      return (await this.#connection.call((docker) => docker.createContainer(options))).id
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'Conflict' && options.name) {
        // Left over by a create whose answer was lost: replace it.
        await this.#connection.call((docker) => docker.getContainer(options.name!).remove({ force: true, v: true }))
        return (await this.#connection.call((docker) => docker.createContainer(options))).id
      }
      if (error instanceof RuntimeError && error.code === 'NotFound' && /no such image/i.test(error.message)) throw new RuntimeError('ImageNotFound', error.message)
      throw error
    }
  }

  #nodeImage(): string {
    if (!this.#image) throw new RuntimeError('EngineUnreachable', 'the engine has not been reached yet')
    return this.#image.name
  }

  async #hasTty(id: string): Promise<boolean> {
    let tty = this.#tty.get(id)
    if (tty === undefined) {
      tty = (await this.#connection.call((docker) => docker.getContainer(id).inspect())).Config.Tty
      this.#tty.set(id, tty)
    }
    return tty
  }

  /** One pass for all sandboxes that start within a moment; nobody waits for it. */
  #hairpinSoon(): void {
    if (this.#hairpinDue || this.#image?.lacks !== undefined) return
    this.#hairpinDue = true
    this.#options.clock.after(300, () => {
      this.#hairpinDue = false
      this.helper.allowHairpin().catch((error: unknown) => this.#options.log.debug('hairpin not set', { error: String(error) }))
    })
  }
}

async function drain(stream: NodeJS.ReadableStream): Promise<void> {
  let text = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString()
  const failed = /"error":"([^"]*)"/.exec(text)
  if (failed) throw new RuntimeError('Refused', failed[1]!)
}
