/**
 * Where the Pods of a form will perhaps run: the scheduler's own filters (ready, open, room) and its preference for the
 * machine with most left, over what Pods ask for. A forecast, and said as one. Pure.
 */
import { bytesInWords, count, cpuInWords } from '../../words/amounts.ts'
import type { CpuAndMemory } from '../../../core/api/pod-resources.ts'
import type { MachineFill } from '../../words/requests.ts'

export interface MachineForecast {
  name: string
  /** How many of the new Pods come here. */
  takes: number
  /** Shares 0-1 of memory: in use now, and what this adds. */
  used: number
  adds: number
  say: string
  fits: boolean
}
export interface Forecast {
  machines: MachineForecast[]
  placed: number
  wanted: number
  /** The sentence for the foot: "Fits." or why not, with both numbers. */
  say: string
  fits: boolean
}

const blocked = (machine: MachineFill): string | undefined =>
  !machine.ready ? 'out of reach' : machine.cordoned ? 'takes no new Pods (cordoned)' : machine.taints.length > 0 ? `keeps Pods away: ${machine.taints.join(', ')}` : undefined

const share = (part: number, whole: number) => (whole <= 0 ? 0 : Math.min(1, part / whole))

/** Upstream's LeastAllocated: the mean of what is left of CPU and memory. */
const left = (machine: MachineFill, taken: number, each: CpuAndMemory): number =>
  ((1 - share(machine.asked.cpu + (taken + 1) * each.cpu, machine.whole.cpu)) + (1 - share(machine.asked.memory + (taken + 1) * each.memory, machine.whole.memory))) / 2

const shortOf = (machine: MachineFill, taken: number, each: CpuAndMemory): string | undefined => {
  const memory = machine.whole.memory - machine.asked.memory - taken * each.memory
  if (each.memory > memory) return `needs ${bytesInWords(each.memory)}, ${bytesInWords(Math.max(0, memory))} free`
  const cpu = machine.whole.cpu - machine.asked.cpu - taken * each.cpu
  if (each.cpu > cpu + 1e-9) return `needs ${cpuInWords(each.cpu)} CPU, ${cpuInWords(Math.max(0, cpu))} free`
  if (machine.pods + taken + 1 > machine.maxPods) return `has ${machine.pods} of ${machine.maxPods} Pods`
  return undefined
}

export function forecast(machines: readonly MachineFill[], replicas: number, each: CpuAndMemory): Forecast {
  const taken = new Map<string, number>()
  let placed = 0
  for (let n = 0; n < Math.min(replicas, 500); n++) {
    const open = machines.filter((m) => !blocked(m) && !shortOf(m, taken.get(m.name) ?? 0, each))
    if (open.length === 0) break
    // Spread first (upstream's default topology spread by host), then most left.
    const best = open.reduce((a, b) => {
      const byCount = (taken.get(a.name) ?? 0) - (taken.get(b.name) ?? 0)
      if (byCount !== 0) return byCount < 0 ? a : b
      return left(b, taken.get(b.name) ?? 0, each) > left(a, taken.get(a.name) ?? 0, each) + 1e-9 ? b : a
    })
    taken.set(best.name, (taken.get(best.name) ?? 0) + 1)
    placed++
  }
  const forecasts = machines.map((machine): MachineForecast => {
    const takes = taken.get(machine.name) ?? 0
    const free = Math.max(0, machine.whole.memory - machine.asked.memory)
    const freeCpu = Math.max(0, machine.whole.cpu - machine.asked.cpu)
    const no = blocked(machine) ?? (takes === 0 ? shortOf(machine, 0, each) : undefined)
    const room = `${bytesInWords(free)} and ${cpuInWords(freeCpu)} CPU free`
    return {
      name: machine.name,
      takes,
      used: share(machine.asked.memory, machine.whole.memory),
      adds: share(takes * each.memory, machine.whole.memory),
      fits: no === undefined,
      say: no ?? (takes > 0 ? `${room}${each.memory > 0 ? `, needs ${bytesInWords(each.memory * takes)}` : ''}` : `also fits: ${room}`),
    }
  })
  return { machines: forecasts, placed, wanted: replicas, fits: placed >= replicas, say: sentence(machines, placed, replicas, each) }
}

function sentence(machines: readonly MachineFill[], placed: number, wanted: number, each: CpuAndMemory): string {
  if (machines.length === 0) return 'There is no machine yet, so the Pods wait.'
  if (placed >= wanted) return 'Fits.'
  const open = machines.filter((m) => !blocked(m))
  if (open.length === 0) return 'No machine takes Pods now, so they wait.'
  const freest = open.reduce((a, b) => (b.whole.memory - b.asked.memory > a.whole.memory - a.asked.memory ? b : a))
  const freeMemory = Math.max(0, freest.whole.memory - freest.asked.memory)
  const freestCpu = open.reduce((a, b) => (b.whole.cpu - b.asked.cpu > a.whole.cpu - a.asked.cpu ? b : a))
  const freeCpu = Math.max(0, freestCpu.whole.cpu - freestCpu.asked.cpu)
  const wait = placed === 0 ? 'No Pod fits' : `${count(wanted - placed, 'Pod')} of ${wanted} would wait`
  if (each.memory > freeMemory) return `${wait}: needs ${bytesInWords(each.memory)}, most free is ${bytesInWords(freeMemory)} on ${freest.name}.`
  if (each.cpu > freeCpu) return `${wait}: needs ${cpuInWords(each.cpu)} CPU, most free is ${cpuInWords(freeCpu)} on ${freestCpu.name}.`
  return `${wait}: the machines are full.`
}
