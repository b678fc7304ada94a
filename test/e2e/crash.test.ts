/** Nothing acknowledged is lost and nothing healthy is restarted: kill -9 in mid-update, the disk full, Docker gone and back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { docker, eventually, isReady, noEngine, noKubectl, Orrery } from './harness/orrery.ts'
import { web } from './harness/small-manifests.ts'

const running = (orrery: Orrery) => docker('ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}', '--filter', `label=orrery.dev/cluster=${orrery.clusterId()}`).trim().split('\n').filter(Boolean)

describe('kill -9 in the middle of an update', { skip: noEngine || noKubectl }, () => {
  let orrery: Orrery
  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker')
  })
  after(async () => {
    await orrery?.purge()
  })

  test('it goes on after the restart; no acknowledged write is lost; no healthy container is touched', async () => {
    await orrery.apply(web(3))
    await orrery.apply('{apiVersion: v1, kind: Pod, metadata: {name: bystander}, spec: {containers: [{name: nginx, image: "nginx:1.25"}]}}')
    await orrery.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s')
    await orrery.kubectl('wait', '--for=condition=Ready', 'pod/bystander', '--timeout=60s')
    const bystander = await orrery.json('get', 'pod', 'bystander')
    const id = String(bystander.status['containerStatuses'][0].containerID).replace('docker://', '')
    const startedAt = docker('inspect', '--format', '{{.State.StartedAt}}', id)

    await orrery.kubectl('set', 'image', 'deployment/web', 'nginx=nginx:1.26')
    // Acknowledged writes up to the very end.
    let acknowledged = 0
    const writer = (async () => {
      for (let i = 1; ; i++) {
        const result = await orrery.run('kubectl', ['create', 'configmap', `written-${i}`])
        if (result.code !== 0) return
        acknowledged = i
      }
    })()
    await new Promise((resolve) => setTimeout(resolve, 900))
    await orrery.stop('SIGKILL')
    await writer
    assert.ok(acknowledged > 0)

    await orrery.start()
    const kept = (await orrery.json<{ items: { metadata: { name: string } }[] }>('get', 'configmaps')).items.map((item) => item.metadata.name)
    for (let i = 1; i <= acknowledged; i++) assert.ok(kept.includes(`written-${i}`), `written-${i} was acknowledged and is gone`)
    await orrery.kubectl('rollout', 'status', 'deployment/web', '--timeout=90s')
    const pods = await orrery.pods('app=web')
    assert.ok(pods.filter((pod) => pod.metadata.deletionTimestamp === undefined).every((pod) => pod.spec['containers'][0].image === 'nginx:1.26'))
    const after = await orrery.json('get', 'pod', 'bystander')
    assert.equal(after.metadata.uid, bystander.metadata.uid)
    assert.equal(after.status['containerStatuses'][0].restartCount, 0)
    assert.equal(docker('inspect', '--format', '{{.State.StartedAt}}', id), startedAt)
  })

  test('a clean stop takes less than 2 s, leaves the Pods running, and they are adopted', async () => {
    // What the update before left behind must be gone: three Pods and a bystander of two containers each, the node, the helper.
    await eventually('the update to leave nothing behind', async () => (await orrery.pods('app=web')).length === 3 && running(orrery).length === 10)
    const before = running(orrery)
    const { code, ms } = await orrery.stop()
    assert.equal(code, 0)
    assert.ok(ms < 2_000, `took ${ms.toFixed(0)} ms`)
    assert.deepEqual(running(orrery).sort(), before.sort())
    await orrery.start()
    await eventually('ready again', async () => (await orrery.pods('app=web')).filter(isReady).length === 3)
    const untouched = new Set(running(orrery))
    const helpers = (line: string) => /helper/.test(line)
    assert.deepEqual(before.filter((line) => !helpers(line) && !untouched.has(line)), [])
  })
})

describe('the disk full', { skip: process.getuid?.() === 0 && process.platform === 'linux' ? noKubectl : 'only root on Linux can mount a small disk' }, () => {
  test('writes are refused with a clear reason, reads go on, and writing comes back by itself', async () => {
    const home = mkdtempSync(join(tmpdir(), 'orrery-small-disk-'))
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', home]).status, 0)
    const orrery = new Orrery(['--nodes', 'simulated:1'], home)
    try {
      await orrery.start()
      await orrery.kubectl('create', 'configmap', 'before')
      const ballast = join(home, 'ballast')
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' })
      assert.ok(statSync(ballast).size > 0)
      const refused = await eventually('a refused write', async () => {
        const result = await orrery.run('kubectl', ['create', 'configmap', `full-${Math.random().toString(36).slice(2, 8)}`, `--from-literal=x=${'y'.repeat(20_000)}`])
        return result.code !== 0 && result
      })
      assert.match(refused.stderr, /disk|space|full/i)
      assert.match(await orrery.kubectl('get', 'configmap', 'before'), /before/)
      rmSync(ballast)
      await eventually('writing works again', async () => (await orrery.run('kubectl', ['create', 'configmap', 'afterwards'])).code === 0)
      writeFileSync(join(home, 'probe'), '')
    } finally {
      await orrery.stop()
      spawnSync('umount', ['-l', home])
      rmSync(home, { recursive: true, force: true })
    }
  })
})
