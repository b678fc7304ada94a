/** DaemonSet: one Pod on every node that suits, never two without surge; updates keep what the strategy promises. */
import assert from 'node:assert/strict'
import { controllerOf, type NewObject } from '../../core/api/meta.ts'
import type { ControllerRevision, DaemonSet } from '../../core/api/types/apps.ts'
import type { Node, Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { targetNode } from '../../core/controllers/daemon-set/daemon-pod.ts'
import { eligibilityOf } from '../../core/controllers/daemon-set/eligibility.ts'
import { checkModel, type Deed } from './model.ts'
import { below, pick } from './random.ts'

const agent = { kind: 'DaemonSet', namespace: 'default', name: 'agent' }
const controllers = ['daemonset-controller', 'garbage-collector-controller']
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const podRef = (name: string) => ({ kind: 'Pod', namespace: 'default', name })

const daemonSet = (updateStrategy: unknown, more: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy, revisionHistoryLimit: 2, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'agent:0' }] } }, ...more },
})
const rolling = (maxUnavailable: number | string, maxSurge: number | string) => ({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } })

const isDone = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'
const isReady = ({ status, metadata }: Pod) => metadata.deletionTimestamp === undefined && (status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false)
const daemons = (now: Snapshot) => now.list<Pod>('Pod', 'default').filter((pod) => controllerOf(pod.metadata)?.name === 'agent' && !isDone(pod) && pod.metadata.deletionTimestamp === undefined)
const the = (now: Snapshot) => now.get<DaemonSet>('DaemonSet', 'default', 'agent')!

/** Has no node, and its own selector does not allow the one that it is for. */
function forbidden(pod: Pod, now: Snapshot): boolean {
  const { nodeName, nodeSelector = {} } = pod.spec
  const labels = now.get<Node>('Node', undefined, targetNode(pod) ?? '')?.metadata.labels ?? {}
  return nodeName === undefined && Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)
}

function settled(now: Snapshot): void {
  const ds = the(now)
  const { runs } = eligibilityOf(ds)
  const wanted = now.list<Node>('Node').filter((node) => runs(node)).map(({ metadata }) => metadata.name).sort()
  const pods = daemons(now)
  const there = pods.map((pod) => targetNode(pod) ?? '').sort()
  for (const name of wanted) assert.equal(there.filter((node) => node === name).length, 1, `one Pod on ${name}`)
  assert.equal(new Set(there).size, there.length, 'no node has two')
  const { desiredNumberScheduled, currentNumberScheduled, numberReady, numberAvailable = 0, numberMisscheduled, updatedNumberScheduled = 0, observedGeneration } = ds.status
  const n = wanted.length
  const keepsOld = ds.spec.updateStrategy?.type === 'OnDelete'
  const updated = keepsOld ? updatedNumberScheduled : n
  // As upstream, OnDelete keeps a Pod of an old template whose own selector forbids the node that the new template suits: it waits for ever.
  const running = n - pods.filter((pod) => keepsOld && wanted.includes(targetNode(pod) ?? '') && forbidden(pod, now)).length
  assert.deepEqual(
    { desiredNumberScheduled, currentNumberScheduled, numberReady, numberAvailable, numberMisscheduled, updatedNumberScheduled, observedGeneration },
    { desiredNumberScheduled: n, currentNumberScheduled: n, numberReady: running, numberAvailable: running, numberMisscheduled: there.length - n, updatedNumberScheduled: updated, observedGeneration: ds.metadata.generation },
  )
  if (ds.spec.updateStrategy?.type !== 'OnDelete') {
    for (const pod of pods) if (wanted.includes(targetNode(pod) ?? '')) assert.equal(pod.spec.containers[0]?.image, ds.spec.template.spec.containers[0]?.image, 'all are of the last template')
    assert.ok(now.list<ControllerRevision>('ControllerRevision', 'default').length <= 1 + 2 + there.length, 'old revisions are forgotten')
  }
}

const newImage: Deed = [0.7, ({ user, random }) => user.patch(agent, merge({ spec: { template: { spec: { containers: [{ name: 'agent', image: `agent:${below(random, 4)}` }] } } } }))]
const remove: Deed = [0.5, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (pod) await user.delete(podRef(pod.metadata.name), { gracePeriodSeconds: below(random, 2) * 30 })
}]
const taint: Deed = [0.5, ({ user, random }) => user.patch({ kind: 'Node', name: `n${1 + below(random, 4)}` }, merge({ spec: { taints: pick(random, [null, null, [{ key: 'away', effect: 'NoSchedule' }], [{ key: 'away', effect: 'NoExecute' }]]) } }))]
const label: Deed = [0.5, ({ user, random }) => user.patch({ kind: 'Node', name: `n${1 + below(random, 4)}` }, merge({ metadata: { labels: { disk: pick(random, ['ssd', 'hdd']) } } }))]
const select: Deed = [0.2, ({ user, random }) => user.patch(agent, merge({ spec: { template: { spec: { nodeSelector: pick(random, [null, { disk: 'ssd' }]) } } } }))]
const strategy: Deed = [0.5, ({ user, random }) => user.patch(agent, merge({ spec: { updateStrategy: pick(random, [rolling(1, 0), rolling(0, 1), { type: 'OnDelete', rollingUpdate: null }]) } }))]

checkModel({
  name: 'daemonset in trouble',
  controllers,
  setup: ({ user, random }) => user.create(daemonSet(pick(random, [rolling(1, 0), rolling('50%', 0), { type: 'OnDelete' }]))),
  nodesMayBeLost: true,
  deeds: { 'new image': newImage, remove, taint, label, select },
  always(now) {
    // A Pod that is still stopping keeps its place.
    const nodes = now.list<Pod>('Pod', 'default').filter((pod) => !isDone(pod)).map(targetNode)
    assert.equal(new Set(nodes).size, nodes.length, `no node has two: ${nodes.join(' ')}`)
  },
  settled,
})

checkModel({
  name: 'daemonset follows its nodes',
  controllers,
  fromRest: true,
  length: 120,
  setup: ({ user }) => user.create(daemonSet(rolling(1, 0), { template: { metadata: { labels: { app: 'agent' } }, spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'agent', image: 'agent:0' }] } } })),
  kubelet: { unready: 0, failed: 0 },
  deeds: { taint, label },
  settled,
})

{
  let first: string[] = []
  const uids = (now: Snapshot) => daemons(now).map(({ metadata }) => metadata.uid).sort()
  const keepsAll = (name: string, updateStrategy: unknown, deeds: Record<string, Deed>) =>
    checkModel({
      name: `daemonset keeps its Pods, ${name}`,
      controllers,
      fromRest: true,
      length: 120,
      setup({ user }) {
        first = []
        return user.create(daemonSet(updateStrategy))
      },
      kubelet: { unready: 0, failed: 0 },
      deeds,
      always(now) {
        if (first.length < 4) first = uids(now)
        else assert.deepEqual(uids(now), first, 'nobody takes a Pod away')
      },
    })
  keepsAll('with OnDelete', { type: 'OnDelete' }, { 'new image': newImage, label })
  keepsAll('where new ones would not get in', rolling(1, 0), {
    taint: [1, ({ user, random }) => user.patch({ kind: 'Node', name: `n${1 + below(random, 4)}` }, merge({ spec: { taints: pick(random, [null, [{ key: 'away', effect: 'NoSchedule' }]]) } }))],
  })
}

checkModel({
  name: 'daemonset adopts more than it needs',
  controllers,
  length: 120,
  setup: ({ user }) => user.create(daemonSet(rolling(1, 0))),
  kubelet: { unready: 0, failed: 0 },
  deeds: {
    'new image': newImage,
    stray: [1, ({ user, random }) => user.create({ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'stray-', namespace: 'default', labels: { app: 'agent' } }, spec: { nodeName: `n${1 + below(random, 4)}`, containers: [{ name: 'agent', image: 'agent:0' }] } })],
  },
  settled,
})

checkModel({
  name: 'daemonset in trouble, with surge',
  controllers,
  setup: ({ user }) => user.create(daemonSet(rolling(0, 2))),
  deeds: { 'new image': newImage, remove, taint, label, select, strategy },
  always(now) {
    const nodes = daemons(now).map(targetNode)
    for (const node of new Set(nodes)) assert.ok(nodes.filter((other) => other === node).length <= 2, `${node} has more than two`)
  },
  settled,
})

for (const [maxUnavailable, maxSurge] of [[1, 0], ['50%', 0], [0, 1], [0, '50%']] as const) {
  const limit = (value: number | string) => (typeof value === 'number' ? value : 2)
  let served = false
  checkModel({
    name: `daemonset updates, maxUnavailable ${maxUnavailable}, maxSurge ${maxSurge}`,
    controllers,
    setup({ user }) {
      served = false
      return user.create(daemonSet(rolling(maxUnavailable, maxSurge)))
    },
    kubelet: { unready: 0, failed: 0 },
    // A node whose Pod serves nobody yet gets another one at once: the limits are about Pods that are known to serve.
    deeds: { 'new image': [0.7, async (context) => void (served && (await newImage[1](context)))] },
    always(now) {
      const ready = new Set(daemons(now).filter(isReady).map(targetNode)).size
      served ||= the(now)?.status.numberAvailable === 4
      assert.ok(!served || ready >= 4 - limit(maxUnavailable), `${ready} nodes are served, ${4 - limit(maxUnavailable)} are promised`)
      assert.ok(daemons(now).length <= 4 + limit(maxSurge), `${daemons(now).length} Pods, 4 + ${limit(maxSurge)} are allowed`)
    },
    settled,
  })
}
