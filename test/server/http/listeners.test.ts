/** Ports and addresses, a new certificate, and a stop that takes everything with it. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:http2'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { silent } from '../../../core/base/log.ts'
import { openAuthority, type Authority } from '../../../core/server/auth/authority.ts'
import { Listeners, type Connections } from '../../../core/server/http/listeners.ts'
import { openDoor } from './door.ts'

let directory: string
let authority: Authority
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orrery-listeners-'))
  authority = await openAuthority({ directory, names: [], now: Date.now() })
})
after(() => rm(directory, { recursive: true }))

const quiet: Connections = { onExchange: (exchange) => exchange.send(200, {}, 'x'), onUpgrade: (_request, socket) => socket.destroy() }

test('the next free port, unless one was asked for; several addresses share it', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const explicit = new Listeners(quiet, authority, silent)
  await assert.rejects(explicit.listen(['127.0.0.1'], port, true), { code: 'EADDRINUSE' })
  const listeners = new Listeners(quiet, authority, silent)
  await listeners.listen(['127.0.0.1', '127.0.0.2'], port, false)
  assert.ok(listeners.port > port)
  await listeners.also('127.0.0.3')
  assert.deepEqual(listeners.addresses, ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) => ({ host, port: listeners.port })))
  await listeners.close(100)
  await explicit.close(100)
  taken.close()
})

test('a renewed certificate serves new connections', async () => {
  const listeners = new Listeners(quiet, authority, silent)
  await listeners.listen(['127.0.0.1'], 0, true)
  const names = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const socket = tlsConnect({ port: listeners.port, host: '127.0.0.1', ca: authority.caPem, checkServerIdentity: () => undefined }, () => {
        resolve(socket.getPeerCertificate().subjectaltname)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  assert.doesNotMatch((await names())!, /172\.30\.0\.1/)
  listeners.renew(await openAuthority({ directory, names: ['172.30.0.1'], now: Date.now() }))
  assert.match((await names())!, /172\.30\.0\.1/)
  await listeners.close(100)
})

test('a stop ends watches cleanly and closes every connection', async () => {
  const door = await openDoor()
  const session = connect(door.server.url, { ca: door.authority.caPem, cert: door.authority.admin.certificatePem, key: door.authority.admin.keyPem })
  session.on('error', () => {})
  const watch = session.request({ ':path': '/api/v1/pods?watch=1' }, { endStream: true })
  watch.on('error', () => {})
  await new Promise((resolve) => watch.on('response', resolve))
  const ended = new Promise((resolve) => watch.on('end', resolve))
  const closed = new Promise((resolve) => session.on('close', resolve))
  watch.resume()
  await door.close()
  await Promise.all([ended, closed])
})

test('the same large list is packed once, until something changes', async () => {
  const door = await openDoor()
  const path = '/api/v1/namespaces/default/configmaps'
  for (let i = 0; i < 4; i++) await door.request('POST', path, { metadata: { name: `c-${i}` }, data: { a: 'x'.repeat(50_000) } })
  const packed = () =>
    new Promise<string>((resolve) => {
      const stream = door.session.request({ ':path': path, 'accept-encoding': 'gzip' }, { endStream: true })
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => resolve(Buffer.concat(parts).toString('base64')))
    })
  const first = await packed()
  assert.equal(await packed(), first)
  await door.request('POST', path, { metadata: { name: 'one-more' } })
  assert.notEqual(await packed(), first)
  await door.close()
})
