/**
 * Nodes fall silent, come back, go for good and are tainted: no node that speaks is given up, no Pod leaves sooner than it
 * tolerates, lost nodes give up their Pods one after another and none while nobody answers; and what is lost is made anew.
 */
import assert from 'node:assert/strict'
import type { Node, Pod } from '../../core/api/types/core.ts'
import type { ReplicaSet } from '../../core/api/types/apps.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { Heartbeats, leaseNamespace } from './heartbeats.ts'
import { checkModel, type Deed } from './model.ts'
import { nodeNames } from './model-cluster.ts'
import { below, chance, pick, type Random } from './random.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const web = { kind: 'ReplicaSet', namespace: 'default', name: 'web' }
const key = (name: string) => `node.kubernetes.io/${name}`
const lostKeys = [key('unreachable'), key('not-ready')]
const away = { key: 'away', effect: 'NoExecute' }
const outOfService = { key: key('out-of-service'), effect: 'NoExecute' }
const graceMs = 50_000
/** What is old news, a pass that takes its time, and whole seconds make of it at most. */
const lateMs = 21_000
const awaySeconds = 60
const lostSeconds = 300

let nodes: Heartbeats
/** Every time of a taint that drives Pods away; without an end it is there. */
interface Spell {
  readonly node: string
  readonly key: string
  readonly fromMs: number
  toMs?: number
}
let spells: Spell[] = []
let gone = new Map<string, number>()
/** Since when it is missed: one that came back for a moment only may not have been seen (upstream's quarantine goes on all the same). */
let missed = new Map<string, number>()
let back = new Map<string, number>()
let unknown = new Set<string>()
let judged = new Set<string>()
const presentOn = (name: string) => spells.filter(({ node, toMs }) => node === name && toMs === undefined)

const driving = ({ spec }: Node) => (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
const conditionOf = (pod: Pod, reason: string) => pod.status.conditions?.some((one) => one.type === 'DisruptionTarget' && one.reason === reason) === true
const ready = ({ status }: Node) => status.conditions?.find(({ type }) => type === 'Ready')?.status
const tolerates = (pod: Pod, taint: string) => pod.spec.tolerations?.find((one) => one.key === taint)
const spare = ({ spec }: Node) => !(spec?.unschedulable ?? false) && !(spec?.taints?.length ?? 0)

function always(now: Snapshot, wrote: { kind: string; name: string; namespace?: string }, nowMs: number): void {
  if (wrote.kind === 'Node') judgeNode(now, wrote.name, nowMs)
  else if (wrote.kind === 'Pod') {
    const pod = now.get<Pod>('Pod', 'default', wrote.name)
    if (pod && !judged.has(pod.metadata.uid)) judgePod(pod, now, nowMs)
  }
}

function judgeNode(now: Snapshot, name: string, nowMs: number): void {
  const node = now.get<Node>('Node', undefined, name)
  if (!node) {
    gone.set(name, nowMs)
    if (!(nowMs - (back.get(name) ?? 0) <= lateMs && missed.has(name))) missed.set(name, nowMs)
    back.delete(name)
    for (const spell of presentOn(name)) spell.toMs = nowMs
    unknown.delete(name)
    return
  }
  if (gone.delete(name)) back.set(name, nowMs)
  const silentMs = nowMs - (nodes.heardMs.get(name) ?? 0)
  const steadyMs = nowMs - (nodes.steadySinceMs.get(name) ?? nowMs)
  const given = silentMs >= graceMs - lateMs || steadyMs <= lateMs
  if (ready(node) !== 'Unknown') unknown.delete(name)
  else if (!unknown.has(name)) {
    unknown.add(name)
    assert.ok(given, `${name} is called lost after ${silentMs} ms of silence`)
  }
  const before = presentOn(name)
  const drivers = driving(node)
  const keys = drivers.map(({ key: which }) => which)
  for (const spell of before) if (!keys.includes(spell.key)) spell.toMs = nowMs
  for (const { key: which, timeAdded } of drivers) {
    if (before.some((spell) => spell.key === which)) continue
    // It counts from when it was decided on; a pass may write it a little later.
    const fromMs = timeAdded === undefined ? nowMs : Date.parse(timeAdded)
    assert.ok(nowMs - fromMs <= lateMs, `the taint ${which} of ${name} says it is from ${timeAdded}`)
    // From one kind of silence to the other costs no turn.
    if (lostKeys.includes(which) && !before.some((spell) => lostKeys.includes(spell.key))) judgeTurn(now, name, nowMs)
    spells.push({ node: name, key: which, fromMs })
  }
}

function judgeTurn(now: Snapshot, name: string, nowMs: number): void {
  const others = now.list<Node>('Node').map(({ metadata }) => metadata.name).filter((other) => other !== name)
  // One that went just now may not be missed yet.
  const believed = [...others, ...[...gone].filter(([other, sinceMs]) => other !== name && nowMs - sinceMs <= lateMs).map(([other]) => other)]
  // Who has only just begun to listen takes everybody's word that was not taken back.
  assert.ok(believed.some((other) => nowMs - Math.max(nodes.heardMs.get(other) ?? 0, nodes.startedMs) <= graceMs + lateMs), `${name} is to give up its Pods, and no other node answers either`)
  const recent = others.flatMap(presentOn).find((spell) => lostKeys.includes(spell.key) && nowMs - spell.fromMs < 9_000)
  assert.ok(!recent, `${name} and ${recent?.node} are to give up their Pods at once`)
}

function judgePod(pod: Pod, now: Snapshot, nowMs: number): void {
  const { name, uid } = pod.metadata
  const on = pod.spec.nodeName ?? ''
  if (conditionOf(pod, 'DeletionByTaintManager')) {
    judged.add(uid)
    const due = spells.some(({ node, key: which, fromMs, toMs = nowMs }) => {
      const patience = tolerates(pod, which)?.tolerationSeconds ?? (lostKeys.includes(which) ? lostSeconds : 0)
      return node === on && nowMs - toMs <= lateMs && nowMs - fromMs >= patience * 1_000 - 2_000
    })
    assert.ok(due, `${name} is driven from ${on} before its time`)
  }
  if (conditionOf(pod, 'DeletionByPodGC')) {
    judged.add(uid)
    assert.ok(nowMs - (missed.get(on) ?? 0) >= 40_000 && !(now.get('Node', undefined, on) && nowMs - (nodes.steadySinceMs.get(on) ?? nowMs) > lateMs), `${name} is removed, and ${on} may come back`)
  }
}

function settled(now: Snapshot): void {
  const there = now.list<Node>('Node')
  for (const { metadata, spec, status } of there) {
    assert.equal(ready({ status } as Node), 'True', `${metadata.name} answers`)
    assert.deepEqual((spec?.taints ?? []).map((taint) => taint.key).filter((one) => one.startsWith('node.kubernetes.io/')), spec?.unschedulable ? [key('unschedulable')] : [], metadata.name)
    assert.equal(metadata.annotations?.['node.alpha.kubernetes.io/ttl'], '0')
  }
  const pods = now.list<Pod>('Pod', 'default')
  for (const { metadata, spec } of pods) {
    assert.equal(metadata.deletionTimestamp, undefined, `${metadata.name} does not go`)
    assert.ok(!spec.nodeName || there.some((node) => node.metadata.name === spec.nodeName), `${metadata.name} stays on ${spec.nodeName}, which is gone`)
  }
  const tainted = new Set(there.filter((node) => driving(node).length > 0).map(({ metadata }) => metadata.name))
  for (const { metadata, spec } of pods) assert.ok(!tainted.has(spec.nodeName ?? ''), `${metadata.name} stays on ${spec.nodeName}, whose taint drives it away`)
  const running = pods.filter(({ status }) => status.phase === 'Running' && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
  assert.equal(running.length, now.get<ReplicaSet>('ReplicaSet', 'default', 'web')!.spec.replicas, 'all run again')
}

const some = (random: Random) => ({ kind: 'Node', name: pick(random, nodeNames)! })
const template = (patient: boolean) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...(patient ? { tolerations: [{ key: 'away', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: awaySeconds }] } : {}) } })
const comeAndGo: Deed = [0.8, async ({ user, random, now }) => {
  const ref = some(random)
  if (!now.get('Node', undefined, ref.name)) await nodes.join(ref.name)
  else if (now.list('Node').length > 2) await user.delete(ref)
}]
const taint: Deed = [0.4, async ({ user, random, now }) => {
  const ref = some(random)
  const node = now.get<Node>('Node', undefined, ref.name)
  if (!node) return
  const kept = (node.spec?.taints ?? []).filter((one) => one.key !== away.key && one.key !== outOfService.key)
  await user.patch(ref, merge({ spec: { taints: [...kept, ...pick(random, [[], [away], [away], [outOfService]])!] } }))
}]
const cordon: Deed = [0.2, async ({ user, random, now }) => {
  const ref = some(random)
  if (now.get('Node', undefined, ref.name)) await user.patch(ref, merge({ spec: { unschedulable: chance(random, 0.4) } }))
}]
const remove: Deed = [0.3, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (pod) await user.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name })
}]

checkModel({
  name: 'nodes: lost, back, tainted, gone',
  controllers: ['node-lifecycle-controller', 'taint-eviction-controller', 'pod-garbage-collector-controller', 'replicaset-controller', 'ttl-controller'],
  actors: [(cluster) => (nodes = new Heartbeats(cluster))],
  nodesMayBeLost: true,
  length: 500,
  fromRest: true,
  async setup({ user, random }) {
    spells = []
    gone = new Map()
    missed = new Map()
    back = new Map()
    unknown = new Set()
    judged = new Set()
    await user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: leaseNamespace } })
    await user.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2 + below(random, 4), selector: { matchLabels: { app: 'web' } }, template: template(chance(random, 0.5)) } })
  },
  kubelet: {
    unready: 0,
    failed: 0,
    place: (_, { now, random }) => pick(random, now.list<Node>('Node').filter(spare))?.metadata.name,
  },
  deeds: {
    'a node comes or goes for good': comeAndGo,
    'taint': taint,
    cordon,
    remove,
    'all are lost': [0.05, async () => nodes.loseAll()],
    'time passes': [2, ({ random }) => nodes.wait(10_000 * below(random, 12))],
  },
  always,
  async calm({ user, now }) {
    for (const { metadata, spec } of now.list<Node>('Node')) await user.patch({ kind: 'Node', name: metadata.name }, merge({ spec: { unschedulable: null, taints: (spec?.taints ?? []).filter(({ key: one }) => one !== away.key && one !== outOfService.key) } }))
  },
  settled,
  restMs: 400_000,
})
