/** The same closed-loop load sent to Orrery and to the real control plane in turn, phase by phase. */
import { spawnSync } from 'node:child_process'
import { Orrery } from '../e2e/harness/orrery.ts'
import { figure, type Figure } from './measure.ts'

const rounds = 2

/** `create16   1234 /s …` as the generator prints it: phase name, then rate. */
export function parseRates(text: string): Map<string, number> {
  const rates = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^(\w[\w-]*)\s+.*?([\d.]+)\s*(?:events)?\/s/.exec(line)
    if (match) rates.set(match[1]!, Number(match[2]))
  }
  return rates
}

export async function load(): Promise<Figure[]> {
  const binary = process.env['ORRERY_BENCH_LOAD']
  const peer = process.env['ORRERY_BENCH_PEER_KUBECONFIG']
  if (binary === undefined || peer === undefined) throw new Error('ORRERY_BENCH_LOAD and ORRERY_BENCH_PEER_KUBECONFIG are not given')
  const send = (kubeconfig: string, pids: string) => {
    const result = spawnSync(binary, ['-kubeconfig', kubeconfig, '-n', '5000', '-watchers', '100', '-size', '1024', ...(pids === '' ? [] : ['-pids', pids])], { encoding: 'utf8', timeout: 1_800_000 })
    process.stdout.write(result.stdout)
    return parseRates(result.stdout)
  }
  const ours = new Map<string, number[]>()
  const theirs = new Map<string, number[]>()
  const file = (into: Map<string, number[]>, rates: Map<string, number>) => {
    for (const [phase, rate] of rates) into.set(phase, [...(into.get(phase) ?? []), rate])
  }
  for (let round = 0; round < rounds; round++) {
    const orrery = await Orrery.start('--nodes', 'simulated:1')
    file(ours, send(orrery.kubeconfig, String(orrery.pid)))
    await orrery.purge()
    file(theirs, send(peer, process.env['ORRERY_BENCH_PEER_PIDS'] ?? ''))
  }
  return [...ours].flatMap(([phase, rates]) => {
    const other = theirs.get(phase)
    if (!other) return []
    const mine = figure(`load: ${phase}`, '/s', rates, '5,000 objects of 1 kB, 100 watchers, both servers in turn', { must: '≥ 2×, aim 4×' })
    const compared = figure('', '', other, '').median
    return [{ ...mine, against: { what: 'real control plane', median: compared, ratio: mine.median / compared } }]
  })
}
