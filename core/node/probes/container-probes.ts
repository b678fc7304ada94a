/** The probes of all of one Pod's running containers, kept in step with what runs. */
import type { Container, Pod, PodStatus } from '../../api/types/core.ts'
import { runHandler } from './handlers.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import { latestByName, type ProbeVerdict } from '../pod-worker/plan.ts'
import { isSidecar } from '../pod.ts'
import { waitForPort } from './settle.ts'
import { Probes, type ProbeType } from './probes.ts'
import type { RuntimeContainer } from '../runtime.ts'

export class ContainerProbes {
  readonly #context: NodeContext
  readonly #wake: () => void
  readonly #podIP: () => string
  readonly #sandbox: () => string
  readonly #byId = new Map<string, { name: string; probes: Probes }>()
  /** Containers without a readiness check whose port is not open yet. */
  readonly #settling = new Map<string, () => void>()
  readonly #seen = new Set<string>()
  #settled = ''
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
    for (const [id, cancel] of this.#settling)
      if (!running.has(id)) {
        cancel()
        this.#settling.delete(id)
      }
    const probed = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]
    for (const run of running.values()) {
      const container = probed.find(({ name }) => name === run.name)
      if (container && !this.#seen.has(run.id)) {
        this.#seen.add(run.id)
        if (!adopted) this.#settle(container, run)
      }
      if (!container || this.#byId.has(run.id) || !(container.livenessProbe || container.readinessProbe || container.startupProbe)) continue
      const old = [...(adopted?.containerStatuses ?? []), ...(adopted?.initContainerStatuses ?? [])].find((status) => status.containerID?.endsWith(run.id))
      this.#byId.set(run.id, { name: run.name, probes: this.#probe(container, run, old && { ready: old.ready, started: old.started ?? false }) })
    }
  }

  verdict(id: string, type: ProbeType): ProbeVerdict {
    if (type === 'readiness' && this.#settling.has(id)) return 'unknown'
    return this.#byId.get(id)?.probes.verdict(type) ?? 'success'
  }

  /** What the checks of this type found last, for people. */
  words(type: ProbeType): string | undefined {
    for (const { probes } of this.#byId.values()) {
      const say = probes.say(type)
      if (say) return say
    }
    return type === 'readiness' && this.#settled !== '' ? this.#settled : undefined
  }

  endingAll(): void {
    for (const { probes } of this.#byId.values()) probes.ending()
  }

  stopAll(): void {
    for (const { probes } of this.#byId.values()) probes.stop()
    this.#byId.clear()
    for (const cancel of this.#settling.values()) cancel()
    this.#settling.clear()
  }

  /**
   * Traffic comes the moment a Pod is ready, and a server needs a moment to open its port. Where no check was asked for but
   * a port is declared, ready waits for that port, a second at most. Upstream has no such wait, and loses those requests.
   */
  #settle(container: Container, run: RuntimeContainer): void {
    const port = container.ports?.find(({ protocol }) => (protocol ?? 'TCP') === 'TCP')?.containerPort
    if (port === undefined || container.readinessProbe || this.#context.runtime.kind === 'simulated') return
    const { dial, clock } = this.#context
    const cancel = waitForPort({ clock, dial: (timeoutMs) => dial({ ip: this.#podIP(), sandbox: this.#sandbox(), port }, timeoutMs) }, (open) => {
      this.#settling.delete(run.id)
      this.#settled = open ? `port ${port} accepts connections` : ''
      this.#wake()
    })
    this.#settling.set(run.id, cancel)
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
