/**
 * The probes of one running container: startup first, then liveness and readiness, each at its period on the injected
 * clock (upstream: pkg/kubelet/prober/worker.go). Tells when a verdict changes.
 */
import type { Container, Probe } from '../../api/types/core.ts'
import type { Clock } from '../../base/clock.ts'
import type { Outcome } from './handlers.ts'
import type { ProbeVerdict } from '../pod-worker/plan.ts'

export type ProbeType = 'startup' | 'liveness' | 'readiness'
const title: Record<ProbeType, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }

export interface ProbeDeps {
  clock: Clock
  run(probe: Probe, timeoutMs: number): Promise<Outcome>
  /** A verdict changed: the agent looks again. */
  changed(type: ProbeType): void
  /** A failed run, in upstream's words. */
  unhealthy(message: string): void
}

interface Loop {
  type: ProbeType
  probe: Probe
  verdict: ProbeVerdict
  streak: number
  lastOk: boolean | undefined
  say: string
  cancel: () => void
}

export class Probes {
  readonly #deps: ProbeDeps
  readonly #loops = new Map<ProbeType, Loop>()
  readonly #startedMs: number
  #stopped = false

  constructor(container: Container, startedMs: number, adopted: { ready: boolean; started: boolean } | undefined, deps: ProbeDeps) {
    this.#deps = deps
    this.#startedMs = startedMs
    const put = (type: ProbeType, probe: Probe | undefined, verdict: ProbeVerdict) => {
      if (probe) this.#loops.set(type, { type, probe, verdict, streak: 0, lastOk: undefined, say: '', cancel: () => {} })
    }
    put('startup', container.startupProbe, adopted?.started ? 'success' : 'unknown')
    put('liveness', container.livenessProbe, 'success')
    put('readiness', container.readinessProbe, adopted?.ready ? 'success' : 'unknown')
    this.#begin()
  }

  /** Without such a probe: success. */
  verdict(type: ProbeType): ProbeVerdict {
    return this.#loops.get(type)?.verdict ?? 'success'
  }

  /** What the last run found, for people. */
  say(type: ProbeType): string | undefined {
    return this.#loops.get(type)?.say || undefined
  }

  has(type: ProbeType): boolean {
    return this.#loops.has(type)
  }

  /** Upstream goes on with readiness while a Pod ends, and stops the others. */
  ending(): void {
    for (const type of ['startup', 'liveness'] as const) {
      this.#loops.get(type)?.cancel()
      this.#loops.delete(type)
    }
  }

  stop(): void {
    this.#stopped = true
    for (const loop of this.#loops.values()) loop.cancel()
  }

  #begin(): void {
    const startup = this.#loops.get('startup')
    for (const loop of this.#loops.values()) {
      if (startup && startup.verdict !== 'success' ? loop.type !== 'startup' : loop.type === 'startup') continue
      const dueMs = this.#startedMs + (loop.probe.initialDelaySeconds ?? 0) * 1000
      this.#at(loop, Math.max(0, dueMs - this.#deps.clock.now()))
    }
  }

  #at(loop: Loop, delayMs: number): void {
    loop.cancel()
    loop.cancel = this.#deps.clock.after(delayMs, () => void this.#run(loop))
  }

  async #run(loop: Loop): Promise<void> {
    const { probe, type } = loop
    let outcome: Outcome
    try {
      outcome = await this.#deps.run(probe, (probe.timeoutSeconds ?? 1) * 1000)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      outcome = { ok: false, output: text, say: text }
    }
    if (this.#stopped || this.#loops.get(type) !== loop) return
    loop.say = outcome.say
    loop.streak = loop.lastOk === outcome.ok ? loop.streak + 1 : 1
    loop.lastOk = outcome.ok
    if (!outcome.ok) this.#deps.unhealthy(`${title[type]} probe failed: ${outcome.output}`)
    const enough = loop.streak >= (outcome.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3))
    const verdict: ProbeVerdict = outcome.ok ? 'success' : 'failure'
    if (enough && loop.verdict !== verdict) {
      loop.verdict = verdict
      this.#deps.changed(type)
      if (type === 'startup' && verdict === 'success') {
        this.#begin()
        return
      }
      // A container that failed for good is ended by the agent; there is nothing more to ask.
      if (type !== 'readiness' && verdict === 'failure') return
    }
    this.#at(loop, (probe.periodSeconds ?? 10) * 1000)
  }
}
