import assert from 'node:assert/strict'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { after, before, test } from 'node:test'
import { directDialer } from '../../../core/node/probes/dial.ts'
import { runHandler, type HandlerContext } from '../../../core/node/probes/handlers.ts'
import type { Runtime } from '../../../core/node/runtime.ts'

const seen: string[] = []
const web = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers['user-agent']} ${request.headers['x-own'] ?? ''}`)
  if (request.url === '/hang') return
  response.statusCode = request.url === '/ok' ? 200 : request.url === '/moved' ? 302 : 500
  response.end('body')
})
const grpc = createHttp2()
grpc.on('stream', (stream: ServerHttp2Stream, headers) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  assert.equal(headers[':path'], '/grpc.health.v1.Health/Check')
  let asked = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => (asked = Buffer.concat([asked, chunk])))
  stream.on('end', () => stream.end(Buffer.from([0, 0, 0, 0, 2, 8, asked.includes('sick') ? 2 : 1])))
})
const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port
const listen = (server: Pick<Server, 'listen'>) => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))

before(() => Promise.all([listen(web), listen(grpc as unknown as Server)]))
after(() => {
  web.closeAllConnections()
  web.close()
  grpc.close()
})

const context = (change: Partial<HandlerContext> = {}): HandlerContext => ({
  runtime: { run: async () => ({ exitCode: 3, output: 'out', timedOut: false }) } as unknown as Runtime,
  dial: directDialer(),
  podIP: '127.0.0.1',
  sandbox: 's',
  containerId: 'c',
  container: { name: 'c', image: 'i', ports: [{ name: 'web', containerPort: port(web) }] },
  timeoutMs: 500,
  userAgent: 'kube-probe/1.36',
  ...change,
})

test('HTTP: 200 to 399 is success; named ports, headers and the agent’s name arrive', async () => {
  const ok = await runHandler({ httpGet: { path: '/ok', port: 'web', httpHeaders: [{ name: 'X-Own', value: 'v' }] } }, context())
  assert.deepEqual([ok.ok, ok.say], [true, `GET /ok on port ${port(web)} answered 200`])
  assert.equal(seen.at(-1), 'GET /ok kube-probe/1.36 v')
  assert.equal((await runHandler({ httpGet: { path: 'moved', port: 'web' } }, context())).ok, true)
  assert.equal((await runHandler({ httpGet: { path: '/bad', port: 'web' } }, context())).output, 'HTTP probe failed with statuscode: 500')
})

test('HTTP: no answer and no listener, in upstream’s words', async () => {
  const late = await runHandler({ httpGet: { path: '/hang', port: 'web' } }, context({ timeoutMs: 100 }))
  assert.equal(late.output, `Get "http://127.0.0.1:${port(web)}/hang": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
  assert.equal((await runHandler({ httpGet: { path: '/', port: 1 } }, context())).output, 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused')
})

test('TCP and commands', async () => {
  assert.equal((await runHandler({ tcpSocket: { port: port(web) } }, context())).ok, true)
  assert.equal((await runHandler({ tcpSocket: { port: 1 } }, context())).output, 'dial tcp 127.0.0.1:1: connect: connection refused')
  assert.deepEqual(await runHandler({ exec: { command: ['check'] } }, context()), { ok: false, output: 'out', say: 'check ended with exit code 3' })
})

test('gRPC health', async () => {
  assert.equal((await runHandler({ grpc: { port: port(grpc) } }, context())).ok, true)
  const sick = await runHandler({ grpc: { port: port(grpc), service: 'sick' } }, context())
  assert.deepEqual([sick.ok, sick.output], [false, 'service unhealthy (responded with "NOT_SERVING")'])
})
