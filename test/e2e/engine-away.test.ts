/** Docker stopped and started under a running Orrery: a clear state meanwhile, and recovery without help. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { PrivateEngine } from '../engine/engine.ts'
import { ensureImages } from '../images/ensure-images.ts'
import { eventually, isReady, noEngine, noKubectl, Orrery } from './harness/orrery.ts'
import { web } from './harness/small-manifests.ts'
import { WindowClient } from './harness/window-client.ts'

const canStartEngine = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('sh', ['-c', 'command -v dockerd']).status === 0
const skip = noEngine || noKubectl || (canStartEngine ? false : 'only root on Linux with dockerd can start an engine to stop it')

describe('Docker away and back', { skip }, () => {
  test('the machine says why it is not ready; afterwards the same Pods run again', async () => {
    // The usual engine owns the default bridge and the firewall.
    const engine = await PrivateEngine.start(() => {}, ['--bridge=none', '--iptables=false'])
    const usual = process.env['DOCKER_HOST']
    process.env['DOCKER_HOST'] = engine.host
    const orrery = new Orrery(['--nodes', 'docker'])
    try {
      await ensureImages(engine.host)
      await orrery.start()
      const window = await WindowClient.connect(orrery)
      await orrery.apply(web(2))
      await orrery.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=60s')
      const before = (await orrery.pods('app=web')).map((pod) => pod.metadata.uid).sort()

      await engine.down()
      const away = await eventually('the engine to be missed', async () => {
        const status = await window.call('status', {})
        return status.engine.state === 'unreachable' && status
      })
      assert.match(away.engine.say, /engine/)
      await eventually('the node to say so', async () => {
        const node = (await orrery.json<{ items: { status: { conditions: { type: string; status: string; message: string }[] } }[] }>('get', 'nodes')).items[0]
        const ready = node?.status.conditions.find((condition) => condition.type === 'Ready')
        return ready?.status === 'False' && /engine/.test(ready.message)
      })
      // The API goes on.
      await orrery.kubectl('create', 'configmap', 'written-meanwhile')

      await engine.up()
      await eventually('the same Pods ready again', async () => {
        const pods = await orrery.pods('app=web')
        return pods.length === 2 && pods.every(isReady) && pods.map((pod) => pod.metadata.uid).sort().join() === before.join()
      }, 90_000)
      assert.equal((await window.call('status', {})).engine.state, 'ready')
      window.close()
    } finally {
      await orrery.purge()
      await engine.remove()
      if (usual === undefined) delete process.env['DOCKER_HOST']
      else process.env['DOCKER_HOST'] = usual
    }
  })
})
