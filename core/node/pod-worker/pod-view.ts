/** What is seen of one Pod's containers on the engine, and what was read from those that ended. */
import type { Pod } from '../../api/types/core.ts'
import type { NodeContext } from '../node-context.ts'
import { liveSandbox } from './plan.ts'
import type { RuntimeContainer } from '../runtime.ts'
import { readTerminationMessage } from './termination.ts'
import { removePodFolder, type PodFolders } from '../volumes/volumes.ts'

export class PodView {
  readonly #context: NodeContext
  readonly #folders: PodFolders
  readonly #uid: string
  readonly #messages = new Map<string, string>()
  #containers: readonly RuntimeContainer[] = []

  constructor(context: NodeContext, folders: PodFolders, uid: string) {
    this.#context = context
    this.#folders = folders
    this.#uid = uid
  }

  get containers(): readonly RuntimeContainer[] {
    return this.#containers
  }

  get sandbox(): RuntimeContainer | undefined {
    return liveSandbox(this.#containers)
  }

  get podIP(): string {
    return this.sandbox?.ip ?? ''
  }

  /** Containers other than the sandbox that run. */
  get alive(): readonly RuntimeContainer[] {
    return this.#containers.filter((run) => run.kind !== 'sandbox' && run.state === 'running')
  }

  /** Looks again; answers with those whose end is new. */
  async look(pod: Pod): Promise<RuntimeContainer[]> {
    const containers = await this.#context.runtime.pod(this.#uid)
    const ended = containers.filter((run) => run.kind !== 'sandbox' && run.state === 'exited' && !this.#messages.has(run.id))
    const { containers: apps, initContainers = [], ephemeralContainers = [] } = pod.spec
    for (const run of ended) {
      const container = [...apps, ...initContainers, ...ephemeralContainers].find(({ name }) => name === run.name)
      this.#messages.set(run.id, container ? await readTerminationMessage(this.#context.runtime, this.#folders, container, run) : '')
    }
    this.#containers = containers
    return ended
  }

  terminationMessage(id: string): string | undefined {
    return this.#messages.get(id)
  }

  /** The kubelet keeps one dead container of each name, for its logs. */
  async prune(name: string): Promise<void> {
    const dead = this.#containers.filter((run) => run.name === name && run.kind !== 'sandbox' && run.state === 'exited').sort((a, b) => b.attempt - a.attempt)
    for (const run of dead.slice(1)) {
      await this.#context.runtime.remove(run.id).catch(() => {})
      this.#messages.delete(run.id)
    }
  }

  /** Takes away what can't go on without its sandbox. */
  async clear(runs: readonly RuntimeContainer[], graceSeconds: number): Promise<void> {
    const { runtime } = this.#context
    await Promise.all(runs.filter((run) => run.kind !== 'sandbox' && run.state === 'running').map((run) => runtime.stop(run.id, graceSeconds)))
    await Promise.all(runs.filter((run) => run.kind === 'sandbox' || run.kind === 'init' || run.state === 'created').map((run) => runtime.remove(run.id)))
  }

  /** Containers first, because they join the sandbox; then the sandbox and the Pod's folder. */
  async removeAll(pod: Pod): Promise<void> {
    const { runtime } = this.#context
    const runs = await runtime.pod(this.#uid)
    await Promise.all(runs.filter((run) => run.kind !== 'sandbox').map((run) => runtime.remove(run.id)))
    await Promise.all(runs.filter((run) => run.kind === 'sandbox').map((run) => runtime.remove(run.id)))
    await removePodFolder(runtime, this.#folders, pod)
  }
}
