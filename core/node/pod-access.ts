/**
 * Logs, exec, attach and port-forward for the API server: the shape of core/server/pod-access.ts, over the runtime
 * (upstream: the kubelet's own server, pkg/kubelet/server).
 */
import type { Duplex } from 'node:stream'
import { ApiError, type StatusReason } from '../api/status.ts'
import type { Pod } from '../api/types/core.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { latestByName, liveSandbox } from './pod-worker/plan.ts'
import { RuntimeError, type ExecSession, type LogOptions, type Runtime, type RuntimeContainer } from './runtime.ts'

export interface Target {
  namespace: string
  name: string
  uid: string
  node: string
}
export interface LogRequest extends LogOptions {
  container: string
  previous: boolean
}
export interface ProcessRequest {
  container: string
  stdin: boolean
  tty: boolean
  signal: AbortSignal
}

export class NodePodAccess {
  readonly #runtime: Runtime
  readonly #snapshot: Snapshot

  constructor(runtime: Runtime, snapshot: Snapshot) {
    this.#runtime = runtime
    this.#snapshot = snapshot
  }

  async logs(target: Target, options: LogRequest): Promise<AsyncIterable<Uint8Array>> {
    const { container, previous, ...rest } = options
    const runs = (await this.#pod(target)).filter((run) => run.name === container && run.kind !== 'sandbox').sort((a, b) => b.attempt - a.attempt)
    if (previous) {
      const before = runs[0]?.state === 'running' ? runs[1] : this.#waits(target, container) ? runs[0] : runs[1]
      if (!before) throw new ApiError('BadRequest', `previous terminated container "${container}" in pod "${target.name}" not found`)
      return this.#runtime.logs(before.id, rest)
    }
    const run = runs.find(({ state }) => state !== 'created')
    if (!run) throw new ApiError('BadRequest', `container "${container}" in pod "${target.name}" is waiting to start: ${this.#waitReason(target, container)}`)
    return this.#runtime.logs(run.id, rest)
  }

  async exec(target: Target, options: ProcessRequest & { command: readonly string[] }): Promise<ExecSession> {
    const run = await this.#running(target, options.container)
    return asApiErrors(this.#runtime.exec(run.id, options))
  }

  async attach(target: Target, options: ProcessRequest): Promise<ExecSession> {
    const run = await this.#running(target, options.container)
    return asApiErrors(this.#runtime.attach(run.id, options))
  }

  async dial(target: Target, port: number): Promise<Duplex> {
    const sandbox = liveSandbox(await this.#pod(target))
    if (!sandbox) throw new ApiError('BadRequest', `pod "${target.name}" has no running sandbox`)
    return asApiErrors(this.#runtime.dial(sandbox.id, port))
  }

  #pod(target: Target): Promise<RuntimeContainer[]> {
    return asApiErrors(this.#runtime.pod(target.uid))
  }

  async #running(target: Target, name: string): Promise<RuntimeContainer> {
    const run = latestByName(await this.#pod(target)).get(name)
    if (run?.state !== 'running') throw new ApiError('NotFound', `container not found ("${name}")`)
    return run
  }

  #waits({ namespace, name }: Target, container: string): boolean {
    return this.#status(namespace, name, container)?.state?.waiting !== undefined
  }

  #waitReason({ namespace, name }: Target, container: string): string {
    return this.#status(namespace, name, container)?.state?.waiting?.reason ?? 'ContainerCreating'
  }

  #status(namespace: string, name: string, container: string) {
    const status = this.#snapshot.get<Pod>('Pod', namespace, name)?.status
    return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])].find((other) => other.name === container)
  }
}

const reasonOf: Partial<Record<RuntimeError['code'], StatusReason>> = { NotFound: 'NotFound', Conflict: 'Conflict', EngineUnreachable: 'ServiceUnavailable' }

async function asApiErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RuntimeError) throw new ApiError(reasonOf[error.code] ?? 'InternalError', error.message)
    throw error
  }
}
