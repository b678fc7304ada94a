/** Real load scales, a full node makes room, a drain waits for a budget: on three nodes of a real engine. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { Background } from './harness/background.ts'
import { eventually, isReady, noEngine, noKubectl, Orrery, type KubeJson } from './harness/orrery.ts'

const slow = 150_000
const client = (script: string, cpu: string) => `[{name: main, image: 'orrery-test/client:1', imagePullPolicy: IfNotPresent, command: [sh, -c, '${script}'], resources: {${cpu}}}]`
const nginx = (more = '') => `[{name: nginx, image: 'nginx:1.25', imagePullPolicy: IfNotPresent, ports: [{containerPort: 80}]${more}}]`
const deployment = (name: string, replicas: number, spec: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {terminationGracePeriodSeconds: 1, ${spec}}
`
const scaler = (first: string) => `${deployment('shop', 1, `nodeSelector: {kubernetes.io/hostname: ${first}}, containers: ${nginx(', resources: {requests: {cpu: 10m}}')}`)}
---
{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {selector: {app: shop}, ports: [{port: 80}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Percent, value: 100, periodSeconds: 5}]}}
---
${deployment('shoppers', 1, `nodeSelector: {kubernetes.io/hostname: ${first}}, containers: ${client('while :; do curl -s -o /dev/null --max-time 5 "http://shop/?[1-200]"; done', 'limits: {cpu: 300m}, requests: {cpu: 10m}')}`)}
`

describe('scaling, making room and draining', { skip: noEngine || noKubectl, concurrency: 2 }, () => {
  let orrery: Orrery
  let nodes: KubeJson[]
  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker:3')
    nodes = await eventually('three nodes', async () => {
      const { items } = await orrery.json<{ items: KubeJson[] }>('get', 'nodes')
      return items.filter(isReady).length === 3 && items
    })
  })
  after(async () => {
    await orrery?.purge()
  })

  test('an autoscaler follows the load of real clients, up and down', async () => {
    await orrery.apply(scaler(nodes[0]!.metadata.name))
    const replicas = (count: number) => eventually(`${count} replicas`, async () => {
      const { status } = await orrery.json('get', 'deployment', 'shop')
      return status['replicas'] === count && status['readyReplicas'] === count
    }, slow, 500)
    await replicas(3)
    assert.match(await orrery.kubectl('describe', 'hpa', 'shop'), /SuccessfulRescale.*cpu resource utilization \(percentage of request\) above target/)
    await orrery.kubectl('delete', 'deployment', 'shoppers')
    await replicas(1)
    assert.match(await orrery.kubectl('describe', 'hpa', 'shop'), /SuccessfulRescale.*New size: 1; reason: All metrics below target/)
  })

  describe('one after the other, on the other two nodes', { concurrency: 1 }, () => {
    const pod = (name: string, node: KubeJson, priority: string, percent: number) => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: crowd}}, spec: {priorityClassName: ${priority}, nodeSelector: {kubernetes.io/hostname: ${node.metadata.name}}, terminationGracePeriodSeconds: 1, containers: ${client('exec sleep infinity', `requests: {cpu: ${share(node, percent)}}`)}}}`
    const share = (node: KubeJson, percent: number) => `${Math.floor((milli(node.status['allocatable'].cpu as string) * percent) / 100)}m`
    const milli = (cpu: string) => (cpu.endsWith('m') ? Number.parseInt(cpu, 10) : Number(cpu) * 1000)

    test('a Pod that matters more displaces exactly the fewest that matter least', async () => {
      const [, small, big] = nodes as [KubeJson, KubeJson, KubeJson]
      await orrery.kubectl('label', 'node', small.metadata.name, big.metadata.name, 'pool=crowd')
      await orrery.apply(([['idle', 5], ['low', 10], ['lower-middle', 20], ['middle', 50], ['urgent', 1000]] as const).map(([name, value]) => `{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: ${name}}, value: ${value}}`).join('\n---\n'))
      await orrery.apply([pod('idle', small, 'idle', 5), pod('low', small, 'low', 40), pod('lower-middle', small, 'lower-middle', 40), pod('middle', big, 'middle', 80)].join('\n---\n'))
      await orrery.kubectl('wait', '--for=condition=Ready', 'pod', '-l', 'app=crowd', '--timeout=120s')
      const crowd = await orrery.pods('app=crowd')

      await orrery.apply(`{apiVersion: v1, kind: Pod, metadata: {name: urgent}, spec: {priorityClassName: urgent, nodeSelector: {pool: crowd}, terminationGracePeriodSeconds: 1, containers: ${client('exec sleep infinity', `requests: {cpu: ${share(small, 50)}}`)}}}`)
      await orrery.kubectl('wait', '--for=condition=Ready', 'pod/urgent', '--timeout=120s')
      assert.equal((await orrery.json('get', 'pod', 'urgent')).spec['nodeName'], small.metadata.name)
      const left = await orrery.pods('app=crowd')
      assert.deepEqual(left.map(({ metadata }) => metadata.uid).sort(), crowd.filter(({ metadata }) => metadata.name !== 'low').map(({ metadata }) => metadata.uid).sort())
      assert.ok(left.every(isReady))
      assert.match(await orrery.kubectl('get', 'events', '--field-selector', 'involvedObject.name=low'), /Preempted +pod\/low +Preempted by pod \S+ on node/)
      await orrery.kubectl('delete', 'pod', '-l', 'app=crowd', '--wait=false')
      await orrery.kubectl('delete', 'pod', 'urgent')
    })

    test('a drain waits until the budget has one to spare, and ends', async () => {
      const [, left, right] = nodes as [KubeJson, KubeJson, KubeJson]
      const spread = 'topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: spared}}}]'
      await orrery.apply(deployment('spared', 2, `nodeSelector: {pool: crowd}, ${spread}, containers: ${nginx()}`))
      await orrery.kubectl('create', 'pdb', 'spared', '--selector=app=spared', '--min-available=2')
      const placed = async (count: number) => eventually(`${count} ready Pods`, async () => {
        const pods = (await orrery.pods('app=spared')).filter(isReady)
        return pods.length >= count && pods
      }, slow)
      assert.deepEqual((await placed(2)).map(({ spec }) => spec['nodeName'] as string).sort(), [left.metadata.name, right.metadata.name].sort())
      await eventually('the budget counts', async () => (await orrery.json('get', 'pdb', 'spared')).status['currentHealthy'] === 2)

      const drain = new Background(orrery.kubeconfig, 'kubectl', ['drain', left.metadata.name, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=150s'])
      try {
        await drain.says(/Cannot evict pod as it would violate the pod's disruption budget/, 60_000)
        assert.equal((await placed(2)).length, 2)
        await orrery.kubectl('scale', 'deployment/spared', '--replicas=3')
        await drain.says(/drained/, slow)
        assert.equal(await drain.ended, 0)
      } finally {
        await drain.stop()
      }
      const pods = await placed(3)
      assert.deepEqual([...new Set(pods.map(({ spec }) => spec['nodeName'] as string))], [right.metadata.name])
    })
  })
})
