/**
 * Starts sandboxes and containers. Containers are made while the sandbox still starts, because the engine allows it and
 * waiting would cost every Pod a round trip each.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Container, Pod } from '../../api/types/core.ts'
import { containerSpec, podId, sandboxSpec } from '../container/container-spec.ts'
import { needsAddress } from '../container/downward.ts'
import { ConfigError, environment } from '../container/environment.ts'
import { WaitError, type FoundImage, type ImageSource } from '../images/image-source.ts'
import { hostsFile, resolvFile } from '../container/network-files.ts'
import { recordEvent, type NodeContext, type Said } from '../node-context.ts'
import { latestByName, type StartAction } from './plan.ts'
import { RuntimeError, type Mount, type RuntimeContainer } from '../runtime.ts'
import { runHook } from './stopper.ts'
import { PodImageVolumes } from '../volumes/image-volumes.ts'
import { VolumeError, type ContentFacts } from '../volumes/content.ts'
import type { MountTries } from '../volumes/mount-tries.ts'
import { containerMounts, heldVolumes, prepareVolumes, refreshVolumes, type PodFolders, type Prepared } from '../volumes/volumes.ts'

/** Why a container waits whose volumes are not all there. */
export const volumeMissing = 'ContainerCreating'

export type Started =
  | { outcome: 'started'; name: string; said: Said | undefined }
  | { outcome: 'waits'; name: string; reason: string; message: string; said: Said; retryAtMs: number | undefined }

interface Made {
  id: string
  found: FoundImage
}

export class Starter {
  readonly #context: NodeContext
  readonly #folders: PodFolders
  readonly #images: ImageSource
  readonly #mounts: MountTries
  readonly #imageVolumes: PodImageVolumes
  #prepared: Prepared | undefined
  #renewAtMs = Infinity
  /** Containers made ahead, while the sandbox started. */
  readonly #ahead = new Map<string, Promise<Made>>()

  constructor(context: NodeContext, folders: PodFolders, images: ImageSource, mounts: MountTries) {
    this.#context = context
    this.#folders = folders
    this.#images = images
    this.#mounts = mounts
    this.#imageVolumes = new PodImageVolumes(context, images)
  }

  contentFacts(pod: Pod, podIP: string): ContentFacts {
    const { snapshot, hostIP, allocatable, token } = this.#context
    this.#renewAtMs = Infinity
    const renewAt = (ms: number) => void (this.#renewAtMs = Math.min(this.#renewAtMs, ms))
    return { pod, podIP, hostIP, snapshot, allocatable, renewAt, ...(token ? { token } : {}) }
  }

  /** When a token in a volume is to be made anew, or what could not be written is to be tried again. */
  get renewAtMs(): number {
    return this.#renewAtMs
  }

  /** Rewrites volumes whose sources changed. Where one is gone, the Pod runs on with what it had. */
  async refresh(pod: Pod, podIP: string): Promise<void> {
    if (!this.#context.runtime.mountsFiles) return
    try {
      await refreshVolumes(this.#folders, this.contentFacts(pod, podIP), this.#mounts)
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error
      this.#renewAtMs = this.#mounts.dueMs
    }
  }

  /** Makes volumes and sandbox, and already makes what `starts` names once the sandbox is there. */
  async openSandbox(
    pod: Pod,
    attempt: number,
    containers: readonly RuntimeContainer[],
    starts: (containers: readonly RuntimeContainer[]) => readonly StartAction[],
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, node, clock } = this.#context
    this.#ahead.clear()
    this.#imageVolumes.forget()
    await this.#prepare(pod, '')
    if (signal.aborted) return
    const spec = sandboxSpec(pod, node, attempt, heldVolumes(pod))
    const id = await runtime.createSandbox(spec)
    const starting = runtime.startSandbox(id)
    const soon: RuntimeContainer = { id, pod: podId(pod), node, name: '', kind: 'sandbox', attempt, image: '', imageId: '', state: 'running', createdMs: clock.now(), labels: {} }
    for (const action of starts([...containers, soon])) {
      if (usesAddress(action.container)) continue
      const making = this.#make(pod, action, id, '', signal)
      making.catch(() => {})
      this.#ahead.set(action.container.name, making)
    }
    let address: string
    try {
      address = (await starting).ip
    } catch (error) {
      await Promise.allSettled(this.#ahead.values())
      this.#ahead.clear()
      await runtime.remove(id).catch(() => {})
      throw error
    }
    if (runtime.mountsFiles) await writeFile(this.#folders.hosts, hostsFile(pod, address, this.#context.dns.domain))
  }

  async start(pod: Pod, action: StartAction, sandbox: RuntimeContainer, containers: readonly RuntimeContainer[], signal: AbortSignal): Promise<Started> {
    const { runtime, clock } = this.#context
    const { container } = action
    const begunMs = clock.now()
    const event = (type: 'Normal' | 'Warning', reason: string, message: string) => recordEvent(this.#context, pod, type, reason, message, container)
    const waits = (reason: string, message: string, retryAtMs?: number): Started => {
      return { outcome: 'waits', name: container.name, reason, message, retryAtMs, said: { code: reason, say: troubleWords(container, reason), why: message } }
    }
    let made: Made
    try {
      const ahead = this.#ahead.get(container.name)
      this.#ahead.delete(container.name)
      made = await (ahead ?? this.#make(pod, action, sandbox.id, sandbox.ip ?? '', signal))
    } catch (error) {
      if (signal.aborted || isUnreachable(error)) throw error
      if (error instanceof WaitError) return waits(error.reason, error.message, error.retryMs)
      if (error instanceof VolumeError) return waits(volumeMissing, error.message, this.#mounts.dueMs)
      const message = error instanceof Error ? error.message : String(error)
      event('Warning', 'Failed', `Error: ${message}`)
      return waits(error instanceof ConfigError ? 'CreateContainerConfigError' : 'CreateContainerError', message)
    }
    event('Normal', 'Created', 'Container created')
    try {
      await runtime.start(made.id)
    } catch (error) {
      if (isUnreachable(error)) throw error
      const message = error instanceof Error ? error.message : String(error)
      event('Warning', 'Failed', `Error: ${message}`)
      return waits('RunContainerError', message, clock.now())
    }
    event('Normal', 'Started', 'Container started')
    await this.#postStart(pod, container, made.id, containers)
    const { pulledMs, image } = made.found
    const took = ((clock.now() - begunMs) / 1000).toFixed(1)
    const say =
      pulledMs === undefined
        ? { code: 'Started', say: `started ${container.image}`, why: action.attempt > 0 ? `run ${action.attempt + 1} of ${container.name}; the one before ended with exit code ${action.after?.exitCode ?? 'unknown'}` : `the image was on the machine; took ${took} s` }
        : { code: 'Started', say: `pulled ${container.image} and started it`, why: `${Math.round(image.sizeBytes / 1e6)} MB in ${(pulledMs / 1000).toFixed(1)} s` }
    return { outcome: 'started', name: container.name, said: say }
  }

  /** Image, environment, mounts, and the container itself. */
  async #make(pod: Pod, action: StartAction, sandbox: string, podIP: string, signal: AbortSignal): Promise<Made> {
    const { runtime, node, snapshot, hostIP, allocatable, machineMemoryBytes } = this.#context
    const { container } = action
    const fromImages = await this.#imageVolumes.of(pod, container, action.attempt > 0, signal)
    const found = await this.#images.get(pod, container, signal)
    const prepared = new Map([...(this.#prepared ?? (await this.#prepare(pod, podIP))), ...fromImages])
    const env = environment(container, { pod, podIP, hostIP, snapshot, allocatable })
    const mounts = [...(await containerMounts(container, prepared, env, runtime)), ...(await this.#ownMounts(container, action.attempt))]
    // What was made under this number and never ran.
    if (action.after?.state === 'created') await runtime.remove(action.after.id)
    const spec = containerSpec({ pod, node, sandbox, action, image: found.image, env, mounts, machineMemoryBytes })
    const target = container.targetContainerName ? latestByName(await runtime.pod(pod.metadata.uid)).get(container.targetContainerName) : undefined
    const id = await runtime.createContainer(target?.state === 'running' ? { ...spec, pidOf: target.id } : spec)
    return { id, found }
  }

  async #prepare(pod: Pod, podIP: string): Promise<Prepared> {
    const prepared = await prepareVolumes(this.#context.runtime, this.#folders, this.contentFacts(pod, podIP), this.#context.node, this.#mounts)
    this.#prepared = prepared
    const { dns, runtime } = this.#context
    if (!runtime.mountsFiles) return prepared
    // The engine wants files that it mounts to be there; the address is filled in once it is known.
    await Promise.all([writeFile(this.#folders.hosts, '', { flag: 'a' }), writeFile(this.#folders.resolv, resolvFile(pod, dns))])
    return prepared
  }

  /** Files that upstream puts into every container, unless it mounts something of its own there. */
  async #ownMounts(container: Container, attempt: number): Promise<Mount[]> {
    if (!this.#context.runtime.mountsFiles) return []
    const termination = this.#folders.termination(container.name, attempt)
    await mkdir(dirname(termination), { recursive: true })
    await writeFile(termination, '')
    await chmod(termination, 0o666)
    const taken = new Set((container.volumeMounts ?? []).map(({ mountPath }) => mountPath))
    const own: Mount[] = [
      { source: this.#folders.hosts, target: '/etc/hosts', readOnly: false },
      { source: this.#folders.resolv, target: '/etc/resolv.conf', readOnly: false },
      { source: termination, target: container.terminationMessagePath || '/dev/termination-log', readOnly: false },
    ]
    return own.filter(({ target }) => !taken.has(target))
  }

  async #postStart(pod: Pod, container: Container, id: string, containers: readonly RuntimeContainer[]): Promise<void> {
    const hook = container.lifecycle?.postStart
    if (!hook) return
    const { runtime } = this.#context
    try {
      const run = (await runtime.pod(pod.metadata.uid)).find((other) => other.id === id)
      if (hook.sleep) await new Promise<void>((resolve) => void this.#context.clock.after(hook.sleep!.seconds * 1000, resolve))
      else if (run) await runHook(this.#context, pod, container, run, containers, hook, 60_000)
    } catch {
      recordEvent(this.#context, pod, 'Warning', 'FailedPostStartHook', 'PostStartHook failed', container)
      recordEvent(this.#context, pod, 'Normal', 'Killing', 'FailedPostStartHook', container)
      await runtime.stop(id, pod.spec.terminationGracePeriodSeconds ?? 30)
    }
  }
}

const isUnreachable = (error: unknown) => error instanceof RuntimeError && error.code === 'EngineUnreachable'

const usesAddress = (container: Container): boolean => (container.env ?? []).some(({ valueFrom }) => valueFrom?.fieldRef && needsAddress(valueFrom.fieldRef.fieldPath))

function troubleWords({ name, image }: Container, reason: string): string {
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return `can't pull ${image}`
    case 'InvalidImageName':
      return `${image} is no image name`
    case 'ErrImageNeverPull':
      return `${image} is not on this machine and may not be pulled`
    case volumeMissing:
      return `${name} waits for a volume`
    case 'CreateContainerConfigError':
      return `${name} waits for its configuration`
    default:
      return `${name} could not be started`
  }
}
