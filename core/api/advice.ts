/**
 * Advice on what a container should ask for, from what it was seen to use: the ninetieth percentile of CPU and a margin
 * above the ninety-fifth of memory, in the spirit of the vertical autoscaler's recommender. Pure; advice only, nobody
 * acts on it by himself.
 */
import { formatQuantity, quantityMilli, quantityValue } from './quantity.ts'
import { amount as words } from './state/sentences.ts'

export interface UsageAt {
  readonly atMs: number
  /** Billionths of a core. */
  readonly cpuNanos: number
  readonly memoryBytes: number
}

export interface Advice {
  readonly resource: 'cpu' | 'memory'
  /** What it asks for now; undefined where it asks for nothing. */
  readonly asked: string | undefined
  readonly advised: string
  readonly verdict: 'asks for nothing' | 'asks for too much' | 'asks for too little' | 'near its limit'
  /** With both numbers compared. */
  readonly why: string
}

export interface Amounts {
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
}

/** Fewer samples, or a shorter time, say too little. */
const samplesAtLeast = 20
const spanAtLeastMs = 5 * 60_000
const margin = 1.15
const least = { cpuMilli: 10, memoryBytes: 16 * 2 ** 20 }
/** A request that is off by less is left alone. */
const tooMuch = 2
const tooLittle = 0.9
const nearLimit = 0.9
const mib = 2 ** 20

export function adviceOn(samples: readonly UsageAt[], { requests = {}, limits = {} }: Amounts): readonly Advice[] {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || samples.length < samplesAtLeast || last.atMs - first.atMs < spanAtLeastMs) return []
  const cpu = percentile(samples.map(({ cpuNanos }) => cpuNanos / 1e6), 0.9)
  const memory = percentile(samples.map(({ memoryBytes }) => memoryBytes), 0.95)
  const advisedCpu = Math.max(least.cpuMilli, Math.ceil((cpu * margin) / 5) * 5)
  const advisedMemory = Math.max(least.memoryBytes, Math.ceil((memory * margin) / mib) * mib)
  const peak = Math.max(...samples.map(({ memoryBytes }) => memoryBytes))
  return [
    ...judge('cpu', cpu, advisedCpu, requests['cpu'], quantityMilli, (milli) => formatQuantity({ nano: BigInt(Math.round(milli)) * 1_000_000n, format: 'DecimalSI' })),
    ...nearItsLimit(peak, limits['memory'], requests['memory'], advisedMemory),
    ...judge('memory', memory, advisedMemory, requests['memory'], quantityValue, memoryText),
  ]
}

const memoryText = (bytes: number): string => formatQuantity({ nano: BigInt(Math.ceil(bytes / mib) * mib) * 1_000_000_000n, format: 'BinarySI' })

function judge(resource: Advice['resource'], used: number, advised: number, asked: string | undefined, read: (text: string) => number, show: (amount: number) => string): Advice[] {
  const give = (verdict: Advice['verdict'], why: string): Advice[] => [{ resource, asked, advised: show(advised), verdict, why }]
  const uses = `it uses ${words(resource, show(used))} or less ${resource === 'cpu' ? 'nine times out of ten' : 'nineteen times out of twenty'}`
  if (asked === undefined) return give('asks for nothing', uses)
  const amount = read(asked)
  if (amount > advised * tooMuch) return give('asks for too much', `it asks for ${words(resource, asked)}, and ${uses}`)
  if (amount < used * tooLittle) return give('asks for too little', `it asks for ${words(resource, asked)}, and uses ${words(resource, show(used))} or more one time in ${resource === 'cpu' ? 'ten' : 'twenty'}`)
  return []
}

/** CPU beyond a limit only waits; memory beyond it ends the container. */
function nearItsLimit(peak: number, limit: string | undefined, asked: string | undefined, advised: number): Advice[] {
  if (limit === undefined || peak < quantityValue(limit) * nearLimit) return []
  return [{ resource: 'memory', asked, advised: memoryText(advised), verdict: 'near its limit', why: `it used ${words('memory', memoryText(peak))}, and is ended at ${words('memory', limit)}` }]
}

/** The smallest value that at least this share of all do not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
