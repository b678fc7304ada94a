/**
 * Ends containers as the kubelet does: preStop hook, stop signal, what is left of the grace (2 s at least), kill;
 * sidecars after all others, in reverse order (upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go).
 */
import type { Container, Pod } from '../../api/types/core.ts'
import { expand } from '../container/environment.ts'
import { runHandler } from '../probes/handlers.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import { liveSandbox, type KillAction } from './plan.ts'
import { isSidecar } from '../pod.ts'
import type { RuntimeContainer } from '../runtime.ts'

const leastGraceSeconds = 2
/** A request to a hook that answers nothing ends with the grace; this bounds one without grace. */
const hookTimeoutMs = 30_000

export class Stopper {
  readonly #context: NodeContext
  /** What is being stopped, and until when. */
  readonly #stopping = new Map<string, number>()
  #hurry: (() => void) | undefined

  constructor(context: NodeContext) {
    this.#context = context
  }

  /** A shorter grace came while stopping: the engine is asked again, with what is left now. */
  hurry(graceSeconds: number): void {
    const untilMs = this.#context.clock.now() + graceSeconds * 1000
    for (const [id, until] of this.#stopping)
      if (untilMs < until) {
        this.#stopping.set(id, untilMs)
        void this.#context.runtime.stop(id, graceSeconds).catch(() => {})
      }
    if (this.#stopping.size > 0) this.#hurry?.()
  }

  /** One container that failed a probe or was changed. */
  async stopOne(pod: Pod, action: KillAction, containers: readonly RuntimeContainer[]): Promise<void> {
    const run = containers.find(({ id }) => id === action.id)
    const container = find(pod, action.name)
    if (!run || !container) return
    const probe = action.cause === 'liveness' ? container.livenessProbe : action.cause === 'startup' ? container.startupProbe : undefined
    const grace = probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
    await this.#stop(pod, container, run, containers, grace, action.message)
  }

  async stopAll(pod: Pod, containers: readonly RuntimeContainer[], graceSeconds: number): Promise<void> {
    const deadline = this.#context.clock.now() + graceSeconds * 1000
    const running = containers.filter((run) => run.kind !== 'sandbox' && run.state === 'running')
    const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).reverse()
    const isSide = (run: RuntimeContainer) => sidecars.some(({ name }) => name === run.name)
    const left = () => Math.max(0, (deadline - this.#context.clock.now()) / 1000)
    await Promise.all(running.filter((run) => !isSide(run)).map((run) => this.#stop(pod, find(pod, run.name), run, containers, left())))
    for (const sidecar of sidecars) {
      const run = running.find(({ name }) => name === sidecar.name)
      if (run) await this.#stop(pod, sidecar, run, containers, left())
    }
  }

  async #stop(pod: Pod, container: Container | undefined, run: RuntimeContainer, containers: readonly RuntimeContainer[], graceSeconds: number, message?: string): Promise<void> {
    const { clock, runtime } = this.#context
    const started = clock.now()
    recordEvent(this.#context, pod, 'Normal', 'Killing', message ?? `Stopping container ${run.name}`, container)
    this.#stopping.set(run.id, started + graceSeconds * 1000)
    try {
      if (container?.lifecycle?.preStop && graceSeconds > 0) await this.#preStop(pod, container, run, containers, graceSeconds)
      const left = Math.max(leastGraceSeconds, graceSeconds - (clock.now() - started) / 1000)
      const asked = this.#stopping.get(run.id)!
      await runtime.stop(run.id, graceSeconds === 0 ? 0 : Math.min(left, Math.max(leastGraceSeconds, (asked - clock.now()) / 1000)))
    } finally {
      this.#stopping.delete(run.id)
    }
  }

  async #preStop(pod: Pod, container: Container, run: RuntimeContainer, containers: readonly RuntimeContainer[], graceSeconds: number): Promise<void> {
    const { clock } = this.#context
    const hook = container.lifecycle!.preStop!
    const timeoutMs = Math.min(graceSeconds * 1000, hookTimeoutMs)
    let cancel = () => {}
    const over = new Promise<void>((resolve) => {
      cancel = clock.after(graceSeconds * 1000, resolve)
      this.#hurry = resolve
    })
    const work = async () => {
      if (hook.sleep) return new Promise<void>((resolve) => void clock.after(hook.sleep!.seconds * 1000, resolve))
      await runHook(this.#context, pod, container, run, containers, hook, Math.max(timeoutMs, graceSeconds * 1000))
    }
    try {
      await Promise.race([work(), over])
    } catch {
      recordEvent(this.#context, pod, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', container)
    } finally {
      cancel()
      this.#hurry = undefined
    }
  }
}

/** Runs a hook's action; throws with its output where it failed. */
export async function runHook(
  context: NodeContext,
  pod: Pod,
  container: Container,
  run: RuntimeContainer,
  containers: readonly RuntimeContainer[],
  hook: NonNullable<NonNullable<Container['lifecycle']>['preStop']>,
  timeoutMs: number,
): Promise<void> {
  const { runtime, dial, userAgent } = context
  const sandbox = liveSandbox(containers)
  const values = new Map((container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])))
  const filled = hook.exec ? { ...hook, exec: { command: (hook.exec.command ?? []).map((text) => expand(text, (name) => values.get(name))) } } : hook
  const outcome = await runHandler(filled, { runtime, dial, podIP: sandbox?.ip ?? pod.status?.podIP ?? '', sandbox: sandbox?.id ?? '', containerId: run.id, container, timeoutMs, userAgent })
  if (!outcome.ok) throw new Error(outcome.output)
}

function find(pod: Pod, name: string): Container | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  return [...containers, ...initContainers, ...ephemeralContainers].find((container) => container.name === name)
}
