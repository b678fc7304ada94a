/** Several clusters on one engine: nothing of theirs collides, and a purge takes exactly its own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { docker, noEngine, noKubectl, Orrery, root } from './harness/orrery.ts'
import { client } from './harness/small-manifests.ts'

const seed = readFileSync(join(root, 'test/e2e/manifests/seed.yaml'), 'utf8').replace('replicas: 3', 'replicas: 1')

describe('two clusters on one engine', { skip: noEngine || noKubectl }, () => {
  let first: Orrery
  let second: Orrery
  before(async () => {
    await ensureImages()
    ;[first, second] = await Promise.all([Orrery.start('--nodes', 'docker'), Orrery.start('--nodes', 'docker:2')])
    for (const cluster of [first, second]) {
      await cluster.apply(seed)
      await cluster.apply(client)
    }
  })
  after(async () => {
    await first?.purge()
    await second?.purge()
  })
  const serves = async (cluster: Orrery) => {
    await cluster.kubectl('wait', '--for=condition=Available', 'deployment/nginx-deployment', '--timeout=60s')
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s')
    assert.match(await cluster.kubectl('exec', 'client', '--', 'curl', '-sS', '--max-time', '5', 'http://nginx-service/'), /nginx/i)
  }
  const owned = (id: string) => docker('ps', '-aq', '--filter', `label=orrery.dev/cluster=${id}`).trim().split('\n').filter(Boolean)

  test('the same names live in both, each with addresses of its own', async () => {
    await serves(first)
    await serves(second)
    const address = async (cluster: Orrery) => (await cluster.json('get', 'service', 'nginx-service')).spec['clusterIP'] as string
    assert.notEqual(await address(first), await address(second))
    assert.equal((await second.json<{ items: unknown[] }>('get', 'nodes')).items.length, 2)
  })

  test('purging one leaves nothing of it and everything of the other', async () => {
    const gone = first.clusterId()
    const kept = owned(second.clusterId()).sort()
    assert.ok(owned(gone).length > 0)
    await first.purge()
    assert.deepEqual(owned(gone), [])
    assert.equal(docker('network', 'ls', '-q', '--filter', `name=orrery-${gone}`).trim(), '')
    assert.equal(docker('volume', 'ls', '-q', '--filter', `label=orrery.dev/cluster=${gone}`).trim(), '')
    if (process.getuid?.() === 0 && spawnSync('nft', ['--version']).status === 0) {
      const tables = spawnSync('nft', ['list', 'ruleset'], { encoding: 'utf8' }).stdout
      assert.ok(!tables.includes(`orrery-${gone}`), 'a rule of the purged cluster is left')
      assert.ok(tables.includes(`orrery-${second.clusterId()}`))
    }
    assert.deepEqual(owned(second.clusterId()).sort(), kept)
    await serves(second)
  })
})
