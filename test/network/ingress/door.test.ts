/** The door end to end in one process: routes, bodies, protocol changes, certificates, retries, and the pages of failure. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { ownController } from '../../../core/api/ingress-door.ts'
import type { KubeObject } from '../../../core/api/meta.ts'
import { silent } from '../../../core/base/log.ts'
import { Cache } from '../../../core/loop/cache.ts'
import type { Place } from '../../../core/network/ingress/backends.ts'
import { IngressDoor } from '../../../core/network/ingress/door.ts'
import { routesOf } from '../../../core/network/ingress/routes.ts'
import { openAuthority } from '../../../core/server/auth/authority.ts'

let folder: string
let backend: Server
let door: IngressDoor
let ports: { http: number; https: number; backend: number }
let dialled: Place[] = []
let refuse = new Set<string>()
const cache = new Cache()

const object = (apiVersion: string, kind: string, name: string, rest: object): KubeObject =>
  ({ apiVersion, kind, metadata: { name, ...(kind === 'IngressClass' ? {} : { namespace: 'default' }), uid: `${kind}-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...(kind === 'EndpointSlice' ? { labels: { 'kubernetes.io/service-name': name } } : {}) }, ...rest }) as unknown as KubeObject
const to = (name: string) => ({ service: { name, port: { name: 'http' } } })
const path = (value: string, name: string) => ({ pathType: 'Prefix', path: value, backend: to(name) })
const endpoint = (address: string) => ({ addresses: [address], conditions: { ready: true } })

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-door-'))
  const authority = await openAuthority({ directory: folder, names: ['app.home'], now: Date.now() })
  backend = createServer((incoming, response) => {
    if (incoming.url === '/break') return void incoming.socket.destroy()
    void text(incoming).then((body) => {
      response.setHeader('x-seen', JSON.stringify(incoming.headers))
      response.setHeader('connection', 'keep-alive')
      response.end(`${incoming.method} ${incoming.url} ${body.length}`)
    })
  })
  backend.on('upgrade', (incoming: IncomingMessage, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${incoming.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`)
    socket.on('data', (chunk) => socket.write(`echo ${String(chunk)}`))
    socket.on('end', () => socket.end())
  })
  await new Promise<void>((done) => backend.listen(0, '127.0.0.1', done))
  const port = (backend.address() as AddressInfo).port
  const service = (name: string, spec: object = {}) => object('v1', 'Service', name, { spec: { type: 'ClusterIP', selector: { app: name }, ports: [{ name: 'http', port: 80 }], ...spec } })
  const slice = (name: string, ...addresses: string[]) => object('discovery.k8s.io/v1', 'EndpointSlice', name, { addressType: 'IPv4', ports: [{ name: 'http', port, protocol: 'TCP' }], endpoints: addresses.map(endpoint) })
  cache.replace(
    [
      object('networking.k8s.io/v1', 'IngressClass', 'orrery', { spec: { controller: ownController } }),
      object('networking.k8s.io/v1', 'Ingress', 'app', {
        spec: {
          ingressClassName: 'orrery',
          tls: [{ hosts: ['app.home'], secretName: 'tls' }],
          rules: [{ host: 'app.home', http: { paths: [path('/', 'web'), path('/two', 'two'), path('/idle', 'idle'), path('/gone', 'gone'), path('/sticky', 'sticky')] } }],
        },
      }),
      object('v1', 'Secret', 'tls', { type: 'kubernetes.io/tls', data: { 'tls.crt': Buffer.from(authority.server.certificatePem).toString('base64'), 'tls.key': Buffer.from(authority.server.keyPem).toString('base64') } }),
      service('web'), slice('web', '10.0.0.1'),
      service('two'), slice('two', '10.0.0.2', '10.0.0.3'),
      service('sticky', { sessionAffinity: 'ClientIP' }), slice('sticky', '10.0.0.4', '10.0.0.5', '10.0.0.6'),
      service('idle'),
    ],
    1,
  )
  door = new IngressDoor({
    snapshot: cache,
    table: () => routesOf(cache),
    certificate: { key: authority.admin.keyPem, cert: authority.admin.certificatePem },
    log: silent,
    dial: (place) => {
      dialled.push(place)
      return refuse.has(place.address) ? Promise.reject(new Error('connection refused')) : new Promise((done) => { const socket = connect(port, '127.0.0.1', () => done(socket)) })
    },
  })
  ports = { http: await door.listen('http', '127.0.0.1', 0), https: await door.listen('https', '127.0.0.1', 0), backend: port }
})
after(async () => {
  await door.close()
  await new Promise<void>((done) => backend.close(() => done()))
  rmSync(folder, { recursive: true })
})

interface Reply { status: number; text: string; headers: IncomingMessage['headers'] }
function ask(url: string, { method = 'GET', host = 'app.home', body = '', headers = {} }: { method?: string; host?: string; body?: string; headers?: Record<string, string> } = {}): Promise<Reply> {
  dialled = []
  return new Promise((resolve, reject) => {
    const sent = request({ port: ports.http, host: '127.0.0.1', path: url, method, headers: { host, ...headers } }, (answer) => void text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, text: said, headers: answer.headers })))
    sent.on('error', reject)
    sent.end(body)
  })
}

test('requests go through with method, query, body and the client’s host; the Pod learns who asked', async () => {
  const reply = await ask('/a?b=1', { method: 'POST', body: 'x'.repeat(300_000), headers: { 'x-forwarded-for': '192.0.2.9' } })
  assert.equal(reply.text, 'POST /a?b=1 300000')
  const seen = JSON.parse(String(reply.headers['x-seen'])) as Record<string, string>
  assert.equal(seen['host'], 'app.home')
  assert.equal(seen['x-forwarded-for'], '192.0.2.9, 127.0.0.1')
  assert.equal(seen['x-forwarded-proto'], 'http')
  assert.equal(seen['connection'], 'close')
})

test('endpoints take turns; one that refuses is passed over; a sticky client stays', async () => {
  refuse = new Set()
  const turns = new Set<string>()
  for (let i = 0; i < 4; i++) await ask('/two').then(() => turns.add(dialled[0]!.address))
  assert.deepEqual([...turns].sort(), ['10.0.0.2', '10.0.0.3'])
  refuse = new Set(['10.0.0.2'])
  for (let i = 0; i < 4; i++) assert.equal((await ask('/two')).status, 200)
  refuse = new Set()
  const stuck = new Set<string>()
  for (let i = 0; i < 5; i++) await ask('/sticky').then(() => stuck.add(dialled[0]!.address))
  assert.equal(stuck.size, 1)
})

test('what is missing is said in plain words', async () => {
  const said = async (url: string, host?: string) => {
    const { status, text: page } = await ask(url, host === undefined ? {} : { host })
    return `${status} ${page.split('\n\n').slice(0, 2).join(' | ')}`
  }
  assert.equal(await said('/', 'other.home'), '404 404  No Ingress leads other.home anywhere | Hosts with an Ingress: app.home.')
  assert.equal(await said('/gone'), '503 503  app.home/gone cannot be served: Service gone does not exist | Ingress default/app leads there; namespace default has no Service of that name.')
  assert.equal(await said('/idle'), '503 503  app.home/idle cannot be served: Service idle has no Pod that is ready | Ingress default/app leads there; no Pod has the labels app=idle.')
  refuse = new Set(['10.0.0.1'])
  assert.equal(await said('/x'), '502 502  app.home/x cannot be served: no answer from 10.0.0.1:' + `${ports.backend} | Ingress default/app leads there; connection refused.`)
  refuse = new Set()
  assert.equal((await ask('/break')).status, 502)
})

test('protocol changes pass as they are', async () => {
  const socket = connect(ports.http, '127.0.0.1')
  socket.write('GET /ws HTTP/1.1\r\nHost: app.home\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  let said = ''
  await new Promise<void>((done) => {
    socket.on('data', (chunk) => {
      said += String(chunk)
      if (said.endsWith('\r\n\r\n')) socket.write('hello')
      if (said.endsWith('echo hello')) done()
    })
  })
  assert.match(said, /^HTTP\/1\.1 101 .*[\s\S]*upgrade: websocket/i)
  socket.destroy()
})

test('TLS by the name that the client asks for', async () => {
  const ca = readFileSync(join(folder, 'ca.crt'))
  const reply = await new Promise<string>((resolve, reject) => {
    requestTls({ port: ports.https, host: '127.0.0.1', servername: 'app.home', ca, path: '/s', headers: { host: 'app.home' }, agent: false }, (answer) => void text(answer).then((body) => resolve(`${body} ${(JSON.parse(String(answer.headers['x-seen'])) as Record<string, string>)['x-forwarded-proto']}`))).on('error', reject).end()
  })
  assert.equal(reply, 'GET /s 0 https')
  await assert.rejects(
    new Promise((resolve, reject) => void requestTls({ port: ports.https, host: '127.0.0.1', servername: 'else.home', ca, path: '/', agent: false }, resolve).on('error', reject).end()),
    /altnames|certificate/i,
  )
})
