/** Against answers recorded from the real scheduler: every Pod of a long, mixed run in order, each on the state that the real one left. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import type { PodSpec } from '../../core/api/types/core.ts'
import { cycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { gatesOf } from '../../core/scheduler/plugins/scheduling-gates.ts'
import { pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

interface Golden {
  service: { name: string; selector: Record<string, string> }
  nodes: KubeObject[]
  steps: { name: string; labels: Record<string, string>; spec: PodSpec; result: { node?: string; reason?: string; message?: string } }[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/scheduler/placements.json', import.meta.url), 'utf8')) as Golden

test('places and refuses as the real scheduler did', () => {
  const world = new LiveCache()
  for (const node of golden.nodes) world.put({ ...node, kind: 'Node', apiVersion: 'v1', metadata: { ...node.metadata, uid: node.metadata.name } })
  world.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', uid: 'web', resourceVersion: '1', creationTimestamp: '' }, spec: { selector: golden.service.selector } })
  const machines = Machines.of(world)
  const wrong: string[] = []
  for (const { name, labels, spec, result } of golden.steps) {
    const info = podInfo(pod(name, { labels, spec }))
    if (result.reason === 'SchedulingGated') {
      assert.deepEqual(gatesOf(info), ['example.com/wait'])
      continue
    }
    const outcome = cycle(info, machines, 0)
    if (result.node !== undefined) {
      const top = Math.max(...outcome.totals.values())
      const equals = outcome.totals.size === 0 ? [outcome.chosen?.name] : [...outcome.totals].filter(([, total]) => total === top).map(([node]) => node)
      if (!equals.includes(result.node)) wrong.push(`${name}: real ${result.node}, ours ${outcome.chosen ? [...outcome.totals].map(([node, total]) => `${node}=${total}`).join(' ') || outcome.chosen.name : outcome.message}`)
      machines.assume(info, result.node)
    } else {
      if (outcome.chosen || outcome.message !== result.message) wrong.push(`${name}: real "${result.message}", ours ${outcome.chosen?.name ?? `"${outcome.message}"`}`)
    }
  }
  assert.deepEqual(wrong, [])
})
