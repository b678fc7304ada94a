/**
 * Records what a real control plane makes of the scenarios: `node test/differential/record.ts KUBECONFIG [name …]`.
 * It needs five simulated nodes (kwok) with nothing else on them. Goldens: test/golden/differential/<scenario>.yaml.
 * With `--show FOLDER` the outcomes go there instead, for instance Orrery's own.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Outcome } from './outcome.ts'
import { playAll } from './play-all.ts'
import { readScenarios } from './scenario.ts'
import { Stage } from './stage.ts'

const args = process.argv.slice(2)
const show = args.indexOf('--show')
const folder = show < 0 ? fileURLToPath(new URL('../golden/differential', import.meta.url)) : args.splice(show, 2)[1]!
const [kubeconfig, ...names] = args
if (kubeconfig === undefined) throw new Error('name a kubeconfig')
mkdirSync(folder, { recursive: true })
const stage = await Stage.open(kubeconfig, 2_500)
let scenarios = readScenarios().filter(({ name }) => names.length === 0 || names.includes(name))
/** kwok deletes by name, and so at times the Pod that came after the one it means: a StatefulSet then makes it once more. Look at the goldens' diff. */
const spoilt = /running Bind plugin/
for (let attempt = 1; attempt <= 4 && scenarios.length > 0; attempt++) {
  const again = new Set<string>()
  await playAll(stage, scenarios, Date.now().toString(36).slice(-5), 8, () => [], ({ name }, outcome) => {
    if (outcome.events.some((line) => spoilt.test(line))) again.add(name)
    write(name, outcome)
  })
  scenarios = scenarios.filter(({ name }) => again.has(name))
}
stage.close()
if (scenarios.length > 0) process.stdout.write(`spoilt by kwok: ${scenarios.map(({ name }) => name).join(', ')}\n`)

function write(name: string, outcome: Outcome): void {
  writeFileSync(join(folder, `${name}.yaml`), stringify(outcome, { lineWidth: 0 }))
  process.stdout.write(`${name}${outcome.answers.length > 0 ? `\n  ${outcome.answers.join('\n  ')}` : ''}\n`)
}
