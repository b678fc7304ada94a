/** A service account's token at the door: over HTTP/2 without a client certificate, and the key by which others verify it. */
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { connect, type ClientHttp2Session } from 'node:http2'
import { after, before, test } from 'node:test'
import { newTokenKey, TokenKey } from '../../../core/server/auth/json-web-token.ts'
import { openDoor, send, type Door } from './door.ts'

let door: Door
let nobody: ClientHttp2Session
let token = ''
before(async () => {
  door = await openDoor({ tokenKey: new TokenKey(await newTokenKey()) })
  nobody = connect(door.server.url, { ca: door.authority.caPem })
  await door.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } })
  const made = await door.request('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { kind: 'TokenRequest', spec: { expirationSeconds: 600 } })
  assert.equal(made.status, 201)
  token = (made.json['status'] as { token: string }).token
})
after(async () => {
  nobody.destroy()
  await door.close()
})

const ask = (path: string, authorization?: string, body?: unknown) => send(nobody, body === undefined ? 'GET' : 'POST', path, body, authorization === undefined ? {} : { authorization })

test('who it is', async () => {
  const { json } = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', `Bearer ${token}`, { kind: 'SelfSubjectReview' })
  const { username, groups } = (json['status'] as { userInfo: { username: string; groups: string[] } }).userInfo
  assert.equal(username, 'system:serviceaccount:default:robot')
  assert.deepEqual(groups, ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'])
})

test('what is no token of ours is nobody’s', async () => {
  for (const bad of [undefined, 'Bearer', 'Bearer x', `Basic ${token}`, `Bearer ${token.slice(0, -4)}`, `Bearer ${token} more x`.replace(' more x', 'x')]) {
    assert.equal((await ask('/api/v1/namespaces/default/serviceaccounts', bad)).status, 401, String(bad))
  }
  assert.equal((await ask('/api/v1/namespaces/default/serviceaccounts', `bearer ${token}`)).status, 200)
})

test('others verify it by the published key', async () => {
  const found = await ask('/.well-known/openid-configuration', `Bearer ${token}`)
  assert.deepEqual([found.json['issuer'], found.json['jwks_uri']], ['https://kubernetes.default.svc.cluster.local', 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks'])
  const { json, headers } = await ask('/openid/v1/jwks', `Bearer ${token}`)
  assert.equal(headers['content-type'], 'application/jwk-set+json')
  const [header = '', claims = '', signature = ''] = token.split('.')
  const key = (json['keys'] as (JsonWebKey & { kid: string })[])[0]!
  assert.equal((JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid, key.kid)
  assert.ok(verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')))
  assert.equal((await ask('/openid/v1/jwks')).status, 401)
})

test('an account that is gone is believed no more', async () => {
  await door.request('DELETE', '/api/v1/namespaces/default/serviceaccounts/robot')
  assert.equal((await ask('/api/v1/namespaces/default/serviceaccounts', `Bearer ${token}`)).status, 401)
})
