/**
 * Feasible nodes, scores, messages and victims of generated Pods, against answers recorded from the real scheduler
 * (record.ts). Each Pod is then placed where the real one put it: ties are drawn there at random.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { cycle, type Outcome } from '../../../core/scheduler/cycle.ts'
import { Machines } from '../../../core/scheduler/machines.ts'
import { podInfo } from '../../../core/scheduler/pod-info.ts'
import { profile } from '../../../core/scheduler/profile.ts'
import { LiveCache } from '../../loop/live-cache.ts'
import { generate, type Generated } from './generate.ts'
import { goldenFile, type Golden, type Step } from './golden.ts'

const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden
const made = generate(golden.seed, golden.counts)
const probe = profile({ schedulerName: 'probe', percentageOfNodesToScore: 100 })

const stored = (apiVersion: string, kind: string, metadata: { name: string; namespace?: string; labels?: Record<string, string> }, rest: object): KubeObject =>
  ({ apiVersion, kind, metadata: { uid: `${kind}/${metadata.namespace ?? ''}/${metadata.name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata }, ...rest }) as KubeObject

function worldOf({ nodes, namespaces, services, budgets }: Generated): LiveCache {
  const world = new LiveCache()
  for (const node of nodes) world.put(stored('v1', 'Node', node.metadata, { spec: node.spec, status: node.status }))
  for (const { name, labels } of namespaces) world.put(stored('v1', 'Namespace', { name, labels }, {}))
  for (const { name, namespace, selector } of services) world.put(stored('v1', 'Service', { name, namespace }, { spec: { selector } }))
  for (const { name, namespace, selector, disruptionsAllowed } of budgets) world.put(stored('policy/v1', 'PodDisruptionBudget', { name, namespace }, { spec: { selector: { matchLabels: selector } }, status: { disruptionsAllowed } }))
  return world
}

const said = (outcome: Outcome, at: (name: string) => number, nodes: number): string => {
  const scores = new Array<string>(nodes).fill('')
  for (const [name, total] of outcome.totals) scores[at(name)] = String(total)
  return scores.join(',')
}

test(`${golden.counts.pods + golden.counts.preemptors} generated Pods on ${golden.counts.nodes} generated nodes: same feasible nodes, scores, messages and victims`, () => {
  const world = worldOf(made)
  const machines = Machines.of(world)
  const names = made.nodes.map(({ metadata }) => metadata.name)
  const at = (name: string) => names.indexOf(name)
  const wrong: string[] = []
  const placed = new Map<string, Pod>()
  let compared = 0

  made.pods.forEach((one, i) => {
    const step = golden.steps[i]! as Step
    const priority = made.priorities.find(({ name }) => name === one.spec.priorityClassName)!
    const pod = stored('v1', 'Pod', one, { spec: { ...one.spec, priority: priority.value, ...(priority.preemptionPolicy ? { preemptionPolicy: priority.preemptionPolicy } : {}) }, status: { phase: 'Pending' } }) as Pod
    let outcome = cycle(podInfo(pod), machines, 0, 0, probe)
    const key = `${one.namespace}/${one.name}`
    if (step.message !== undefined) {
      compared++
      if (outcome.message !== step.message) wrong.push(`${key}: real "${step.message}", ours "${outcome.message}"`)
    }
    if (step.victims) {
      const chosen = outcome.rescue?.preemption?.candidates.find(({ node }) => node === names[step.node!])
      const ours = chosen && [...chosen.victims].sort()
      const first = outcome.rescue?.preemption?.candidates[0]
      if (JSON.stringify(ours) !== JSON.stringify(step.victims)) wrong.push(`${key}: real displaces ${step.victims.join(' ')} on ${names[step.node!]}, ours ${ours?.join(' ')} (would choose ${first?.node})`)
      else if (first!.node !== names[step.node!] && first!.victims.length !== step.victims.length) wrong.push(`${key}: real chose ${names[step.node!]}, ours ${first?.node}`)
      for (const victim of step.victims) machines.apply({ type: 'DELETED', object: placed.get(victim)!, revision: 1 })
      outcome = cycle(podInfo({ ...pod, status: { phase: 'Pending', nominatedNodeName: names[step.node!]! } }), machines, 0, 0, probe)
      if (outcome.chosen?.name !== names[step.node!]) wrong.push(`${key}: after the preemption ours says ${outcome.chosen?.name ?? outcome.message}`)
    } else if (step.scores !== undefined) {
      compared++
      const ours = said(outcome, at, names.length)
      if (ours !== step.scores) wrong.push(`${key}: real ${step.scores}\n    ours ${ours}`)
    } else if (step.node !== undefined && outcome.chosen?.name !== names[step.node]) wrong.push(`${key}: real ${names[step.node]} alone, ours ${outcome.chosen?.name ?? outcome.message}`)
    if (step.node === undefined) return
    const bound = { ...pod, spec: { ...pod.spec, nodeName: names[step.node]! }, status: { phase: 'Running', startTime: new Date(Date.parse('2026-01-01T00:00:00Z') + i * 1000).toISOString() } } as Pod
    placed.set(key, bound)
    machines.apply({ type: 'ADDED', object: bound, revision: 1 })
  })
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} differ`)
  assert.ok(compared > golden.counts.pods * 0.9)
})
