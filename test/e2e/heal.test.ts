/** What breaks heals, in the same Pod where it can, and the journal says why. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { docker, eventually, isReady, noEngine, noKubectl, Orrery, type KubeJson } from './harness/orrery.ts'
import { web } from './harness/small-manifests.ts'
import { WindowClient } from './harness/window-client.ts'
describe('healing', { skip: noEngine || noKubectl }, () => {
  let orrery: Orrery
  let window: WindowClient

  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker')
    window = await WindowClient.connect(orrery)
    await orrery.apply(web(2))
    await orrery.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s')
  })
  after(async () => {
    window?.close()
    await orrery?.purge()
  })

  const readyPods = () => eventually('2 ready Pods', async () => {
    const pods = await orrery.pods('app=web')
    return pods.length === 2 && pods.every(isReady) && pods
  }, 60_000)
  const containerOf = (pod: KubeJson) => String(pod.status['containerStatuses'][0].containerID).replace('docker://', '')
  const told = (pattern: RegExp) => eventually(`the feed to say ${pattern}`, async () => {
    const entries = await window.call('journal', { limit: 200 })
    return entries.find((entry) => pattern.test(`${entry.say} ${entry.why}`))
  })

  test('a killed container is started again in the same Pod', async () => {
    const [pod] = await readyPods()
    docker('kill', containerOf(pod!))
    const healed = await eventually('the restart', async () => {
      const seen = await orrery.json('get', 'pod', pod!.metadata.name)
      return seen.status['containerStatuses'][0].restartCount === 1 && isReady(seen) && seen
    }, 60_000)
    assert.equal(healed.metadata.uid, pod!.metadata.uid)
    assert.equal(healed.status['podIP'], pod!.status['podIP'])
    assert.notEqual(containerOf(healed), containerOf(pod!))
    assert.equal(healed.status['containerStatuses'][0].lastState.terminated.exitCode, 137)
    await told(/(exit|ended|killed|137|restart)/i)
  })

  test('a deleted Pod is replaced, and the replacement names its cause', async () => {
    const [pod] = await readyPods()
    await orrery.kubectl('delete', 'pod', pod!.metadata.name)
    const pods = await readyPods()
    assert.ok(!pods.some((other) => other.metadata.uid === pod!.metadata.uid))
    const entries = await window.call('journal', { limit: 200 })
    const created = entries.find((entry) => entry.verb === 'create' && entry.ref.kind === 'Pod' && pods.some((other) => other.metadata.uid === entry.ref.uid) && entry.root !== entry.revision)
    assert.ok(created, 'the replacement belongs to a story')
    const cause = entries.find((entry) => entry.revision === created.root)
    assert.match(cause?.actor ?? '', /^user:/)
  })

  test('a Pod whose pause container was removed is rebuilt', async () => {
    const [pod] = await readyPods()
    const pause = docker('inspect', '--format', '{{.HostConfig.NetworkMode}}', containerOf(pod!)).trim().replace('container:', '')
    docker('rm', '-f', pause)
    await eventually('the rebuilt Pod', async () => {
      const seen = await orrery.json('get', 'pod', pod!.metadata.name)
      return seen.metadata.uid === pod!.metadata.uid && isReady(seen) && containerOf(seen) !== containerOf(pod!) && seen
    }, 60_000)
  })
})
