/**
 * Every planner against recorded clusters: test/golden/<controller>/<case>/cluster.yaml in, plan.yaml out.
 * ORRERY_UPDATE_GOLDENS=1 writes what the planners say now; review it as a diff.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import type { KubeObject, ObjectMeta, Ref } from '../../core/api/meta.ts'
import type { CustomMetricsView } from '../../core/api/metrics/custom-metrics.ts'
import type { PodUsage, UsageView } from '../../core/api/metrics/usage.ts'
import { deepFreeze } from '../../core/base/freeze.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { Step } from '../../core/loop/plan.ts'
import { allControllers } from './cluster.ts'

interface Given {
  now: string
  awakeSince?: string
  absentSince?: string
  ref: Ref
  /** What Pods use, by name: `{ a: { cpu: 80, memory: 1048576 } }` in thousandths of a core and bytes, of container `c`. */
  usage?: Record<string, { cpu: number; memory: number }>
  /** What Pods tell of themselves, by name: `{ a: { queue: 30 } }`. */
  custom?: Record<string, Record<string, number>>
  objects: { kind: string; metadata: ObjectMeta & { name: string }; [field: string]: unknown }[]
}

const root = new URL('../golden/', import.meta.url)
const update = process.env['ORRERY_UPDATE_GOLDENS'] === '1'
const folderOf = (controller: string) => controller.replace(/-controller$/, '')
const ms = (text: string) => Date.parse(text)

/** The samples of the case that is being played. */
let samples: ReadonlyMap<string, PodUsage> = new Map()
const usage: UsageView = { revision: 1, pod: (uid) => samples.get(uid), pods: () => [...samples.values()] }

let told: Given = { now: '', ref: { kind: '', name: '' }, objects: [] }
const custom: CustomMetricsView = {
  revision: 1,
  names: () => [...new Set(Object.values(told.custom ?? {}).flatMap(Object.keys))],
  of: (uid, metric) => {
    const value = told.custom?.[uid.replace('pod-', '')]?.[metric]
    return value === undefined ? undefined : { atMs: ms(told.now) - 5_000, windowMs: 0, series: [{ labels: {}, milli: value * 1000 }] }
  },
}

const samplesOf = ({ usage = {}, now }: Given): ReadonlyMap<string, PodUsage> =>
  new Map(
    Object.entries(usage).map(([name, { cpu, memory }]) => [
      `pod-${name}`,
      { uid: `pod-${name}`, namespace: 'd', name, node: 'n1', atMs: ms(now) - 5_000, windowMs: 15_000, containers: [{ name: 'c', cpuNanos: cpu * 1e6, memoryBytes: memory }] },
    ]),
  )

/** Fills in what the server always fills in, so that a case shows only what matters. */
const stored = (object: Given['objects'][number], i: number): KubeObject =>
  deepFreeze({
    apiVersion: 'v1',
    ...object,
    metadata: { uid: `${object.kind}-${object.metadata.name}`.toLowerCase(), resourceVersion: String(i + 1), creationTimestamp: '2026-01-01T00:00:00Z', generation: 1, ...object.metadata },
  } as KubeObject)

/** A row of equal steps is one step and a count. */
function shorten(steps: readonly Step[]): unknown[] {
  const out: { step: Step; times: number }[] = []
  for (const step of steps) {
    const last = out.at(-1)
    if (last && JSON.stringify(last.step) === JSON.stringify(step)) last.times++
    else out.push({ step, times: 1 })
  }
  return out.map(({ step, times }) => (times === 1 ? step : { times, ...step }))
}

for (const controller of allControllers(usage, custom)) {
  const folder = new URL(`${folderOf(controller.name)}/`, root)
  const cases = existsSync(folder) ? readdirSync(folder).sort() : []
  test(`${controller.name} has goldens`, () => assert.ok(cases.length > 0))
  for (const name of cases) {
    test(`${controller.name}: ${name.replaceAll('-', ' ')}`, () => {
      const given = parse(readFileSync(new URL(`${name}/cluster.yaml`, folder), 'utf8')) as Given
      const cache = new Cache()
      cache.replace(given.objects.map(stored), given.objects.length)
      samples = samplesOf(given)
      told = given
      const now = ms(given.now)
      const object = cache.get(given.ref.kind, given.ref.namespace, given.ref.name)
      const input = {
        object,
        ref: given.ref,
        snapshot: cache,
        now,
        awakeSinceMs: ms(given.awakeSince ?? '2026-01-01T00:00:00Z'),
        ...(given.absentSince === undefined ? {} : { absentSinceMs: ms(given.absentSince) }),
      }
      const plan = controller.plan(input)
      assert.deepEqual(controller.plan(input), plan, 'the same input gives the same plan')
      const said = {
        because: plan.because,
        ...(plan.requeueAt === undefined ? {} : { requeueAt: new Date(plan.requeueAt).toISOString() }),
        steps: shorten(plan.steps),
      }
      const text = stringify(JSON.parse(JSON.stringify(said)), { lineWidth: 150, aliasDuplicateObjects: false })
      const file = new URL(`${name}/plan.yaml`, folder)
      if (update) writeFileSync(file, text)
      assert.equal(text, readFileSync(file, 'utf8'))
    })
  }
}
