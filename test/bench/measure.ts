/** Numbers worth quoting: several runs, the median, the spread; CPU and memory as the kernel accounts them. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Figure {
  name: string
  unit: string
  median: number
  min: number
  max: number
  runs: number
  /** Against what, measured in the same run, and the ratio. */
  against?: { what: string; median: number; ratio: number }
  must?: string
  method: string
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
export const figure = (name: string, unit: string, values: readonly number[], method: string, extra: Partial<Figure> = {}): Figure => ({
  name,
  unit,
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
  runs: values.length,
  method,
  ...extra,
})

const ticksPerSecond = 100

/** CPU seconds a process has used so far, of all its threads (Linux). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** CPU seconds of the threads that a process has now, to the nanosecond: for an idle one, whose ticks would round to nothing (Linux). */
export function threadSeconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`)
  return tasks.reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0) / 1e9
}

/** Resident memory in MB, pages shared with other processes included. */
export function memoryMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)![1]) / 1000
}

const windowMs = 20_000
const windows = 3

/** What a process takes while nothing happens: shares of a core, in %, and MB, over three windows of 20 s. */
export async function atRest(pid: number): Promise<{ shares: number[]; memory: number[] }> {
  const shares: number[] = []
  const memory: number[] = []
  for (let i = 0; i < windows; i++) {
    const before = threadSeconds(pid)
    await sleep(windowMs)
    shares.push(((threadSeconds(pid) - before) / (windowMs / 1000)) * 100)
    memory.push(memoryMb(pid))
  }
  return { shares, memory }
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
