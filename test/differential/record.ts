/**
 * Records what a real control plane makes of the scenarios: `node test/differential/record.ts KUBECONFIG [name …]`.
 * It needs five simulated nodes (kwok) with nothing else on them. Goldens: test/golden/differential/<scenario>.yaml.
 * With `--show FOLDER` the outcomes go there instead, for instance Orrery's own.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { stringify } from 'yaml'
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
const scenarios = readScenarios().filter(({ name }) => names.length === 0 || names.includes(name))
await playAll(stage, scenarios, Date.now().toString(36).slice(-5), 8, () => [], ({ name }, outcome) => {
  writeFileSync(join(folder, `${name}.yaml`), stringify(outcome, { lineWidth: 0 }))
  process.stdout.write(`${name}${outcome.answers.length > 0 ? `\n  ${outcome.answers.join('\n  ')}` : ''}\n`)
})
stage.close()
