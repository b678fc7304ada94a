/**
 * Every figure that the README quotes, with its method. Each bench is one file; the peer (a real control plane v1.36) and
 * the load generator are given by environment, because they are not ours:
 *   ORRERY_BENCH_PEER_KUBECONFIG  kubeconfig of a running real control plane (with simulated nodes for `pods`)
 *   ORRERY_BENCH_PEER_PIDS        process ids of its four processes, comma-separated
 *   ORRERY_BENCH_LOAD             the load generator's binary
 * What is not given is left out of the table and said so.
 */
import { cpus, loadavg, totalmem } from 'node:os'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { browser } from './browser.ts'
import { containers } from './containers.ts'
import { idle } from './idle.ts'
import { load } from './load.ts'
import type { Figure } from './measure.ts'
import { pods } from './pods.ts'
import { scale } from './scale.ts'
import { scheduling } from './scheduling.ts'
import { start } from './start.ts'

const folder = dirname(fileURLToPath(import.meta.url))
const benches: Record<string, () => Promise<Figure[]>> = { start, idle, load, pods, scheduling, scale, containers, browser }
const chosen = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)

interface Results {
  machine: string
  figures: Figure[]
}
const file = join(folder, 'results.json')
const results: Results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : { machine: '', figures: [] }
results.machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, load average ${loadavg()[1]!.toFixed(1)} (other work on the machine lowers rates and raises times; ratios and CPU stand)`

for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  say(`── ${name}`)
  try {
    for (const figure of await bench()) {
      const at = results.figures.findIndex((one) => one.name === figure.name)
      if (at >= 0) results.figures[at] = figure
      else results.figures.push(figure)
      say(`${figure.name}: ${round(figure.median)} ${figure.unit} (${round(figure.min)}-${round(figure.max)}, ${figure.runs} runs)${figure.against ? `, ${figure.against.what} ${round(figure.against.median)}: ×${round(figure.against.ratio)}` : ''}${figure.must ? `; must ${figure.must}` : ''}`)
    }
  } catch (error) {
    say(`not measured: ${error instanceof Error ? error.message : String(error)}`)
  }
}
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
writeFileSync(join(folder, 'results.md'), table(results))

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function table({ machine, figures }: Results): string {
  const rows = figures.map((f) => `| ${f.name} | ${round(f.median)} ${f.unit} (${round(f.min)}-${round(f.max)}) | ${f.against ? `${f.against.what}: ${round(f.against.median)} ${f.unit}, ratio ${round(f.against.ratio)}` : '–'} | ${f.must ?? '–'} | ${f.method} |`)
  return `Machine: ${machine}. Median (smallest-largest).\n\n| figure | Orrery | compared in the same run | must | method |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
}
