import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silent } from '../../core/base/log.ts'
import { ServiceProxy } from '../../core/network/proxy.ts'
import { openFromOutside, closeFromOutside } from '../../core/network/docker-user.ts'
import { FakeClock } from '../loop/fake-clock.ts'
import { service, slice, worldOf } from './world.ts'

const web = service('web', { clusterIP: '10.96.0.20', ports: [{ port: 80, protocol: 'TCP' }] })
const endpoints = (name: string, address: string) => slice(name, [{ port: 80, protocol: 'TCP' }], [{ addresses: [address], conditions: { ready: true } }])
const options = () => ({ cluster: 'abc', pods: '10.64.0.0/20', services: '10.96.0.0/20', bridge: 'orr-abc', masquerade: 'hairpin' as const, own: [] })

function proxied(apply: (text: string) => Promise<void>) {
  const clock = new FakeClock(0)
  const cache = worldOf(web)
  const applied: number[] = []
  const proxy = new ServiceProxy({ cache, options, apply, clock, log: silent, applied: (revision) => applied.push(revision) })
  return { clock, cache, proxy, applied }
}

test('neighbouring changes are applied together, and equal texts not again', async () => {
  const texts: string[] = []
  const { clock, cache, proxy } = proxied(async (text) => void texts.push(text))
  await clock.run(5)
  assert.equal(texts.length, 1)
  cache.change('ADDED', endpoints('web', '10.64.0.2'))
  const revision = cache.change('ADDED', endpoints('web', '10.64.0.3'))
  const follows = proxy.follows(revision, 1_000)
  await clock.run(5)
  assert.equal(texts.length, 2)
  assert.equal(await follows, true)
  assert.ok(proxy.state.revision >= revision)
  cache.change('MODIFIED', web)
  await clock.run(5)
  assert.equal(texts.length, 2)
  const far = cache.change('ADDED', { ...web, kind: 'ConfigMap', metadata: { ...web.metadata, uid: 'cm' } })
  assert.equal(proxy.state.revision, far, 'a change that does not concern it is followed at once')
  assert.equal(proxy.state.state, 'applied')
  await proxy.close()
})

test('a failure is told and tried again, later each time, and what came meanwhile is in the next text', async () => {
  const texts: string[] = []
  let fail = true
  const { clock, cache, proxy } = proxied(async (text) => {
    if (fail) throw new Error('nft: no')
    texts.push(text)
  })
  await clock.run(5)
  assert.deepEqual([proxy.state.state, proxy.state.error], ['failing', 'nft: no'])
  const revision = cache.change('ADDED', endpoints('web', '10.64.0.2'))
  assert.equal(await Promise.race([proxy.follows(revision, 10), clock.run(10).then(() => 'late')]).then(async (first) => (first === 'late' ? false : first)), false)
  await clock.run(190)
  fail = false
  await clock.run(400)
  assert.equal(proxy.state.state, 'applied')
  assert.match(texts.at(-1)!, /10\.64\.0\.2/)
  await proxy.close()
})

test('one application at a time; changes during it are applied after it', async () => {
  let release = () => {}
  let open = 0
  const texts: string[] = []
  const { clock, cache, proxy } = proxied(async (text) => {
    assert.equal(++open, 1)
    await new Promise<void>((resolve) => { release = resolve })
    open--
    texts.push(text)
  })
  await clock.run(5)
  cache.change('ADDED', endpoints('web', '10.64.0.2'))
  await clock.run(100)
  release()
  await clock.run(0)
  await clock.run(5)
  release()
  await clock.run(0)
  assert.equal(texts.length, 2)
  await proxy.close()
})

test('the rule in DOCKER-USER is made once and taken out again', async () => {
  const rules: { handle: number; comment: string }[] = []
  const run = async (command: readonly string[]) => {
    if (command.includes('list')) return { exitCode: 0, output: JSON.stringify({ nftables: [{ metainfo: {} }, ...rules.map((rule) => ({ rule }))] }) }
    if (command.includes('insert')) rules.push({ handle: 7, comment: 'orrery-abc' })
    else rules.splice(0)
    return { exitCode: 0, output: '' }
  }
  assert.equal(await openFromOutside(run, 'abc', 'orr-abc'), true)
  assert.equal(await openFromOutside(run, 'abc', 'orr-abc'), true)
  assert.equal(rules.length, 1)
  await closeFromOutside(run, 'abc')
  assert.equal(rules.length, 0)
  assert.equal(await openFromOutside(async () => ({ exitCode: 1, output: 'Error: No such file' }), 'abc', 'x'), false)
})
