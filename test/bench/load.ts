/** The same closed-loop load sent to Orrery and to the real control plane in turn, phase by phase. */
import { spawnSync } from 'node:child_process'
import { Orrery } from '../e2e/harness/orrery.ts'
import { listingMethod, listingPhase, listsBetweenWrites } from './listing.ts'
import { cpuSeconds, figure, type Figure, median, sleep } from './measure.ts'

const rounds = 2
/** What a server still does after its load (compaction, clean-up) must not slow the other down. */
const restAtMostMs = 40_000
const restingShare = 0.1

/** Resolves when the processes together take less than a tenth of a core, or after a while. */
async function atRest(pids: readonly number[]): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  for (let waitedMs = 0; waitedMs < restAtMostMs; waitedMs += 2_000) {
    const before = used()
    await sleep(2_000)
    if (used() - before < 2 * restingShare) return
  }
}
const objects = 3_000
/** Those that the issue sets; the others are quoted without a limit. */
const required = new Set(['create16', 'create64', 'get', 'update', 'patch', 'list', 'watch', listingPhase])

export interface Phase {
  name: string
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Present where the generator knows the server's processes. */
  cpuMs: number
}

/** `create16   1234 /s   p50 … ms   p99 … ms   workers 16   server CPU 0.5 ms each   RSS 150 MB`; a phase that FAILED is an error. */
export function parsePhases(text: string): Phase[] {
  const failed = /^\S+\s+FAILED.*$/m.exec(text)
  if (failed) throw new Error(failed[0])
  return [...text.matchAll(/^(\w+)\s+([\d.]+) \/s\s+p50\s+([\d.]+) ms\s+p99\s+([\d.]+) ms\s+workers\s+\d+\s+server CPU\s+([\d.]+) ms each/gm)].map(
    ([, name = '', perSecond, p50, p99, cpu]) => ({ name, perSecond: Number(perSecond), p50Ms: Number(p50), p99Ms: Number(p99), cpuMs: Number(cpu) }),
  )
}

export async function load(): Promise<Figure[]> {
  const binary = process.env['ORRERY_BENCH_LOAD']
  const peer = process.env['ORRERY_BENCH_PEER_KUBECONFIG']
  if (binary === undefined || peer === undefined) throw new Error('ORRERY_BENCH_LOAD and ORRERY_BENCH_PEER_KUBECONFIG are not given')
  const send = async (kubeconfig: string, pids: string): Promise<Phase[]> => {
    const result = spawnSync(binary, ['-kubeconfig', kubeconfig, '-n', String(objects), '-watchers', '100', '-size', '1024', ...(pids === '' ? [] : ['-pids', pids])], { encoding: 'utf8', timeout: 1_800_000 })
    process.stdout.write(result.stdout)
    const phases = parsePhases(result.stdout)
    if (phases.length === 0) throw new Error(`the load generator said nothing that can be read: ${result.stdout}${result.stderr}`)
    return [...phases, await listsBetweenWrites(kubeconfig)]
  }
  const ours = new Map<string, Phase[]>()
  const theirs = new Map<string, Phase[]>()
  const file = (into: Map<string, Phase[]>, phases: readonly Phase[]) => {
    for (const phase of phases) into.set(phase.name, [...(into.get(phase.name) ?? []), phase])
  }
  for (let round = 0; round < rounds; round++) {
    await atRest((process.env['ORRERY_BENCH_PEER_PIDS'] ?? '').split(',').filter(Boolean).map(Number))
    const orrery = await Orrery.start('--nodes', 'simulated:1')
    try {
      file(ours, await send(orrery.kubeconfig, String(orrery.pid)))
    } finally {
      await orrery.purge()
    }
    file(theirs, await send(peer, process.env['ORRERY_BENCH_PEER_PIDS'] ?? ''))
  }
  return [...ours].flatMap(([name, mine]) => {
    const other = theirs.get(name)
    if (!other) return []
    const rate = median(other.map(({ perSecond }) => perSecond))
    const cpu = (phases: readonly Phase[]) => median(phases.map(({ cpuMs }) => cpuMs))
    const told = cpu(other) > 0 && cpu(mine) > 0 ? `; server CPU ${cpu(mine).toFixed(3)} ms each against ${cpu(other).toFixed(3)} ms (×${(cpu(other) / cpu(mine)).toFixed(1)} less)` : ''
    const latency = `; p99 ${median(mine.map(({ p99Ms }) => p99Ms)).toFixed(0)} ms against ${median(other.map(({ p99Ms }) => p99Ms)).toFixed(0)} ms`
    const figures = figure(`load: ${name}`, '/s', mine.map(({ perSecond }) => perSecond), `${name === listingPhase ? listingMethod : `${objects} objects of 1 kB`}, both servers in turn, ${rounds} rounds${told}${latency}`, required.has(name) ? { must: '≥ 2×, aim 4×' } : {})
    return [{ ...figures, against: { what: 'real control plane', median: rate, ratio: figures.median / rate } }]
  })
}
