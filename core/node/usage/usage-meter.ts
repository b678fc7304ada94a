/**
 * Measures what Pods use, every 15 seconds while somebody needs it, and keeps the last round as a read view and an hour of
 * it as history. Upstream: the kubelet's resource metrics and metrics-server, in one.
 *
 * Who needs it says so by `wanted` (an autoscaler exists) or by asking (`fresh`), which counts for two minutes.
 */
import type { PodUsage, UsageView } from '../../api/metrics/usage.ts'
import { sleep } from '../../base/abort.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Scope } from '../../base/scope.ts'
import type { Runtime } from '../runtime.ts'
import { UsageRates, type Reading } from './rates.ts'

export interface UsageSample {
  readonly atMs: number
  readonly cpuNanos: number
  readonly memoryBytes: number
}

export interface MeterOptions {
  readonly runtime: Pick<Runtime, 'containers' | 'usage'>
  readonly clock: Clock
  readonly log: Logger
  wanted(): boolean
  readonly periodMs?: number
}

const defaultPeriodMs = 15_000
const askedForMs = 120_000
/** Between the two looks that a share of CPU needs when nothing was measured before. */
const firstWindowMs = 1_000
const historyAtMost = 240
/** Samples that are older say nothing about now. */
const staleAfterMs = 60_000

export class UsageMeter implements UsageView {
  readonly #options: MeterOptions
  readonly #rates: UsageRates
  readonly #history = new Map<string, UsageSample[]>()
  #pods: ReadonlyMap<string, PodUsage> = new Map()
  #revision = 0
  #measuredMs = Number.NEGATIVE_INFINITY
  #wholeMs = Number.NEGATIVE_INFINITY
  #askedMs = Number.NEGATIVE_INFINITY
  #measuring: Promise<void> | undefined

  constructor(options: MeterOptions) {
    this.#options = options
    this.#rates = new UsageRates(options.runtime)
  }

  get revision(): number {
    return this.#revision
  }

  get measuredMs(): number {
    return this.#wholeMs
  }

  pod(uid: string): PodUsage | undefined {
    return this.#pods.get(uid)
  }

  pods(): readonly PodUsage[] {
    return [...this.#pods.values()]
  }

  /** Samples of one container of a Pod, oldest first. */
  history(podUid: string, container: string): readonly UsageSample[] {
    return this.#history.get(`${podUid}/${container}`) ?? []
  }

  start(scope: Scope): void {
    const { clock, wanted, periodMs = defaultPeriodMs } = this.#options
    let cancel = () => {}
    const tick = () => {
      cancel = clock.after(periodMs, tick)
      if (wanted() || clock.now() - this.#askedMs < askedForMs) void this.#measure()
    }
    tick()
    scope.add('usage meter', () => cancel())
  }

  /** Resolves when there are samples that are no older than one period. */
  async fresh(signal: AbortSignal): Promise<void> {
    const { clock, periodMs = defaultPeriodMs } = this.#options
    this.#askedMs = clock.now()
    if (clock.now() - this.#measuredMs <= periodMs && this.#pods.size > 0) return
    await this.#measure()
    if (this.#pods.size > 0) return
    await sleep(firstWindowMs, clock, signal)
    await this.#measure()
  }

  async #measure(): Promise<void> {
    this.#measuring ??= this.#rates
      .read()
      .then(
        (readings) => this.#take(readings),
        (error: unknown) => {
          this.#options.log.debug('usage could not be measured', { error: String(error) })
          if (this.#options.clock.now() - this.#measuredMs > staleAfterMs) this.#take([])
        },
      )
      .finally(() => (this.#measuring = undefined))
    await this.#measuring
  }

  #take(readings: readonly Reading[]): void {
    const pods = new Map<string, PodUsage & { containers: PodUsage['containers'][number][] }>()
    const seen = new Set<string>()
    for (const { container, cpuNanos, memoryBytes, atMs, windowMs } of readings) {
      const { uid, namespace, name } = container.pod
      const key = `${uid}/${container.name}`
      seen.add(key)
      // After the first look there is no share of CPU yet.
      if (cpuNanos === undefined || container.kind === 'ephemeral') continue
      let pod = pods.get(uid)
      if (!pod) pods.set(uid, (pod = { uid, namespace, name, node: container.node, atMs, windowMs, containers: [] }))
      pod.containers.push({ name: container.name, cpuNanos: Math.round(cpuNanos), memoryBytes })
      const history = this.#history.get(key) ?? []
      history.push({ atMs, cpuNanos: Math.round(cpuNanos), memoryBytes })
      if (history.length > historyAtMost) history.shift()
      this.#history.set(key, history)
    }
    for (const key of this.#history.keys()) if (!seen.has(key)) this.#history.delete(key)
    this.#pods = pods
    this.#measuredMs = this.#options.clock.now()
    // The first of two looks tells no share of CPU.
    if (readings.length === 0 || pods.size > 0) this.#wholeMs = this.#measuredMs
    this.#revision++
  }
}
