/** The probes of all of one Pod's running containers, kept in step with what runs. */
import { runHandler } from './handlers.ts'
import { recordEvent, type NodeContext } from './node-context.ts'
import { latestByName, type ProbeVerdict } from './plan.ts'
import { isSidecar, type Container, type Pod, type PodStatus } from './pod.ts'
import { Probes, type ProbeType } from './probes.ts'
import type { RuntimeContainer } from './runtime.ts'

export class ContainerProbes {
  readonly #context: NodeContext
  readonly #wake: () => void
  readonly #podIP: () => string
  readonly #sandbox: () => string
  readonly #byId = new Map<string, { name: string; probes: Probes }>()
  #pod: Pod | undefined

  constructor(context: NodeContext, wake: () => void, podIP: () => string, sandbox: () => string) {
    this.#context = context
    this.#wake = wake
    this.#podIP = podIP
    this.#sandbox = sandbox
  }

  /** Starts and stops loops. `adopted` is the status from before a restart of the agent: what was ready stays so. */
  follow(pod: Pod, containers: readonly RuntimeContainer[], adopted: PodStatus | undefined): void {
    this.#pod = pod
    const running = new Map<string, RuntimeContainer>()
    for (const run of latestByName(containers).values()) if (run.state === 'running') running.set(run.id, run)
    for (const [id, { probes }] of this.#byId)
      if (!running.has(id)) {
        probes.stop()
        this.#byId.delete(id)
      }
    const probed = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]
    for (const run of running.values()) {
      const container = probed.find(({ name }) => name === run.name)
      if (!container || this.#byId.has(run.id) || !(container.livenessProbe || container.readinessProbe || container.startupProbe)) continue
      const old = [...(adopted?.containerStatuses ?? []), ...(adopted?.initContainerStatuses ?? [])].find((status) => status.containerID?.endsWith(run.id))
      this.#byId.set(run.id, { name: run.name, probes: this.#probe(container, run, old && { ready: old.ready, started: old.started ?? false }) })
    }
  }

  verdict(id: string, type: ProbeType): ProbeVerdict {
    return this.#byId.get(id)?.probes.verdict(type) ?? 'success'
  }

  /** What the checks of this type found last, for people. */
  words(type: ProbeType): string | undefined {
    for (const { probes } of this.#byId.values()) {
      const say = probes.say(type)
      if (say) return say
    }
    return undefined
  }

  endingAll(): void {
    for (const { probes } of this.#byId.values()) probes.ending()
  }

  stopAll(): void {
    for (const { probes } of this.#byId.values()) probes.stop()
    this.#byId.clear()
  }

  #probe(container: Container, run: RuntimeContainer, old: { ready: boolean; started: boolean } | undefined): Probes {
    const { runtime, dial, userAgent, clock } = this.#context
    return new Probes(container, run.startedMs ?? clock.now(), old, {
      clock,
      run: (probe, timeoutMs) => runHandler(probe, { runtime, dial, podIP: this.#podIP(), sandbox: this.#sandbox(), containerId: run.id, container, timeoutMs, userAgent }),
      changed: this.#wake,
      unhealthy: (message) => recordEvent(this.#context, this.#pod!, 'Warning', 'Unhealthy', message, container),
    })
  }
}
