/** Namespaces: one that is deleted always ends, with all that was in it, Pods first. */
import assert from 'node:assert/strict'
import type { KubeObject } from '../../core/api/meta.ts'
import { isReason } from '../../core/api/status.ts'
import type { Namespace, Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed, type ModelContext } from './model.ts'
import { below, chance, pick } from './random.ts'

const namespace = 'shop'
const ref = { kind: 'Namespace', name: namespace }
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const contents = ['Pod', 'ConfigMap', 'ReplicaSet', 'ServiceAccount'] as const
const inside = (now: Snapshot): KubeObject[] => contents.flatMap((kind) => [...now.list<KubeObject>(kind, namespace)])
const isEnding = (now: Snapshot) => now.get<Namespace>('Namespace', undefined, namespace)?.metadata.deletionTimestamp !== undefined

let names = 0
let asked = new Set<string>()

async function make({ user }: ModelContext): Promise<void> {
  await user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await user.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
}
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

/** Nothing new comes into a Namespace that ends. */
const unlessEnding = (making: Promise<unknown>): Promise<unknown> => making.catch((error: unknown) => assert.ok(isReason(error, 'Forbidden'), String(error)))

const fill: Deed = [3, async (context) => {
  const { user, random, now } = context
  if (!now.get('Namespace', undefined, namespace)) return make(context)
  const metadata = { name: `x-${++names}`, namespace, ...(chance(random, 0.3) ? { finalizers: ['example.com/hold'] } : {}) }
  const which = below(random, 3)
  if (which === 0) return unlessEnding(user.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata }))
  if (which === 1) return unlessEnding(user.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }))
  return unlessEnding(user.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: metadata.name, namespace }, spec: { replicas: below(random, 3), selector: { matchLabels: { app: 'web' } }, template } }))
}]
const end: Deed = [0.2, async ({ user, now }) => {
  if (now.get('Namespace', undefined, namespace)) await user.delete(ref)
}]
const letGo: Deed = [1, async ({ user, random, now }) => {
  const held = pick(random, inside(now).filter(({ metadata }) => (metadata.finalizers?.length ?? 0) > 0))
  if (held) await user.patch({ kind: held.kind, namespace, name: held.metadata.name }, merge({ metadata: { finalizers: null } }))
}]
const remove: Deed = [0.5, async ({ user, random, now }) => {
  const one = pick(random, inside(now))
  if (!one) return
  asked.add(one.metadata.uid)
  await user.delete({ kind: one.kind, namespace, name: one.metadata.name })
}]

checkModel({
  name: 'namespaces: what is deleted ends, Pods first',
  controllers: ['namespace-controller', 'replicaset-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller'],
  setup: (context) => {
    names = 0
    asked = new Set()
    return make(context)
  },
  deeds: { fill, end, letGo, remove },
  always(now, wrote) {
    if (!now.get('Namespace', undefined, namespace)) return assert.deepEqual(inside(now).map(({ kind, metadata }) => `${kind} ${metadata.name}`), [], 'left behind by their Namespace')
    if (!isEnding(now) || wrote.kind !== 'ConfigMap' || wrote.uid === undefined || asked.has(wrote.uid)) return
    const object = now.byUid(wrote.uid)
    if (object && object.metadata.deletionTimestamp === undefined) return
    assert.equal(now.list<Pod>('Pod', namespace).length, 0, `${wrote.name} went before the Pods`)
  },
  async calm({ user, now }) {
    for (const { kind, metadata } of inside(now)) if (metadata.finalizers?.includes('example.com/hold')) await user.patch({ kind, namespace, name: metadata.name }, merge({ metadata: { finalizers: null } }))
    if (now.get('Namespace', undefined, namespace)) await user.delete(ref)
  },
  settled(now) {
    assert.equal(now.get('Namespace', undefined, namespace), undefined, 'the Namespace is still there')
  },
})
