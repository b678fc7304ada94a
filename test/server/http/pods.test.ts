/** exec, attach, port-forward and logs through the sockets that kubectl opens: WebSocket channels, SPDY, SPDY inside WebSocket. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer as createWeb } from 'node:http'
import { createConnection, createServer, type AddressInfo, type Server } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import WebSocket from 'ws'
import { ApiError } from '../../../core/api/status.ts'
import { controlFrame, dataFrame, flagFin, FrameReader, frameType, words } from '../../../core/server/http/spdy/frames.ts'
import { HeaderReader, HeaderWriter } from '../../../core/server/http/spdy/headers.ts'
import type { PodAccess, PodLogOptions } from '../../../core/server/pod-access.ts'
import { openDoor, system, type Door } from './door.ts'

let door: Door
let echo: Server
let lastLog: Partial<PodLogOptions> = {}
const seen = new EventEmitter()

/** A node whose every command repeats its input, and says what it was called with on stderr. */
const podAccess: PodAccess = {
  logs: (_pod, options) => {
    lastLog = options
    if (options.previous) return Promise.reject(new ApiError('BadRequest', 'previous terminated container "c" in pod "p" not found'))
    return Promise.resolve(
      (async function* () {
        yield Buffer.from('one\n')
        yield Buffer.from('two\n')
        if (options.follow) await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }))
        seen.emit('log-ended')
      })(),
    )
  },
  exec: async (_pod, { command, stdin }) => {
    if (command[0] === 'slow') await once(seen, 'start')
    if (command[0] === 'nosuch') return Promise.reject(new ApiError('InternalError', 'Internal error occurred: no such file'))
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    const input = new PassThrough()
    stderr.end(`ran ${command.join(' ')}`)
    if (stdin) input.pipe(stdout)
    else stdout.end()
    return Promise.resolve({
      stdin: input,
      stdout,
      stderr,
      resize: (columns: number, rows: number) => Promise.resolve(void seen.emit('resize', columns, rows)),
      exitCode: once(stdout, 'end').then(() => (command[0] === 'fail' ? 3 : 0)),
      close: () => seen.emit('closed'),
    })
  },
  // Its process fails after a word.
  attach: (_pod, { container }) => {
    const stdout = new PassThrough()
    stdout.end(`last words of ${container}`)
    return Promise.resolve({ stdout, resize: () => Promise.resolve(), exitCode: Promise.resolve(3), close: () => {} })
  },
  dial: (_pod, port) =>
    new Promise((resolve, reject) => {
      const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket))
      socket.on('error', reject)
    }),
}

before(async () => {
  door = await openDoor({ podAccess })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } }
  await door.registry.create(door.registry.kind('Pod'), 'default', { value: pod, duplicates: [] }, {}, system)
  const two = { ...pod, metadata: { name: 'two' }, spec: { nodeName: 'n', containers: [{ name: 'a', image: 'i' }, { name: 'b', image: 'i' }] } }
  await door.registry.create(door.registry.kind('Pod'), 'default', { value: two, duplicates: [] }, {}, system)
  const waiting = { ...pod, metadata: { name: 'waiting' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await door.registry.create(door.registry.kind('Pod'), 'default', { value: waiting, duplicates: [] }, {}, system)
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
})
after(async () => {
  echo.close()
  await door.close()
})

const pods = '/api/v1/namespaces/default/pods'
const identity = () => ({ ca: door.authority.caPem, cert: door.authority.admin.certificatePem, key: door.authority.admin.keyPem })

const webSocket = (path: string, protocols: string[]) => new WebSocket(`wss://127.0.0.1:${door.server.port}${path}`, protocols, identity())

/** All messages until the end, by channel. */
async function channels(socket: WebSocket, base64 = false): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  socket.on('message', (data: Buffer) => {
    const number = base64 ? data[0]! - 48 : data[0]!
    const text = base64 ? Buffer.from(data.toString('latin1', 1), 'base64').toString() : data.toString('utf8', 1)
    found.set(number, (found.get(number) ?? '') + text)
  })
  await once(socket, 'close')
  return found
}

const channel = (number: number, text: string) => Buffer.concat([Buffer.of(number), Buffer.from(text)])

test('exec over WebSocket v5: input, both outputs, its end, a size, success', async () => {
  const socket = webSocket(`${pods}/p/exec?command=cat&command=-u&stdin=true&stdout=true&stderr=true`, ['v5.channel.k8s.io', 'v4.channel.k8s.io'])
  const result = channels(socket)
  await once(socket, 'open')
  assert.equal(socket.protocol, 'v5.channel.k8s.io')
  const resized = once(seen, 'resize')
  socket.send(channel(4, '{"Width":80,"Height":24}'))
  assert.deepEqual(await resized, [80, 24])
  socket.send(channel(0, 'hello '))
  socket.send(channel(0, 'world'))
  socket.send(Buffer.of(255, 0))
  const streams = await result
  assert.equal(streams.get(1), 'hello world')
  assert.equal(streams.get(2), 'ran cat -u')
  assert.deepEqual(JSON.parse(streams.get(3)!), { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
})

test('a size that comes while the command is being started is not lost', async () => {
  const socket = webSocket(`${pods}/p/exec?command=slow&stdin=true&stdout=true&tty=true`, ['v5.channel.k8s.io'])
  await once(socket, 'open')
  socket.send(channel(4, '{"Width":111,"Height":33}'))
  const answered = once(socket, 'pong')
  socket.ping()
  await answered
  const resized = once(seen, 'resize')
  seen.emit('start')
  assert.deepEqual(await resized, [111, 33])
  socket.terminate()
})

test('attach ends in success, however the process ended', async () => {
  const streams = await channels(webSocket(`${pods}/p/attach?stdout=true&stderr=true`, ['v5.channel.k8s.io']))
  assert.equal(streams.get(1), 'last words of c')
  assert.equal((JSON.parse(streams.get(3)!) as { status: string }).status, 'Success')
})

test('an exit code that is not zero', async () => {
  const streams = await channels(webSocket(`${pods}/p/exec?command=fail&stdout=true&stderr=true`, ['v4.channel.k8s.io']))
  const status = JSON.parse(streams.get(3)!) as { reason: string; details: { causes: unknown[] } }
  assert.equal(status.reason, 'NonZeroExitCode')
  assert.deepEqual(status.details.causes, [{ reason: 'ExitCode', message: '3' }])
})

test('a command that cannot start, and the base64 form', async () => {
  const streams = await channels(webSocket(`${pods}/p/exec?command=nosuch&stdout=true`, ['base64.channel.k8s.io']), true)
  assert.equal(streams.get(3), 'Internal error occurred: no such file')
})

test('a client that goes away ends its command', async () => {
  const socket = webSocket(`${pods}/p/exec?command=cat&stdin=true&stdout=true`, ['v5.channel.k8s.io'])
  await once(socket, 'message')
  const closed = once(seen, 'closed')
  socket.terminate()
  await closed
})

test('refusals come as a Status before the protocol changes', async () => {
  const refused = async (path: string, protocols: string[]) => {
    const socket = webSocket(path, protocols)
    socket.on('error', () => {})
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage]
    let text = ''
    for await (const part of response) text += String(part)
    return { status: response.statusCode, message: (JSON.parse(text) as { message: string }).message }
  }
  const v5 = ['v5.channel.k8s.io']
  assert.deepEqual(await refused(`${pods}/nothere/exec?command=x&stdout=1`, v5), { status: 404, message: 'pods "nothere" not found' })
  assert.deepEqual(await refused(`${pods}/two/exec?command=x&stdout=1`, v5), { status: 400, message: 'a container name must be specified for pod two, choose one of: [a b]' })
  assert.deepEqual(await refused(`${pods}/p/exec?command=x&stdout=1&container=z`, v5), { status: 400, message: 'container z is not valid for pod p' })
  assert.deepEqual(await refused(`${pods}/waiting/exec?command=x&stdout=1`, v5), { status: 400, message: 'pod waiting does not have a host assigned' })
  assert.equal((await refused(`${pods}/p/exec?command=x&stdout=1`, ['v9.channel.k8s.io'])).status, 400)
  assert.equal((await refused(`${pods}/p/exec?stdout=1`, v5)).status, 400)
  assert.equal((await refused('/api/v1/namespaces/default/configmaps/x', v5)).status, 400)
  assert.equal((await refused('/nowhere', v5)).status, 404)
})

/** The client's half of SPDY/3.1, as small as it goes. */
class SpdyClient {
  readonly #transport: Duplex
  readonly #frames = new FrameReader()
  readonly #writer = new HeaderWriter()
  readonly #reader = new HeaderReader()
  readonly received = new Map<number, string>()
  readonly ended = new EventEmitter()
  #next = 1

  constructor(transport: Duplex) {
    this.#transport = transport
    transport.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
        if (frame.type === frameType.synReply) void this.#reader.read(frame.payload.subarray(4))
        if (frame.type !== undefined) continue
        this.received.set(frame.streamId, (this.received.get(frame.streamId) ?? '') + frame.payload.toString())
        if ((frame.flags & flagFin) !== 0) this.ended.emit(String(frame.streamId))
      }
    })
  }

  async open(headers: Record<string, string>): Promise<number> {
    const id = this.#next
    this.#next += 2
    const block = await this.#writer.write(headers)
    this.#transport.write(controlFrame(frameType.synStream, 0, Buffer.concat([words(id, 0), Buffer.of(0, 0), block])))
    return id
  }

  send(id: number, text: string, fin = false): void {
    this.#transport.write(dataFrame(id, fin ? flagFin : 0, Buffer.from(text)))
  }
}

async function spdy(path: string, protocol: string): Promise<TLSSocket> {
  const socket = tlsConnect({ port: door.server.port, host: '127.0.0.1', ...identity(), ALPNProtocols: ['http/1.1'] })
  await once(socket, 'secureConnect')
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\nContent-Length: 0\r\n\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 Switching Protocols\r\n[^]*\r\n\r\n$/)
  return socket
}

test('exec over SPDY', async () => {
  const socket = await spdy(`${pods}/p/exec?command=cat&stdin=true&stdout=true&stderr=true`, 'v4.channel.k8s.io')
  const client = new SpdyClient(socket)
  const error = await client.open({ streamtype: 'error' })
  const stdin = await client.open({ streamtype: 'stdin' })
  const stdout = await client.open({ streamtype: 'stdout' })
  const stderr = await client.open({ streamtype: 'stderr' })
  const done = Promise.all([error, stdout, stderr].map((id) => once(client.ended, String(id))))
  client.send(stdin, 'hello', true)
  await done
  assert.equal(client.received.get(stdout), 'hello')
  assert.equal(client.received.get(stderr), 'ran cat')
  assert.equal((JSON.parse(client.received.get(error)!) as { status: string }).status, 'Success')
  socket.destroy()
})

async function forwarded(client: SpdyClient): Promise<void> {
  const port = String((echo.address() as AddressInfo).port)
  for (const requestid of ['0', '1']) {
    const error = await client.open({ streamtype: 'error', port, requestid })
    client.send(error, '', true)
    const data = await client.open({ streamtype: 'data', port, requestid })
    const done = Promise.all([once(client.ended, String(data)), once(client.ended, String(error))])
    client.send(data, `to and fro ${requestid}`, true)
    await done
    assert.equal(client.received.get(data), `to and fro ${requestid}`)
    assert.equal(client.received.get(error), '')
  }
  const error = await client.open({ streamtype: 'error', port: '1', requestid: '2' })
  await client.open({ streamtype: 'data', port: '1', requestid: '2' })
  await once(client.ended, String(error))
  assert.match(client.received.get(error)!, /^error forwarding port 1 to pod p/)
}

test('port-forward over SPDY', async () => {
  const socket = await spdy(`${pods}/p/portforward`, 'portforward.k8s.io')
  await forwarded(new SpdyClient(socket))
  socket.destroy()
})

/** A byte stream in binary messages, by hand: client libraries refuse the slash in this protocol's name. */
async function tunnel(path: string): Promise<Duplex> {
  const socket = tlsConnect({ port: door.server.port, host: '127.0.0.1', ...identity(), ALPNProtocols: ['http/1.1'] })
  await once(socket, 'secureConnect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 [^]*Sec-WebSocket-Protocol: SPDY\/3\.1\+portforward\.k8s\.io\r\n/)
  let rest = Buffer.alloc(0)
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const length = chunk.length < 126 ? Buffer.of(0x80 | chunk.length) : Buffer.of(0x80 | 126, chunk.length >> 8, chunk.length & 255)
      socket.write(Buffer.concat([Buffer.of(0x82), length, Buffer.alloc(4), chunk]), done)
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const short = rest.length < 2 ? 0 : rest[1]!
      const start = short === 126 ? 4 : 2
      const size = short === 126 && rest.length >= 4 ? rest.readUInt16BE(2) : short
      if (rest.length < start || rest.length < start + size) return
      if ((rest[0]! & 15) === 2) stream.push(rest.subarray(start, start + size))
      rest = rest.subarray(start + size)
    }
  })
  return stream
}

test('port-forward over SPDY inside WebSocket', async () => {
  const stream = await tunnel(`${pods}/p/portforward`)
  await forwarded(new SpdyClient(stream))
  stream.destroy()
})

test('logs: every option, the wrong ones, and an end when the reader leaves', async () => {
  const reply = await door.request('GET', `${pods}/p/log?tailLines=5&limitBytes=100&sinceSeconds=60&timestamps=true`)
  assert.deepEqual([reply.status, reply.headers['content-type'], reply.text], [200, 'text/plain', 'one\ntwo\n'])
  assert.deepEqual([lastLog.container, lastLog.tailLines, lastLog.limitBytes, lastLog.timestamps, lastLog.follow], ['c', 5, 100, true, false])
  assert.ok(Math.abs(lastLog.sinceMs! - (Date.now() - 60_000)) < 5000)
  assert.equal((await door.request('GET', `${pods}/p/log?previous=true`)).json['message'], 'previous terminated container "c" in pod "p" not found')
  assert.equal((await door.request('GET', `${pods}/waiting/log`)).text, '')
  const ended = once(seen, 'log-ended')
  assert.deepEqual(await door.lines(`${pods}/p/log?follow=true`, (l) => l.length === 2), ['one', 'two'])
  await ended
})

test('logs over WebSocket', async () => {
  const socket = webSocket(`${pods}/p/log`, ['base64.binary.k8s.io'])
  let text = ''
  socket.on('message', (data: Buffer) => (text += Buffer.from(data.toString(), 'base64').toString()))
  await once(socket, 'close')
  assert.equal(text, 'one\ntwo\n')
})

test('proxy: to a port of a Pod and to a ready Pod behind a Service, path, query and body carried', async () => {
  const web = createWeb((request, response) => {
    const { host: _host, authorization, connection: _connection, ...headers } = request.headers
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      response.writeHead(request.method === 'POST' ? 201 : 200, { 'x-served': 'yes' })
      response.end(JSON.stringify({ method: request.method, url: request.url, body, mark: headers['x-mark'], authorization }))
    })
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const port = (web.address() as AddressInfo).port
  const { registry } = door
  const make = (kind: string, value: object) => registry.create(registry.kind(kind), 'default', { value, duplicates: [] }, {}, system)
  try {
    const pod = (await make('Pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: port }] }] } })).object
    const status = { ...pod, status: { phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }] } }
    await registry.update(registry.kind('Pod'), { namespace: 'default', name: 'web' }, { value: status, duplicates: [] }, { subresource: 'status' }, system)
    await make('Service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } })
    const none = await door.request('GET', '/api/v1/namespaces/default/services/web/proxy/')
    assert.deepEqual([none.status, none.json['message']], [503, 'no endpoints available for service "web"'])
    const endpoints = [{ addresses: ['10.0.0.9'], conditions: { ready: true }, targetRef: { kind: 'Pod', namespace: 'default', name: 'web' } }]
    await make('EndpointSlice', { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', endpoints, ports: [{ name: 'http', port }] })
    const found = await door.request('GET', `${pods}/web/proxy/a%20b/?c=d&c=e`, undefined, { 'x-mark': '1', authorization: 'Bearer mine' })
    assert.deepEqual([found.status, found.headers['x-served']], [200, 'yes'])
    assert.deepEqual(found.json, { method: 'GET', url: '/a%20b/?c=d&c=e', body: '', mark: '1' })
    for (const name of ['web', 'web:http', 'web:80', 'http:web:http']) {
      const sent = await door.request('POST', `/api/v1/namespaces/default/services/${name}/proxy/x`, { hello: 1 })
      assert.deepEqual([sent.status, sent.json['url'], sent.json['body']], [201, '/x', '{"hello":1}'], name)
    }
    const bare = await door.request('GET', `${pods}/web/proxy`)
    assert.deepEqual([bare.status, bare.headers['location']], [301, `${pods}/web/proxy/`])
    assert.equal((await door.request('GET', `${pods}/web:1/proxy/`)).json['reason'], 'ServiceUnavailable')
    assert.equal((await door.request('GET', '/api/v1/namespaces/default/services/web:99/proxy/')).status, 503)
    assert.equal((await door.request('GET', `${pods}/none/proxy/`)).status, 404)
  } finally {
    web.close()
  }
})
