/**
 * The same scenarios as a real control plane lived through (kube-controller-manager and kube-scheduler v1.36.3 with five
 * simulated nodes; test/golden/differential/, recorded by record.ts), played on a whole Orrery with simulated machines:
 * objects in the end, Events, the order of Pods and refusals must be the same, but for what a scenario allows and why.
 * ORRERY_SCENARIOS=a,b plays only these.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { logger } from '../../core/base/log.ts'
import { startCluster, type Cluster } from '../../core/cluster.ts'
import { parseOptions } from '../../core/options.ts'
import { differences } from './compare.ts'
import type { Outcome } from './outcome.ts'
import { playAll } from './play-all.ts'
import { readScenarios } from './scenario.ts'
import { Stage } from './stage.ts'

const chosen = process.env['ORRERY_SCENARIOS']?.split(',')
const scenarios = readScenarios().filter(({ name }) => chosen?.includes(name) ?? true)
const tell = new Map<string, (outcome: Outcome) => void>()
const outcomes = new Map(scenarios.map(({ name }) => [name, new Promise<Outcome>((resolve) => tell.set(name, resolve))]))
const real = (name: string) => parse(readFileSync(new URL(`../golden/differential/${name}.yaml`, import.meta.url), 'utf8')) as Outcome
/** Only where it does not come to what the real one came to: what differs is then seen at rest. */
const restMs = 4_000
const together = 24
const home = mkdtempSync(join(tmpdir(), 'orrery-differential-'))
let cluster: Cluster
let stage: Stage
let played: Promise<void>

before(async () => {
  const options = parseOptions(['--headless', '--home', home, '--api-port', '0', '--ui-port', '0', '--ingress-port', '0', '--nodes', 'simulated:5'], {})
  cluster = await startCluster(options, { log: logger(() => {}), docs: new URL('none', import.meta.url) })
  stage = await Stage.open(cluster.kubeconfig, restMs)
  played = playAll(stage, scenarios, 'o', together, ({ name }) => real(name).rests, ({ name }, outcome) => tell.get(name)!(outcome))
})

after(async () => {
  await played
  stage.close()
  await cluster.close({ stopPods: false })
  rmSync(home, { recursive: true, force: true })
})

for (const { name, about, allowed } of scenarios) {
  test(`as the real control plane: ${name} (${about})`, async (context) => {
    const found = differences(real(name), await outcomes.get(name)!, allowed)
    for (const { line, why } of found) if (why !== undefined) context.diagnostic(`allowed: ${line} (${why})`)
    const wrong = found.filter(({ why }) => why === undefined)
    assert.ok(wrong.length === 0, `${wrong.length} differences:\n${wrong.map(({ line }) => line).join('\n')}`)
  })
}
