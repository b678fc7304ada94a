/**
 * The container engine as a node agent sees it. Implementations: runtime/docker.ts (the only importer of dockerode) and
 * runtime/simulated.ts; both pass test/contract/runtime.ts.
 *
 * A Pod is a sandbox (a pause container that owns network and IPC) and containers that join it. Every container carries
 * labels that say cluster, node, Pod uid, container name and attempt, so that a restarted agent adopts what runs.
 */
import type { Duplex, Readable } from 'node:stream'

export interface PodId {
  namespace: string
  name: string
  uid: string
}

export interface SandboxSpec {
  pod: PodId
  node: string
  attempt: number
  hostname: string
  hostNetwork: boolean
  hostIPC?: boolean
  hostPID?: boolean
  shareProcessNamespace?: boolean
  sysctls: Readonly<Record<string, string>>
  ports: readonly { hostPort: number; hostIP?: string; containerPort: number; protocol: 'TCP' | 'UDP' | 'SCTP' }[]
  /** Memory volumes live as long as the sandbox holds them, whatever containers come and go. */
  holds: readonly string[]
  labels: Readonly<Record<string, string>>
}

export interface Mount {
  /** Path on the engine's machine, or the name of a memory volume. */
  source: string
  target: string
  readOnly: boolean
  propagation?: 'private' | 'rslave' | 'rshared'
}

export interface ContainerSpec {
  pod: PodId
  node: string
  sandbox: string
  name: string
  attempt: number
  kind: 'init' | 'app' | 'ephemeral'
  /** Somebody waits for its end: an init container that is no sidecar, a container of a Job's Pod. */
  toItsEnd?: boolean
  image: string
  imageId: string
  /** Undefined: the image's own. */
  entrypoint?: readonly string[]
  args?: readonly string[]
  workingDir?: string
  env: readonly { name: string; value: string }[]
  mounts: readonly Mount[]
  resources: { cpuShares?: number; cpuQuotaMillis?: number; memoryBytes?: number; oomScoreAdj?: number }
  security: {
    user?: string
    supplementalGroups?: readonly number[]
    readOnlyRootFilesystem?: boolean
    privileged?: boolean
    noNewPrivileges?: boolean
    addCapabilities?: readonly string[]
    dropCapabilities?: readonly string[]
  }
  stdin: boolean
  stdinOnce: boolean
  tty: boolean
  shareProcessNamespace?: boolean
  /** Sees the processes of this container. */
  pidOf?: string
  hostPID?: boolean
  hostIPC?: boolean
  /** Instead of the image's own. */
  stopSignal?: string
  labels: Readonly<Record<string, string>>
}

export interface RuntimeContainer {
  id: string
  pod: PodId
  node: string
  /** '' for the sandbox. */
  name: string
  kind: 'sandbox' | 'init' | 'app' | 'ephemeral'
  attempt: number
  image: string
  imageId: string
  /** `created` is only seen while it is being started. */
  state: 'created' | 'running' | 'exited'
  createdMs: number
  startedMs?: number
  finishedMs?: number
  exitCode?: number
  signal?: number
  oomKilled?: boolean
  /** The engine's own words when it could not start. */
  error?: string
  /** Only for the sandbox. */
  ip?: string
  labels: Readonly<Record<string, string>>
}

export interface RuntimeImage {
  id: string
  names: readonly string[]
  sizeBytes: number
  user?: string
}

export interface PullProgress {
  image: string
  /** Bytes over all layers; `totalBytes` grows as layers become known. */
  doneBytes: number
  totalBytes: number
  phase: 'downloading' | 'extracting' | 'done'
}

export interface LogOptions {
  follow: boolean
  timestamps: boolean
  tailLines?: number
  sinceMs?: number
  limitBytes?: number
  stream?: 'stdout' | 'stderr'
  signal: AbortSignal
}

export interface ExecSession {
  /** With a terminal, stdout carries everything. */
  stdin?: NodeJS.WritableStream
  stdout: Readable
  stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  /** Resolves when the process has ended. */
  exitCode: Promise<number>
  close(): void
}

export interface EngineInfo {
  name: string
  version: string
  os: string
  arch: string
  kernel: string
  cpus: number
  memoryBytes: number
}

export interface Usage {
  containerId: string
  cpuNanos: number
  memoryBytes: number
  atMs: number
}

export type RuntimeErrorCode = 'ImageNotFound' | 'ImageInvalid' | 'PullFailed' | 'EngineUnreachable' | 'CannotStart' | 'NotFound' | 'Conflict' | 'Refused'

export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode

  constructor(code: RuntimeErrorCode, message: string) {
    super(message)
    this.code = code
    this.name = 'RuntimeError'
  }
}

/** Something about a container changed; the agent looks again (level, not edge). */
export interface RuntimeEvent {
  podUid: string
  node: string
}

export interface Runtime {
  readonly kind: 'docker' | 'simulated'
  /** `docker://` as in containerID. */
  readonly scheme: string
  /** Whether containers see this machine's files; where not, the agent writes none. */
  readonly mountsFiles: boolean
  /** Makes what every Pod needs (image, network) and looks at what runs. Called at the start and after the engine was away; repeatable. */
  prepare(): Promise<void>
  info(): Promise<EngineInfo>
  /** The long-lived container that is a node's address; hostNetwork Pods join it. */
  ensureNode(name: string): Promise<{ ip: string }>
  /** All containers of this cluster on the engine, of one node where given. */
  containers(node?: string): Promise<RuntimeContainer[]>
  pod(uid: string): Promise<RuntimeContainer[]>
  /** Ends when `signal` aborts; throws EngineUnreachable when the engine goes away. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>

  image(name: string): Promise<RuntimeImage | undefined>
  images(): Promise<RuntimeImage[]>
  pull(name: string, auth: { username: string; password: string } | undefined, onProgress: (p: PullProgress) => void, signal: AbortSignal): Promise<RuntimeImage>

  createSandbox(spec: SandboxSpec): Promise<string>
  /** Resolves with the Pod's address. */
  startSandbox(id: string): Promise<{ ip: string }>
  /** The sandbox must exist; it may still be starting. */
  createContainer(spec: ContainerSpec): Promise<string>
  start(id: string): Promise<void>
  /** Sends the stop signal, waits `graceSeconds`, kills. Resolves when it has ended. */
  stop(id: string, graceSeconds: number): Promise<void>
  remove(id: string): Promise<void>
  createMemoryVolume(name: string, options: { sizeBytes?: number; pod: PodId; node: string }): Promise<void>
  removeVolumes(podUid: string): Promise<void>
  /** Makes a volume that outlives Pods unless it is there; with a group, its root belongs to the group. `about` is for people who look at the engine. */
  ensureVolume(name: string, options: { about: Readonly<Record<string, string>>; group?: number }): Promise<void>
  /** A volume with an image's files, to be mounted read-only; it stays until the Pod is released. */
  imageVolume(imageId: string, podUid: string): Promise<string>
  /** The Pod mounts no image any more: volumes that nobody else has go. */
  releaseImageVolumes(podUid: string): Promise<void>
  /** A folder or file of a volume, as a path on the engine's machine. Where it is missing it is made, or NotFound. */
  volumeFolder(name: string, path: string, missing: 'make' | 'fail'): Promise<string>
  /** Conflict while a container has it; one that is gone already is fine. */
  removeVolume(name: string): Promise<void>
  /** Removes a folder tree that containers wrote as other users. */
  removeTree(path: string): Promise<void>
  update(id: string, resources: ContainerSpec['resources']): Promise<void>

  logs(id: string, options: LogOptions): AsyncIterable<Uint8Array>
  exec(id: string, options: { command: readonly string[]; stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession>
  attach(id: string, options: { stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession>
  /** A connection to a port inside the Pod's own network namespace (127.0.0.1 works). */
  dial(sandboxId: string, port: number): Promise<Duplex>
  /** One exec whose output is small: probes and hooks. */
  run(id: string, command: readonly string[], timeoutMs: number): Promise<{ exitCode: number; output: string; timedOut: boolean }>

  usage(ids: readonly string[]): Promise<Usage[]>
}
