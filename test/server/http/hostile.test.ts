/** Half requests, garbage and huge bodies: a clear answer or a closed connection, and a server that goes on. */
import assert from 'node:assert/strict'
import { request as httpsRequest } from 'node:https'
import { after, before, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { openDoor, type Door } from './door.ts'

let door: Door
before(async () => {
  door = await openDoor()
})
after(() => door.close())

const alive = async () => assert.equal((await door.request('GET', '/healthz')).text, 'ok')
const configMaps = '/api/v1/namespaces/default/configmaps'

/** Speaks HTTP/1.1 by hand and returns all that comes back. */
function raw(text: string, half = false): Promise<string> {
  const { caPem, admin } = door.authority
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ port: door.server.port, host: '127.0.0.1', ca: caPem, cert: admin.certificatePem, key: admin.keyPem, ALPNProtocols: ['http/1.1'] }, () => {
      socket.write(text)
      if (half) socket.end()
    })
    let answer = ''
    socket.on('data', (part) => (answer += part.toString('latin1')))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

test('garbage instead of HTTP is refused', async () => {
  assert.match(await raw('this is not HTTP\r\n\r\n'), /^HTTP\/1\.1 400 /)
  await alive()
})

test('half a request writes nothing', async () => {
  const body = JSON.stringify({ metadata: { name: 'half' }, data: { a: 'b' } })
  await raw(`POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length + 10}\r\n\r\n${body}`, true)
  assert.equal((await door.request('GET', `${configMaps}/half`)).status, 404)
  await alive()
})

test('a reset stream half-way through its body writes nothing', async () => {
  const stream = door.session.request({ ':method': 'POST', ':path': configMaps, 'content-type': 'application/json' })
  stream.on('error', () => {})
  stream.write('{"metadata":{"name":"reset"')
  await new Promise<void>((resolve) => {
    stream.on('close', resolve)
    setImmediate(() => stream.close(8))
  })
  assert.equal((await door.request('GET', `${configMaps}/reset`)).status, 404)
  await alive()
})

test('more than 3 MiB is too large, announced or not', async () => {
  const huge = Buffer.alloc(3 * 1024 * 1024 + 1, 120)
  for (const headers of [{ 'content-length': String(huge.length) }, {}]) {
    const reply = await door.request('POST', configMaps, huge, headers)
    assert.equal(reply.status, 413)
    assert.equal(reply.json['reason'], 'RequestEntityTooLarge')
    assert.equal(reply.json['message'], 'Request entity too large: limit is 3145728')
  }
  await alive()
})

test('an object of 2 MB is refused by its kind, with a Status', async () => {
  const reply = await door.request('POST', configMaps, { metadata: { name: 'fat' }, data: { a: 'x'.repeat(2_000_000) } })
  assert.equal(reply.status, 422)
  assert.equal((await door.request('GET', `${configMaps}/fat`)).status, 404)
})

test('paths cannot leave their place', async () => {
  for (const path of [`${configMaps}/..%2f..%2fsecrets`, `${configMaps}/%2e%2e`, '/api/v1/namespaces/a%2fb/configmaps', `${configMaps}/%00`, `${configMaps}/%zz`]) {
    const reply = await door.request('GET', path)
    assert.ok(reply.status === 404 || reply.status === 400, `${path}: ${reply.status}`)
    assert.equal(reply.json['kind'], 'Status')
  }
  await alive()
})

test('a deeply nested body does not end the process', async () => {
  const reply = await door.request('POST', configMaps, `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
  assert.ok(reply.status >= 400)
  await alive()
})

test('a YAML bomb does not end the process', async () => {
  let yaml = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n'
  for (let i = 1; i < 10; i++) yaml += `a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(',')}]\n`
  const reply = await door.request('POST', configMaps, yaml, { 'content-type': 'application/yaml' })
  assert.equal(reply.status, 400)
  await alive()
})

test('nobody without a certificate of this cluster gets in, but health and version answer', async () => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpsRequest({ host: '127.0.0.1', port: door.server.port, path, headers, ca: door.authority.caPem, agent: false }, (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      request.on('error', reject)
      request.end()
    })
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) assert.equal((await ask(path)).status, 200, path)
  for (const path of ['/api', '/apis', '/', '/metrics', '/openapi/v2', configMaps, '/nowhere']) {
    const reply = await ask(path)
    assert.equal(reply.status, 401, path)
    assert.equal((JSON.parse(reply.text) as { reason: string }).reason, 'Unauthorized')
  }
  assert.equal((await ask('/healthz', { authorization: 'Bearer forged' })).status, 401)
})

test('a certificate of another authority is refused', async () => {
  const other = await openDoor()
  try {
    const { admin } = other.authority
    const status = await new Promise((resolve, reject) => {
      const request = httpsRequest({ host: '127.0.0.1', port: door.server.port, path: '/api', ca: door.authority.caPem, cert: admin.certificatePem, key: admin.keyPem, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      request.on('error', reject)
      request.end()
    })
    assert.equal(status, 401)
  } finally {
    await other.close()
  }
})

test('impersonation: for administrators only, and it changes who asks', async () => {
  const me = await door.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }, { 'impersonate-user': 'jane', 'impersonate-group': 'dev' })
  assert.equal(me.status, 201)
  assert.deepEqual((me.json['status'] as { userInfo: unknown }).userInfo, { username: 'jane', groups: ['dev', 'system:authenticated'] })
})
