/** Bad input from every side: a clear answer, nothing half-applied, the process alive. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Agent, request } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { WebSocket } from 'ws'
import { noKubectl, Orrery } from './harness/orrery.ts'
import { openCookie, WindowClient } from './harness/window-client.ts'

describe('bad input', { skip: noKubectl }, () => {
  let orrery: Orrery
  let agent: Agent
  before(async () => {
    orrery = await Orrery.start('--nodes', 'simulated:1')
    const config = parse(readFileSync(orrery.kubeconfig, 'utf8'))
    const decode = (text: string) => Buffer.from(text, 'base64')
    agent = new Agent({ ca: decode(config.clusters[0].cluster['certificate-authority-data']), cert: decode(config.users[0].user['client-certificate-data']), key: decode(config.users[0].user['client-key-data']) })
  })
  after(async () => {
    agent?.destroy()
    await orrery?.purge()
  })

  const send = (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    new Promise<{ code: number; body: string }>((resolve, reject) => {
      const call = request(orrery.api + path, { method, headers, agent }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text }))
      })
      call.on('error', reject)
      call.end(body)
    })
  const status = (answer: { body: string }) => JSON.parse(answer.body) as { kind: string; reason: string; message: string }
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const alive = async () => assert.equal((await send('GET', '/readyz')).code, 200)

  test('broken YAML', async () => {
    const result = await orrery.run('kubectl', ['apply', '-f', '-'], 'kind: Pod\n  bad: [')
    assert.notEqual(result.code, 0)
    assert.match(result.stderr, /yaml|error/i)
    await alive()
  })

  test('an unknown field is named with its path', async () => {
    const result = await orrery.run('kubectl', ['apply', '-f', '-'], '---\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: b, imagee: c}]}}')
    assert.match(result.stderr, /unknown field "spec\.containers\[0\]\.imagee"/)
  })

  test('a wrong type', async () => {
    const answer = await send('POST', '/apis/apps/v1/namespaces/default/deployments', '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"replicas":"three"}}')
    assert.equal(answer.code, 400)
    assert.match(status(answer).message, /cannot unmarshal string into Go struct field .*replicas of type int32/)
  })

  test('a name too long', async () => {
    const answer = await send('POST', configMaps, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a'.repeat(300) } }))
    assert.equal(answer.code, 422)
    assert.match(status(answer).message, /metadata\.name: Invalid value: .*must be no more than 253/)
  })

  test('a stale resourceVersion', async () => {
    await send('POST', configMaps, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"stale"}}')
    const answer = await send('PUT', `${configMaps}/stale`, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"stale","resourceVersion":"1"},"data":{"a":"b"}}')
    assert.equal(answer.code, 409)
    assert.match(status(answer).message, /the object has been modified; please apply your changes to the latest version and try again/)
  })

  test('an object of 2 MB is taken or refused clearly, one of 4 MB refused', async () => {
    const two = await send('POST', configMaps, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'two' }, data: { x: 'y'.repeat(2_000_000) } }))
    assert.equal(two.code, 422)
    assert.match(status(two).message, /Too long: may not be more than 1048576 bytes/)
    const four = await send('POST', configMaps, Buffer.alloc(4_000_000, 'x'))
    assert.equal(four.code, 413)
    await alive()
  })

  test('garbage and half a request', async () => {
    for (const body of ['{', 'null', '[]', '\u0000\u0001', '{"kind":"Pod"}', '']) {
      const answer = await send('POST', configMaps, body)
      assert.ok(answer.code >= 400 && answer.code < 500, `${JSON.stringify(body)} → ${answer.code}`)
      assert.equal(status(answer).kind, 'Status')
    }
    const { hostname, port } = new URL(orrery.api)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end('\x16\x03\x01 not a handshake'))
      socket.on('close', () => resolve())
      socket.on('error', () => resolve())
    })
    await new Promise<void>((resolve) => {
      const half = request(`${orrery.api}${configMaps}`, { method: 'POST', agent, headers: { 'content-length': '1000', 'content-type': 'application/json' } })
      half.on('error', () => resolve())
      half.write('{"apiVersion":')
      setTimeout(() => half.destroy(), 100)
    })
    await alive()
  })

  test('nobody without a certificate', async () => {
    const answer = await new Promise<number>((resolve, reject) => {
      request(`${orrery.api}/api/v1/pods`, { rejectUnauthorized: false, agent: new Agent() }, (response) => resolve(response.statusCode ?? 0)).on('error', reject).end()
    })
    assert.ok(answer === 401 || answer === 403, String(answer))
  })

  test('the window: forged cookie, foreign Origin, foreign Host, a path outside', async () => {
    const { origin, cookie } = await openCookie(orrery.ui)
    const refused = (headers: Record<string, string>) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/window`, { headers })
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
        socket.on('open', () => (socket.terminate(), resolve(101)))
        socket.on('error', () => {})
      })
    assert.equal(await refused({ origin, cookie: 'orrery-session=forged' }), 401)
    assert.equal(await refused({ origin }), 401)
    assert.equal(await refused({ origin: 'http://evil.example', cookie }), 403)
    assert.equal(await refused({ origin, cookie }), 101)
    const raw = (path: string, host: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
        let text = ''
        socket.on('data', (chunk) => (text += String(chunk)))
        socket.on('close', () => resolve(text.split('\r\n', 1)[0]!))
      })
    assert.match(await raw('/', 'evil.example'), / 421 /)
    const { host } = new URL(origin)
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd']) assert.match(await raw(path, host), / 404 /)
    assert.match(await raw('/%', host), / 400 /)
    assert.match(await raw('/', host), / 200 /)
    const wrong = await fetch(`${origin}/session`, { method: 'POST', headers: { origin }, body: '{"token":"guess"}' })
    assert.equal(wrong.status, 401)
  })

  test('frames of nonsense to the window’s socket', async () => {
    const window = await WindowClient.connect(orrery)
    await assert.rejects(window.call('get', { kind: 'Nonsense', name: 'x' }), /Nonsense|not/)
    await assert.rejects(window.call('no-such-call' as 'get', { kind: 'Pod', name: 'x' }), /unknown call/)
    const answer = await window.call('review', { yaml: 'kind: [', namespace: 'default' })
    assert.equal(answer.ok, false)
    assert.ok(answer.documents[0]!.problems[0]!.line! >= 1)
    window.close()
    await alive()
  })
})
