/**
 * The scheduler itself, with crashes, refused writes and a snapshot that lags: what it promises holds when it decides, no
 * machine is ever promised twice, nobody is put out for nothing, and in the end all that fits runs, the important first.
 */
import assert from 'node:assert/strict'
import type { NewObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { Node, Pod } from '../../core/api/types/core.ts'
import type { PodDisruptionBudget } from '../../core/api/types/policy.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed, type Model, type ModelContext } from './model.ts'
import { against, againstOrPromised, asItIs, isOver, podsOf, priorityOf, without, type View } from './placing.ts'
import { below, chance, pick, type Random } from './random.ts'
import { schedulerActor } from './scheduler-actor.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const classes = { low: 1, middle: 10, high: 100, polite: 100 } as const
const apps = ['a', 'b', 'kept']
const hostname = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'
const podRef = ({ metadata }: Pod) => ({ kind: 'Pod', namespace: 'default', name: metadata.name })
const nodeRef = (random: Random) => ({ kind: 'Node', name: `n${1 + below(random, 4)}` })
const nodesOf = ({ snapshot }: View) => snapshot.list<Node>('Node').map(({ metadata }) => metadata.name)

let names = 0
const podOf = (random: Random, spec: object = {}, priorities: readonly string[] = Object.keys(classes)): NewObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `p${++names}`, namespace: 'default', labels: { app: pick(random, apps)! } },
  spec: {
    priorityClassName: pick(random, priorities)!,
    terminationGracePeriodSeconds: 30,
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: `${500 * (1 + below(random, 5))}m` } } }],
    ...spec,
  },
})

/** The Pods that a budget which allows nothing looks after. */
const isKept = (pod: Pod, { snapshot }: View) => snapshot.list<PodDisruptionBudget>('PodDisruptionBudget', 'default').some(({ spec }) => spec.selector?.matchLabels?.['app'] === pod.metadata.labels?.['app'])
const lowerOn = (pod: Pod, node: string, view: View) => podsOf(view, node).filter((other) => priorityOf(other) < priorityOf(pod))
const mayPreempt = ({ spec }: Pod) => spec.preemptionPolicy !== 'Never'

const actors = [schedulerActor({
  onBind: (pod, node, view) => assert.equal(against(pod, node, view), undefined, `${pod.metadata.name} goes to ${node}`),
  onPreempt(preemptor, victims, node, view) {
    const { name } = preemptor.metadata
    assert.ok(mayPreempt(preemptor), `${name} may put nobody out`)
    for (const victim of victims) assert.ok(priorityOf(victim) < priorityOf(preemptor), `${name} puts ${victim.metadata.name} out, which is not less important`)
    for (const victim of victims) {
      const spared = without(view, victims.filter((other) => other !== victim))
      assert.notEqual(againstOrPromised(preemptor, node, spared), undefined, `${name} puts ${victim.metadata.name} out, and would fit beside it`)
    }
    const kept = victims.find((victim) => isKept(victim, view))
    if (!kept) return
    for (const other of nodesOf(view)) {
      const free = lowerOn(preemptor, other, view).filter((pod) => !isKept(pod, view))
      if (free.length > 0) assert.notEqual(againstOrPromised(preemptor, other, without(view, free)), undefined, `${kept.metadata.name} is put out against its budget, and ${other} has room for ${name} without that`)
    }
  },
  onWait(pod, view) {
    if (pod.spec.schedulingGates?.length) return
    for (const node of nodesOf(view)) assert.notEqual(againstOrPromised(pod, node, view), undefined, `${pod.metadata.name} waits for a change, and fits ${node} as it is`)
  },
})]

/** Over-commitment is looked for in what is true, not in what the scheduler knew. */
const before = new Map<string, string>()
function always(now: Snapshot, wrote: { kind: string; name: string; namespace?: string }): void {
  if (wrote.kind !== 'Pod') return
  const pod = now.get<Pod>('Pod', 'default', wrote.name)
  if (!pod?.spec.nodeName || before.has(pod.metadata.uid)) return
  before.set(pod.metadata.uid, pod.spec.nodeName)
  const said = against(pod, pod.spec.nodeName, asItIs(now))
  assert.ok(said === undefined || !/CPU|more than/.test(said), `${pod.metadata.name} on ${pod.spec.nodeName}: ${said}`)
}

function settled(now: Snapshot): void {
  const view = asItIs(now)
  for (const pod of now.list<Pod>('Pod', 'default')) {
    if (pod.spec.nodeName || isOver(pod) || pod.spec.schedulingGates?.length) continue
    const condition = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
    assert.equal(condition?.reason, 'Unschedulable', `${pod.metadata.name} is told why it waits`)
    assert.equal(pod.status.nominatedNodeName, undefined, `${pod.metadata.name} is promised a node for ever`)
    for (const node of nodesOf(view)) {
      assert.notEqual(against(pod, node, view), undefined, `${pod.metadata.name} fits ${node}, and waits: ${condition?.message}`)
      const lower = mayPreempt(pod) ? lowerOn(pod, node, view) : []
      if (lower.length > 0) assert.notEqual(against(pod, node, without(view, lower)), undefined, `${pod.metadata.name} waits, and on ${node} run less important ones: ${condition?.message}`)
    }
  }
}

async function setup({ user }: ModelContext): Promise<void> {
  names = 0
  before.clear()
  for (const [name, value] of Object.entries(classes)) await user.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...(name === 'polite' ? { preemptionPolicy: 'Never' } : {}) })
  for (const [i, where] of ['east', 'east', 'west', 'west'].entries()) await user.patch({ kind: 'Node', name: `n${i + 1}` }, merge({ metadata: { labels: { [zone]: where } } }))
}

const remove: Deed = [0.7, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (pod) await user.delete(podRef(pod), { gracePeriodSeconds: below(random, 2) * 30 })
}]
const cordon: Deed = [0.4, ({ user, random }) => user.patch(nodeRef(random), merge({ spec: { unschedulable: chance(random, 0.4) } }))]
const taint: Deed = [0.3, ({ user, random }) => user.patch(nodeRef(random), merge({ spec: { taints: chance(random, 0.4) ? [{ key: 'away', effect: 'NoSchedule' }] : null } }))]
const relabel: Deed = [0.3, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (pod) await user.patch(podRef(pod), merge({ metadata: { labels: { app: pick(random, apps) } } }))
}]
const common: Pick<Model, 'kubelet' | 'controllers' | 'actors' | 'always' | 'settled' | 'restMs'> = {
  controllers: ['pod-garbage-collector-controller'],
  actors,
  kubelet: { place: () => undefined, unready: 0, failed: 0.02 },
  always,
  settled,
  // Twice the five minutes after which everything is tried again: what Pods are told is of the end, too.
  restMs: 700_000,
}

checkModel({
  name: 'scheduler: room, priorities, preemption',
  ...common,
  async setup(context) {
    await setup(context)
    await context.user.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'kept', namespace: 'default' }, spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'kept' } } } })
  },
  deeds: { 'new Pod': [2.5, ({ user, random }) => user.create(podOf(random))], remove, cordon, taint },
})

const term = (random: Random) => ({ topologyKey: pick(random, [hostname, zone])!, labelSelector: { matchLabels: { app: pick(random, apps)! } } })
const company = (random: Random): object => {
  const required = (how: 'podAffinity' | 'podAntiAffinity') => ({ affinity: { [how]: { requiredDuringSchedulingIgnoredDuringExecution: [term(random)] } } })
  const which = below(random, 5)
  if (which === 0) return required('podAffinity')
  if (which === 1) return required('podAntiAffinity')
  if (which === 2) return { topologySpreadConstraints: [{ ...term(random), maxSkew: 1 + below(random, 2), whenUnsatisfiable: 'DoNotSchedule' }] }
  if (which === 3) return { nodeSelector: { [zone]: pick(random, ['east', 'west'])! } }
  return {}
}
const gate: Deed = [0.5, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default').filter(({ spec }) => (spec.schedulingGates?.length ?? 0) > 0))
  // Somebody may have deleted it meanwhile.
  if (pod) await user.patch(podRef(pod), merge({ spec: { schedulingGates: null } })).catch((error: unknown) => assert.ok(error instanceof ApiError, String(error)))
}]

checkModel({
  name: 'scheduler: company, spread, gates',
  ...common,
  setup,
  deeds: {
    'new Pod': [2.5, ({ user, random }) => user.create(podOf(random, { ...company(random), ...(chance(random, 0.1) ? { schedulingGates: [{ name: 'example.com/wait' }] } : {}) }, ['middle']))],
    remove, cordon, taint, relabel, gate,
  },
  calm: async ({ user, now }) => {
    for (const pod of now.list<Pod>('Pod', 'default')) if (pod.spec.schedulingGates?.length && !pod.metadata.deletionTimestamp) await user.patch(podRef(pod), merge({ spec: { schedulingGates: null } }))
  },
})

checkModel({
  name: 'scheduler: company and preemption',
  ...common,
  setup,
  deeds: { 'new Pod': [2.5, ({ user, random }) => user.create(podOf(random, company(random)))], remove, cordon },
})
