import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../../core/base/clock.ts'
import { silent } from '../../../core/base/log.ts'
import { Forwards } from '../../../core/network/ports/forwards.ts'
import { pod, service, worldOf } from '../world.ts'

/** Says its name to whoever connects. */
async function greeter(name: string) {
  const server = createServer((socket) => socket.on('error', () => {}).end(name))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { port: (server.address() as AddressInfo).port, close: () => new Promise((done) => server.close(done)) }
}
const read = (port: number) => new Promise<string>((done) => {
  let text = ''
  connect(port, '127.0.0.1').on('data', (chunk) => { text += String(chunk) }).on('close', () => done(text)).on('error', () => done('error'))
})
const ready = (name: string, port: number, more: object = {}) =>
  pod(name, { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] }, { phase: 'Running', podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] }, { labels: { app: 'web' }, ...more })

test('a forward to a Service outlives its Pods, and waits for the next one', async () => {
  const [one, two] = [await greeter('one'), await greeter('two')]
  const first = ready('one', one.port)
  const cache = worldOf(service('web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] }), first)
  const forwards = new Forwards({ cache, clock: systemClock, log: silent, dial: async (_, port) => connect(port, '127.0.0.1') })
  const ref = { kind: 'Service', namespace: 'default', name: 'web' }
  const open = await forwards.open(ref, 80)
  assert.equal(open.state, 'listening')
  assert.equal((await forwards.open(ref, 80)).port, open.port, 'opened once')
  assert.equal(await read(open.port), 'one')
  cache.change('DELETED', first)
  assert.deepEqual(forwards.list().map(({ state, say }) => [state, say]), [['no-pod', 'Service web has no Pods']])
  const waiting = read(open.port)
  cache.change('ADDED', ready('two', two.port))
  assert.equal(await waiting, 'two')
  await forwards.close(open.id)
  assert.equal(await read(open.port), 'error')
  await one.close()
  await two.close()
})

test('a forward to a Pod or a workload; what will not come by itself ends the connection at once', async () => {
  const one = await greeter('one')
  const cache = worldOf(ready('one', one.port), { ...service('web', { selector: { matchLabels: { app: 'web' } } }), kind: 'Deployment' })
  const forwards = new Forwards({ cache, clock: systemClock, log: silent, dial: async (_, port) => connect(port, '127.0.0.1') })
  for (const [kind, name, port, expected] of [['Pod', 'one', one.port, 'one'], ['Deployment', 'web', 'http', 'one'], ['Pod', 'gone', 80, ''], ['Pod', 'one', 'nope', '']] as const) {
    const open = await forwards.open({ kind, namespace: 'default', name }, port)
    assert.equal(await read(open.port), expected, `${kind} ${name}`)
  }
  await forwards.closeAll()
  assert.deepEqual(forwards.list(), [])
  await one.close()
})
