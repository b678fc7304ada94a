/**
 * Reads what Pods tell of themselves, every 15 seconds while some autoscaler asks for it (`wanted`) or somebody asked
 * (`fresh`, which counts for two minutes), and keeps the last round as a read view. What Prometheus and its adapter do
 * upstream, in one.
 */
import type { Duplex } from 'node:stream'
import type { CustomMetricsView, PodSeries, Series } from '../../api/metrics/custom-metrics.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Scope } from '../../base/scope.ts'
import { parseExposition, type Sample } from '../../api/metrics/exposition.ts'
import { readMetrics, scrapeTargetOf } from './scrape.ts'

export interface ScraperOptions {
  readonly pods: (namespace?: string) => readonly Pod[]
  readonly dial: (pod: Pod, port: number) => Promise<Duplex>
  /** Namespaces in which somebody asks for metrics that Pods tell. */
  readonly wanted: () => ReadonlySet<string>
  readonly clock: Clock
  readonly log: Logger
  readonly periodMs?: number
}

/** What a Pod told at one look. */
interface Look {
  readonly atMs: number
  readonly counters: ReadonlyMap<string, number>
  readonly metrics: ReadonlyMap<string, PodSeries>
}

const defaultPeriodMs = 15_000
const timeoutMs = 5_000
const askedForMs = 120_000
/** A Pod that did not answer for so long says nothing any more. */
const staleAfterMs = 60_000

export class MetricsScraper implements CustomMetricsView {
  readonly #options: ScraperOptions
  readonly #asked = new Map<string, number>()
  readonly #looks = new Map<string, Look>()
  #names: readonly string[] = []
  #revision = 0
  #reading: Promise<void> | undefined
  #readMs = Number.NEGATIVE_INFINITY

  constructor(options: ScraperOptions) {
    this.#options = options
  }

  get revision(): number {
    return this.#revision
  }

  get measuredMs(): number {
    return this.#readMs
  }

  names(): readonly string[] {
    return this.#names
  }

  of(podUid: string, metric: string): PodSeries | undefined {
    return this.#looks.get(podUid)?.metrics.get(metric)
  }

  start(scope: Scope): void {
    const { clock, periodMs = defaultPeriodMs } = this.#options
    let cancel = () => {}
    const tick = () => {
      cancel = clock.after(periodMs, tick)
      void this.#read()
    }
    tick()
    scope.add('metrics scraper', () => cancel())
  }

  /** Resolves when the namespace was read no longer than one period ago. */
  async fresh(namespace: string): Promise<void> {
    const { clock, periodMs = defaultPeriodMs } = this.#options
    const known = this.#namespaces().has(namespace)
    this.#asked.set(namespace, clock.now())
    if (!known || clock.now() - this.#readMs > periodMs) await this.#read()
  }

  #namespaces(): ReadonlySet<string> {
    const now = this.#options.clock.now()
    for (const [namespace, atMs] of this.#asked) if (now - atMs > askedForMs) this.#asked.delete(namespace)
    return new Set([...this.#options.wanted(), ...this.#asked.keys()])
  }

  async #read(): Promise<void> {
    // A namespace that was named while others were being read is read after them.
    await this.#reading
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined))
    await this.#reading
  }

  async #readAll(): Promise<void> {
    const { pods, clock } = this.#options
    const targets = [...this.#namespaces()].flatMap((namespace) => pods(namespace)).flatMap((pod) => {
      const target = scrapeTargetOf(pod)
      return target ? [{ pod, target }] : []
    })
    if (targets.length === 0 && this.#looks.size === 0) {
      this.#readMs = clock.now()
      return
    }
    await Promise.all(targets.map(({ pod, target }) => this.#look(pod, target)))
    const present = new Set(targets.map(({ pod }) => pod.metadata.uid))
    const now = clock.now()
    for (const [uid, { atMs }] of this.#looks) if (!present.has(uid) || now - atMs > staleAfterMs) this.#looks.delete(uid)
    this.#names = [...new Set([...this.#looks.values()].flatMap(({ metrics }) => [...metrics.keys()]))].sort()
    this.#readMs = now
    this.#revision++
  }

  async #look(pod: Pod, target: NonNullable<ReturnType<typeof scrapeTargetOf>>): Promise<void> {
    const { dial, clock, log } = this.#options
    try {
      const text = await readMetrics(() => dial(pod, target.port), pod.status?.podIP ?? pod.metadata.name, target, timeoutMs)
      this.#looks.set(pod.metadata.uid, lookOf(parseExposition(text), clock.now(), this.#looks.get(pod.metadata.uid)))
    } catch (error) {
      log.debug('a Pod does not tell its metrics', { pod: `${pod.metadata.namespace}/${pod.metadata.name}`, error: String(error) })
    }
  }
}

/** A counter says nothing at the first look; one that fell was started anew, and counts from nought. */
export function lookOf(samples: readonly Sample[], atMs: number, before: Look | undefined): Look {
  const windowMs = before ? atMs - before.atMs : 0
  const counters = new Map<string, number>()
  const metrics = new Map<string, { atMs: number; windowMs: number; series: Series[] }>()
  for (const { name, labels, value, isCounter } of samples) {
    let amount = value
    if (isCounter) {
      const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`
      counters.set(key, value)
      const last = before?.counters.get(key)
      if (last === undefined || windowMs <= 0) continue
      amount = ((value >= last ? value - last : value) * 1000) / windowMs
    }
    let told = metrics.get(name)
    if (!told) metrics.set(name, (told = { atMs, windowMs: isCounter ? windowMs : 0, series: [] }))
    told.series.push({ labels, milli: Math.round(amount * 1000) })
  }
  return { atMs, counters, metrics }
}
