/**
 * Random histories of placements, endings and relabelled nodes: the books kept change by change say what fresh ones say,
 * no node is over-committed, and required anti-affinity holds at the moment of placing. A failure prints its seed.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelSelector } from '../../core/api/label-selector.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Node, Pod } from '../../core/api/types/core.ts'
import { cycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { generate, random } from './differential/generate.ts'
import { LiveCache } from '../loop/live-cache.ts'

const counts = { nodes: 15, pods: 150, preemptors: 0 }
const uidOf = (kind: string, name: string) => `${kind}-${name}`
const stored = (kind: string, metadata: { name: string; namespace?: string; labels?: Record<string, string> }, rest: object): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { uid: uidOf(kind, metadata.name), resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata }, ...rest }) as KubeObject
const only = (namespaces: readonly string[] | undefined, pod: Pod) => (namespaces ?? []).length === 0 || namespaces!.includes(pod.metadata.namespace ?? '')

/** Every required term of either side, by looking at every pair. */
function apart(pod: Pod, node: Node, world: LiveCache): string | undefined {
  for (const other of world.list<Pod>('Pod')) {
    const there = world.get<Node>('Node', undefined, other.spec.nodeName ?? '')
    if (!there || other === pod) continue
    for (const [holder, about] of [[pod, other], [other, pod]] as const) {
      for (const term of holder.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
        // Terms over other namespaces are left to the differential check.
        if (term.namespaceSelector || (term.namespaces ?? []).length > 0 || holder.metadata.namespace !== about.metadata.namespace || !only(term.namespaces, about)) continue
        const same = node.metadata.labels?.[term.topologyKey] !== undefined && node.metadata.labels[term.topologyKey] === there.metadata.labels?.[term.topologyKey]
        if (same && labelSelector(term.labelSelector).matches(about.metadata.labels ?? {})) return `${holder.metadata.name} wants ${about.metadata.name} apart by ${term.topologyKey}`
      }
    }
  }
  return undefined
}

for (let seed = 1; seed <= 6; seed++) {
  test(`books stay true through a random history, seed ${seed}`, () => {
    const made = generate(seed, counts)
    const next = random(seed * 7919)
    const world = new LiveCache()
    for (const node of made.nodes) world.put(stored('Node', node.metadata, { spec: node.spec, status: node.status }))
    for (const { name, labels } of made.namespaces) world.put(stored('Namespace', { name, labels }, {}))
    for (const { name, namespace, selector } of made.services) world.put(stored('Service', { name, namespace }, { spec: { selector } }))
    const machines = Machines.of(world)
    const bound: Pod[] = []
    made.pods.forEach((one, i) => {
      const pod = stored('Pod', one, { spec: { ...one.spec, priority: 0, preemptionPolicy: 'Never' }, status: { phase: 'Pending' } }) as Pod
      const outcome = cycle(podInfo(pod), machines, 0)
      const fresh = cycle(podInfo(pod), Machines.of(world), 0)
      assert.deepEqual([outcome.chosen?.name ?? outcome.message, [...outcome.totals].sort()], [fresh.chosen ? outcome.chosen?.name : fresh.message, [...fresh.totals].sort()], `step ${i}`)
      if (outcome.chosen) {
        const node = world.get<Node>('Node', undefined, outcome.chosen.name)!
        assert.equal(apart(pod, node, world), undefined, `step ${i}`)
        machines.assume(podInfo(pod), outcome.chosen.name)
        const placed = { ...pod, spec: { ...pod.spec, nodeName: outcome.chosen.name }, status: { phase: 'Running' } } as Pod
        world.put(placed)
        bound.push(placed)
        if (next() < 0.9) machines.apply({ type: 'MODIFIED', object: placed, previous: pod, revision: i })
        const after = machines.node(outcome.chosen.name)!
        assert.ok(after.usedCpu <= after.cpu && after.usedMemory <= after.memory && after.pods <= after.maxPods, `step ${i}: ${after.name} holds more than it has`)
      }
      if (bound.length > 0 && next() < 0.25) {
        const [gone] = bound.splice(Math.floor(next() * bound.length), 1)
        world.change('DELETED', gone!)
        machines.apply(next() < 0.5 ? { type: 'DELETED', object: gone!, revision: i } : { type: 'MODIFIED', object: { ...gone!, status: { phase: 'Succeeded' } }, previous: gone!, revision: i })
      }
      if (next() < 0.1) {
        const before = world.list<Node>('Node')[Math.floor(next() * counts.nodes)]!
        const changed = { ...before, metadata: { ...before.metadata, labels: { ...before.metadata.labels, 'topology.kubernetes.io/zone': `z${1 + Math.floor(next() * 3)}` } } }
        world.put(changed)
        machines.apply({ type: 'MODIFIED', object: changed, previous: before, revision: i })
      }
    })
  })
}
