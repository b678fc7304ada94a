/** Load, budgets and resizes as a user meets them, on simulated machines whose containers use what they declare. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, isReady, noKubectl, Orrery, type KubeJson } from './harness/orrery.ts'

const web = (name: string, replicas: number, annotations: Record<string, string> = {}) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name }, annotations }, spec: { containers: [{ name: 'c', image: 'nginx:1.25', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] } },
    },
  })
const allReady = (orrery: Orrery, name: string, count: number) =>
  eventually(`${count} Pods of ${name} ready`, async () => {
    const pods = (await orrery.pods(`app=${name}`)).filter(isReady)
    return pods.length === count && pods
  })

describe('autoscaling, budgets and resizes', { skip: noKubectl, concurrency: 3 }, () => {
  let orrery: Orrery
  before(async () => {
    orrery = await Orrery.start('--nodes', 'simulated:2')
  })
  after(() => orrery?.purge())

  test('an autoscaler brings a Deployment to what its load needs, and kubectl top shows it', async () => {
    await orrery.apply(web('busy', 1, { 'simulate.orrery.dev/shared-cpu': 'busy=300m' }))
    // The old version of the API, which every kubectl knows.
    await orrery.apply(JSON.stringify({ apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'busy' }, spec: { minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 80, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'busy' } } }))
    // 300m in all, 80m each: 3.75, so four; 75 % of the request is within the tolerance.
    const scaler = await eventually('four replicas', async () => {
      const found = await orrery.json<KubeJson>('get', 'hpa', 'busy')
      return found.status['desiredReplicas'] === 4 && found.status['currentReplicas'] === 4 && found.status['currentMetrics']?.[0]?.resource?.current.averageUtilization === 75 && found
    }, 120_000, 1_000)
    assert.ok((scaler.status['conditions'] as { type: string; status: string }[]).some(({ type, status }) => type === 'ScalingActive' && status === 'True'))
    assert.match(await orrery.kubectl('get', 'hpa', 'busy', '--no-headers'), /Deployment\/busy +cpu: 75%\/80% +1 +10 +4/)
    assert.match(await orrery.kubectl('describe', 'hpa', 'busy'), /SuccessfulRescale.*New size: 4; reason: cpu resource utilization \(percentage of request\) above target/)
    assert.match(await orrery.kubectl('top', 'pods', '-l', 'app=busy', '--no-headers'), /^busy-\S+ +75m +1Mi/)
    assert.equal((await orrery.kubectl('top', 'nodes', '--no-headers')).trim().split('\n').length, 2)
    const old = JSON.parse(await orrery.kubectl('get', '--raw', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers/busy')) as KubeJson
    assert.deepEqual([old.spec['targetCPUUtilizationPercentage'], old.status['currentCPUUtilizationPercentage']], [80, 75])
  })

  test('an autoscaler follows what Pods tell of themselves, and others read it too', async () => {
    await orrery.apply(web('queued', 1, { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '80', 'simulate.orrery.dev/metrics': 'queue=30' }))
    const metrics = [{ type: 'Pods', pods: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '12' } } }]
    await orrery.apply(JSON.stringify({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'queued' }, spec: { maxReplicas: 3, metrics, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'queued' } } }))
    // Each tells of 30, whatever their number: as many as are allowed.
    await eventually('three replicas', async () => (await orrery.json<KubeJson>('get', 'deployment', 'queued')).spec['replicas'] === 3, 120_000, 1_000)
    await allReady(orrery, 'queued', 3)
    const read = () => orrery.kubectl('get', '--raw', '/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/queue?labelSelector=app%3Dqueued')
    await eventually('all three are read', async () => (JSON.parse(await read()) as { items: { value: string }[] }).items.map(({ value }) => value).join() === '30,30,30', 60_000, 1_000)
    assert.match(await orrery.kubectl('describe', 'hpa', 'queued'), /SuccessfulRescale.*New size: 3; reason: pods metric queue above target/)
    assert.match(await orrery.kubectl('get', '--raw', '/apis/custom.metrics.k8s.io/v1beta2'), /"name":"pods\/queue"/)
  })

  test('a drain waits for a disruption budget, Pod by Pod', async () => {
    await orrery.apply(web('spared', 3))
    await orrery.kubectl('create', 'pdb', 'spared', '--selector=app=spared', '--min-available=3')
    const [pod] = await allReady(orrery, 'spared', 3)
    const evict = () => orrery.run('kubectl', ['create', '--raw', `/api/v1/namespaces/default/pods/${pod!.metadata.name}/eviction`, '-f', '-'], JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod!.metadata.name } }))
    await eventually('the budget counts', async () => (await orrery.json<KubeJson>('get', 'pdb', 'spared')).status['currentHealthy'] === 3)
    assert.match((await evict()).stderr, /Cannot evict pod as it would violate the pod's disruption budget/)
    await orrery.kubectl('patch', 'pdb', 'spared', '--type=merge', '-p', '{"spec":{"minAvailable":2}}')
    await eventually('the eviction is granted', async () => (await evict()).code === 0)
    await allReady(orrery, 'spared', 3)
  })

  test('a running Pod is resized in place', async () => {
    await orrery.apply(web('grown', 1))
    const [pod] = await allReady(orrery, 'grown', 1)
    const { name } = pod!.metadata
    await orrery.kubectl('patch', 'pod', name, '--subresource=resize', '-p', '{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"250m"}}}]}}')
    const resized = await eventually('the resize', async () => {
      const found = await orrery.json<KubeJson>('get', 'pod', name)
      return found.status['containerStatuses'][0].resources.requests.cpu === '250m' && found
    })
    assert.deepEqual([resized.status['containerStatuses'][0].restartCount, resized.status['observedGeneration']], [0, 2])
    assert.match(await orrery.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name}`), /ResizeCompleted/)
  })
})
