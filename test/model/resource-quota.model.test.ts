/** ResourceQuota: never exceeded, however many come at once, fail, finish or leave; and its status ends up true. */
import assert from 'node:assert/strict'
import { parseAmounts, plus, zero } from '../../core/api/amounts.ts'
import { podEvaluator } from '../../core/api/quota/pod-evaluator.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Quantity } from '../../core/api/quantity.ts'
import type { Pod, ResourceQuota } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, chance, pick } from './random.ts'

const namespace = 'default'
const quotaRef = { kind: 'ResourceQuota', namespace, name: 'q' }
const merge = (body: unknown) => ({ type: 'merge' as const, body })
/** Who was there already: what was let in before the quota shrank may stay. */
let known = new Set<string>()
let names = 0

const pod = (name: string, milliCpu: number, ends: boolean) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { restartPolicy: ends ? 'Never' : 'Always', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: `${milliCpu}m` } } }] },
})

function used(now: Snapshot, nowMs: number): Record<string, Quantity> {
  const total: Record<string, Quantity> = { configmaps: zero }
  const add = (amounts: Readonly<Record<string, Quantity>>) => {
    for (const name in amounts) total[name] = plus(total[name] ?? zero, amounts[name]!)
  }
  for (const one of now.list<Pod>('Pod', namespace)) add(podEvaluator.usage(one, nowMs))
  for (const _ of now.list('ConfigMap', namespace)) add(parseAmounts({ configmaps: '1' }))
  return total
}

const several: Deed = [3, ({ user, random }) =>
  Promise.allSettled(
    Array.from({ length: 1 + below(random, 6) }, () => {
      // Now and then a name that is taken: what failed must not be counted.
      const name = chance(random, 0.2) ? `p-${below(random, names + 1)}` : `p-${++names}`
      return chance(random, 0.3) ? user.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }) : user.create(pod(name, 50 + below(random, 6) * 50, chance(random, 0.3)))
    }),
  )]
const remove = (kind: string): Deed => [0.7, async ({ user, random, now }) => {
  const found = pick(random, now.list<KubeObject>(kind, namespace))
  if (found) await user.delete({ kind, namespace, name: found.metadata.name })
}]
const limit: Deed = [0.3, ({ user, random }) => {
  const hard = { pods: String(2 + below(random, 6)), 'requests.cpu': `${300 + below(random, 10) * 100}m`, configmaps: String(1 + below(random, 4)) }
  return user.patch(quotaRef, merge({ spec: { hard } }))
}]

checkModel({
  name: 'ResourceQuota: never exceeded',
  controllers: ['resourcequota-controller'],
  setup: async ({ user }) => {
    names = 0
    known = new Set()
    const hard = { pods: '4', 'requests.cpu': '600m', configmaps: '2' }
    await user.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace }, spec: { hard } })
  },
  deeds: { several, removePod: remove('Pod'), removeConfigMap: remove('ConfigMap'), limit },
  always(now, { kind, uid = '' }, nowMs) {
    if (kind === 'ResourceQuota' || known.has(uid)) return
    known.add(uid)
    const quota = now.get<ResourceQuota>('ResourceQuota', namespace, 'q')
    const present = used(now, nowMs)
    // Until the controller has seen a new limit, the one before holds.
    const limits = [quota?.spec.hard, quota?.status.hard].map((hard) => parseAmounts(hard ?? {}))
    for (const name of kind === 'ConfigMap' ? ['configmaps'] : ['pods', 'requests.cpu']) assert.ok(limits.some((limit) => (present[name]?.nano ?? 0n) <= (limit[name]?.nano ?? 0n)), `${name} is beyond the quota`)
  },
  settled(now) {
    const quota = now.get<ResourceQuota>('ResourceQuota', namespace, 'q')!
    assert.deepEqual(quota.status.hard, quota.spec.hard)
    const present = used(now, Number.POSITIVE_INFINITY)
    for (const name in quota.spec.hard) assert.equal(parseAmounts(quota.status.used)[name]!.nano, present[name]?.nano ?? 0n, name)
  },
})
