/** The seed's manifests on real containers: three Pods, one Service, spread, scale, update without a lost request, undo, a typo, a Pod too big. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { eventually, isReady, noEngine, noKubectl, Orrery, root } from './harness/orrery.ts'
import { client } from './harness/small-manifests.ts'

const seed = readFileSync(join(root, 'test/e2e/manifests/seed.yaml'), 'utf8')
const skip = noEngine || noKubectl

describe('the seed', { skip }, () => {
  let orrery: Orrery

  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker')
    await orrery.apply(seed)
    await orrery.apply(client)
    await orrery.kubectl('wait', '--for=condition=Available', 'deployment/nginx-deployment', '--timeout=60s')
    await orrery.kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s')
  })
  after(async () => {
    await orrery?.purge()
  })

  const fromClient = (script: string) => orrery.run('kubectl', ['exec', 'client', '--', 'sh', '-c', script])
  const ready = async (count: number) => eventually(`${count} ready Pods`, async () => {
    const pods = await orrery.pods('app=nginx')
    return pods.length === count && pods.every(isReady) && pods
  }, 60_000)

  test('three real Pods run nginx', async () => {
    const pods = await ready(3)
    for (const pod of pods) {
      assert.equal(pod.status['phase'], 'Running')
      assert.match(pod.status['podIP'], /^\d+\.\d+\.\d+\.\d+$/)
      assert.match(pod.status['containerStatuses'][0].containerID, /^docker:\/\/[0-9a-f]{64}$/)
    }
    assert.match(await orrery.kubectl('get', 'deployment', 'nginx-deployment'), /nginx-deployment\s+3\/3\s+3\s+3/)
  })

  test('a client finds them by every name of the Service', async () => {
    for (const name of ['nginx-service', 'nginx-service.default', 'nginx-service.default.svc.cluster.local']) {
      const answer = await fromClient(`curl -sS --max-time 5 http://${name}/`)
      assert.equal(answer.code, 0, `${name}: ${answer.stderr}`)
      assert.match(answer.stdout, /nginx/i)
    }
  })

  test('requests spread over all three', async () => {
    const answer = await fromClient('for i in $(seq 60); do curl -s --max-time 5 -o /dev/null http://nginx-service/ || echo failed; done')
    assert.doesNotMatch(answer.stdout, /failed/)
    const pods = await orrery.pods('app=nginx')
    for (const pod of pods) {
      const log = await orrery.kubectl('logs', pod.metadata.name)
      const hits = log.split('\n').filter((line) => line.includes('GET / ')).length
      assert.ok(hits >= 5, `${pod.metadata.name} served ${hits} of 60`)
    }
  })

  test('scales from 3 to 5 to 1', async () => {
    await orrery.kubectl('scale', 'deployment/nginx-deployment', '--replicas=5')
    await ready(5)
    await orrery.kubectl('scale', 'deployment/nginx-deployment', '--replicas=1')
    await ready(1)
    await orrery.kubectl('scale', 'deployment/nginx-deployment', '--replicas=3')
    await ready(3)
  })

  test('a rolling update and its undo lose no request', async () => {
    await fromClient('rm -f /tmp/stop; (while [ ! -e /tmp/stop ]; do curl -s --max-time 5 -o /dev/null -w "%{http_code}\\n" http://nginx-service/; done) >/tmp/codes 2>&1 &')
    await orrery.kubectl('set', 'image', 'deployment/nginx-deployment', 'nginx=nginx:1.26')
    await orrery.kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=90s')
    const updated = await ready(3)
    assert.ok(updated.every((pod) => pod.spec['containers'][0].image === 'nginx:1.26'))
    await orrery.kubectl('rollout', 'undo', 'deployment/nginx-deployment')
    await orrery.kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=90s')
    const undone = await ready(3)
    assert.ok(undone.every((pod) => pod.spec['containers'][0].image === 'nginx:1.25'))
    const codes = (await fromClient('touch /tmp/stop; sleep 1; cat /tmp/codes')).stdout.trim().split('\n')
    assert.ok(codes.length > 100, `only ${codes.length} requests were made`)
    assert.deepEqual(codes.filter((code) => code !== '200'), [], 'requests failed')
  })

  test('a typo in the tag: the old Pods keep serving, the cause is stated', async () => {
    await orrery.kubectl('set', 'image', 'deployment/nginx-deployment', 'nginx=nginx:1.26-typo')
    const broken = await eventually('a Pod that cannot pull', async () => (await orrery.pods('app=nginx')).find((pod) => /ErrImagePull|ImagePullBackOff/.test(pod.status['containerStatuses']?.[0]?.state?.waiting?.reason ?? '')), 60_000)
    assert.match(broken.status['containerStatuses'][0].state.waiting.message, /nginx:1\.26-typo/)
    const serving = (await orrery.pods('app=nginx')).filter(isReady)
    assert.equal(serving.length, 3)
    const answer = await fromClient('curl -sS --max-time 5 -o /dev/null -w "%{http_code}" http://nginx-service/')
    assert.equal(answer.stdout, '200')
    await orrery.kubectl('rollout', 'undo', 'deployment/nginx-deployment')
    await orrery.kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=60s')
    await ready(3)
  })

  test('a Pod too big for any node says why, with numbers', async () => {
    await orrery.apply(`
apiVersion: v1
kind: Pod
metadata: {name: too-big}
spec:
  containers:
  - {name: app, image: nginx:1.25, resources: {requests: {memory: 4000Gi}}}
`)
    const pod = await eventually('the scheduler’s verdict', async () => {
      const seen = await orrery.json('get', 'pod', 'too-big')
      return (seen.status['conditions'] ?? []).some((c: { type: string; reason?: string }) => c.type === 'PodScheduled' && c.reason === 'Unschedulable') && seen
    })
    const condition = pod.status['conditions'].find((c: { type: string }) => c.type === 'PodScheduled')
    assert.match(condition.message, /^0\/1 nodes are available: 1 Insufficient memory\./)
    const events = await orrery.kubectl('events', '--for', 'pod/too-big')
    assert.match(events, /FailedScheduling/)
    await orrery.kubectl('delete', 'pod', 'too-big', '--wait=false')
  })
})
