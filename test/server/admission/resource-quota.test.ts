/** Quotas: never exceeded, whatever comes at once or fails; messages and scopes as upstream's; the status follows. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import { caller, namespace, openRegistry, type Opened } from '../registry/open-registry.ts'

type Fields = Record<string, unknown>

const quota = (name: string, hard: Record<string, string>, spec: Fields = {}) => ({ kind: 'ResourceQuota', metadata: { name, namespace }, spec: { hard, ...spec } })
const pod = (name: string, spec: Fields = {}, resources?: Fields) => ({
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }], ...spec },
})
const service = (name: string, type: string, ports = 1) => ({ kind: 'Service', metadata: { name, namespace }, spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i })) } })

const statusOf = async ({ get }: Opened, name: string) => ((await get('ResourceQuota', name)).object as unknown as { status: { hard?: Fields; used?: Fields } }).status
const refusal = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof ApiError)
    assert.equal(error.reason, 'Forbidden')
    return error.message
  }
  assert.fail('nothing was refused')
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const podCount = async ({ registry }: Opened) => (await registry.list(registry.kind('Pod'), { namespace })).items.length

describe('ResourceQuota admission', () => {
  it('lets exactly as many through as there is room for, of a hundred at once', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { pods: '10' }))
    const answers = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => opened.create(pod(`p-${i}`))))
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 10)
    assert.equal(await podCount(opened), 10)
    assert.deepEqual(await statusOf(opened, 'q'), { hard: { pods: '10' }, used: { pods: '10' } })
    assert.equal(await refusal(opened.create(pod('more'))), 'pods "more" is forbidden: exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10')
  })

  it('gives back what was deleted, and what was never stored', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { pods: '2' }))
    await opened.create(pod('a'))
    for (let i = 0; i < 5; i++) await assert.rejects(opened.create(pod('a')), /already exists/)
    await opened.create(pod('b'), { dryRun: true })
    await opened.create(pod('b'))
    assert.match(await refusal(opened.create(pod('c'), { dryRun: true })), /exceeded quota/)
    const { registry } = opened
    await registry.delete(registry.kind('Pod'), { namespace, name: 'a' }, {}, caller)
    await opened.create(pod('c'))
    assert.equal(await podCount(opened), 2)
  })

  it('counts claims of devices by class, of alternatives the most, as the real server', async () => {
    const opened = await openRegistry()
    const [gpu, other] = ['gpu.deviceclass.resource.k8s.io/devices', 'other.deviceclass.resource.k8s.io/devices']
    await opened.create(quota('q', { [gpu]: '5', [other]: '5', 'count/resourceclaims.resource.k8s.io': '3' }))
    const claim = (name: string) => ({
      kind: 'ResourceClaim',
      metadata: { name, namespace },
      spec: {
        devices: {
          requests: [
            { name: 'a', exactly: { deviceClassName: 'gpu', count: 2 } },
            { name: 'b', firstAvailable: [{ name: 'x', deviceClassName: 'gpu', count: 1 }, { name: 'yy', deviceClassName: 'gpu', count: 2 }, { name: 'z', deviceClassName: 'other' }] },
          ],
        },
      },
    })
    await opened.create(claim('one'))
    assert.deepEqual((await statusOf(opened, 'q')).used, { 'count/resourceclaims.resource.k8s.io': '1', [gpu]: '4', [other]: '1' })
    assert.equal(await refusal(opened.create(claim('two'))), `resourceclaims.resource.k8s.io "two" is forbidden: exceeded quota: q, requested: ${gpu}=4, used: ${gpu}=4, limited: ${gpu}=5`)
  })

  it('writes nothing to the status for a creation that fails', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { pods: '5' }))
    await opened.create(pod('a'))
    await turn()
    const before = (await opened.get('ResourceQuota', 'q')).object.metadata.resourceVersion
    await assert.rejects(opened.create(pod('a')), /already exists/)
    await turn()
    assert.equal((await opened.get('ResourceQuota', 'q')).object.metadata.resourceVersion, before)
  })

  it('counts what was there before the quota, and follows its limits when they change', async () => {
    const opened = await openRegistry()
    await opened.create(pod('a'))
    await opened.create(quota('q', { pods: '1' }))
    assert.match(await refusal(opened.create(pod('b'))), /requested: pods=1, used: pods=1, limited: pods=1/)
    await opened.patch('ResourceQuota', 'q', { type: 'merge', body: { spec: { hard: { pods: '2', 'count/pods': '9' } } } })
    await opened.create(pod('b'))
    await turn()
    assert.deepEqual((await statusOf(opened, 'q')).used, { pods: '2', 'count/pods': '2' })
  })

  it('adds up requests and limits, and wants them said', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.example.com/gpu': '2' }))
    assert.equal(await refusal(opened.create(pod('a'))), 'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c')
    await opened.create(pod('a', {}, { requests: { cpu: '600m' }, limits: { memory: '600Mi', 'example.com/gpu': '2' } }))
    assert.equal(
      await refusal(opened.create(pod('b', {}, { requests: { cpu: '500m' }, limits: { memory: '600Mi', 'example.com/gpu': '1' } }))),
      'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=600Mi,requests.cpu=500m,requests.example.com/gpu=1, used: limits.memory=600Mi,requests.cpu=600m,requests.example.com/gpu=2, limited: limits.memory=1Gi,requests.cpu=1,requests.example.com/gpu=2',
    )
  })

  it('frees what a finished Pod used, but still counts that it is there', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { pods: '1', 'count/pods': '2' }))
    await opened.create(pod('a'))
    await opened.patch('Pod', 'a', { type: 'merge', body: { status: { phase: 'Succeeded' } } }, { subresource: 'status' })
    await opened.create(pod('b'))
    assert.match(await refusal(opened.create(pod('c'))), /count\/pods=1,pods=1, used: count\/pods=2,pods=1/)
  })

  it('looks only at what lies in its scopes', async () => {
    const opened = await openRegistry()
    await opened.create(quota('best', { pods: '1' }, { scopes: ['BestEffort'] }))
    await opened.create(quota('ends', { pods: '1' }, { scopes: ['Terminating'] }))
    await opened.create(quota('high', { pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }] } }))
    await opened.create(pod('a'))
    assert.match(await refusal(opened.create(pod('b'))), /exceeded quota: best/)
    const some = { requests: { cpu: '1m' } }
    await opened.create(pod('c', {}, some))
    await opened.create(pod('d', { activeDeadlineSeconds: 5 }, some))
    assert.match(await refusal(opened.create(pod('e', { activeDeadlineSeconds: 5 }, some))), /exceeded quota: ends/)
    await opened.create(pod('f', { priorityClassName: 'system-node-critical' }, some))
    assert.match(await refusal(opened.create(pod('g', { priorityClassName: 'system-node-critical' }, some))), /exceeded quota: high/)
    // A deadline that is set later moves the Pod into the scope.
    assert.match(await refusal(opened.patch('Pod', 'c', { type: 'merge', body: { spec: { activeDeadlineSeconds: 9 } } })), /exceeded quota: ends/)
  })

  it('counts kinds of any group, and Services by what they take', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { 'count/deployments.apps': '1', configmaps: '1', services: '3', 'services.nodeports': '2', 'services.loadbalancers': '0' }))
    await opened.create({ kind: 'ConfigMap', metadata: { name: 'a', namespace } as Fields })
    assert.match(await refusal(opened.create({ kind: 'ConfigMap', metadata: { name: 'b', namespace } as Fields })), /configmaps=1, used: configmaps=1, limited: configmaps=1/)
    await opened.create(service('a', 'NodePort'))
    await opened.create(service('b', 'ClusterIP', 2))
    assert.match(await refusal(opened.patch('Service', 'b', { type: 'merge', body: { spec: { type: 'NodePort' } } })), /requested: services.nodeports=2, used: services.nodeports=1, limited: services.nodeports=2/)
    assert.match(await refusal(opened.create(service('c', 'LoadBalancer'))), /services.loadbalancers=1/)
    await opened.patch('Service', 'a', { type: 'merge', body: { spec: { type: 'ClusterIP' } } })
    await opened.patch('Service', 'b', { type: 'merge', body: { spec: { type: 'NodePort' } } })
  })

  it('counts claims by storage class', async () => {
    const opened = await openRegistry()
    await opened.create(quota('q', { 'requests.storage': '10Gi', 'gold.storageclass.storage.k8s.io/requests.storage': '3Gi', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '5' }))
    const claim = (name: string, size: string, storageClassName: string) => ({ kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: size } } } })
    await opened.create(claim('a', '2Gi', 'gold'))
    await opened.create(claim('b', '5Gi', 'silver'))
    assert.match(await refusal(opened.create(claim('c', '2Gi', 'gold'))), /requested: gold.storageclass.storage.k8s.io\/requests.storage=2Gi, used: gold.storageclass.storage.k8s.io\/requests.storage=2Gi/)
  })
})
