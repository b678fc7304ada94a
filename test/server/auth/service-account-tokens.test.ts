/** Tokens of service accounts: what is asked for and refused, who they prove to be, and when they stop being believed. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { kindList } from '../../../core/api/kinds.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import type { TokenRequest, TokenReview } from '../../../core/api/types/authentication.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { podTokens } from '../../../core/cluster/pod-tokens.ts'
import { newTokenKey, TokenKey } from '../../../core/server/auth/json-web-token.ts'
import { secretClaims } from '../../../core/server/auth/service-account-claims.ts'
import { tokenIssuer } from '../../../core/server/auth/service-account-tokens.ts'
import { GenericRegistry } from '../../../core/server/registry/generic-registry.ts'
import { memoryStore } from '../../../core/store/memory.ts'
import { FakeClock } from '../../loop/fake-clock.ts'
import { body, caller } from '../registry/open-registry.ts'

const account = { namespace: 'default', name: 'robot' }
let key: TokenKey
before(async () => {
  key = new TokenKey(await newTokenKey())
})

async function open() {
  const clock = new FakeClock()
  const registry = new GenericRegistry({ store: memoryStore(clock), clock, facts: kubernetesFacts, kinds: kindList, tokenKey: key })
  const create = async (kind: string, name: string, rest: object = {}, namespace: string | undefined = 'default') =>
    (await registry.create(registry.kind(kind), namespace, body({ kind, metadata: { name }, ...rest }), {}, caller)).object
  const remove = (kind: string, name: string) => registry.delete(registry.kind(kind), { namespace: 'default', name }, { gracePeriodSeconds: 0 }, caller)
  await registry.create(registry.kind('Namespace'), undefined, body({ kind: 'Namespace', metadata: { name: 'default' } }), {}, caller)
  const robot = await create('ServiceAccount', 'robot')
  await create('ServiceAccount', 'default')
  const request = async (spec: object = {}, metadata: object = {}) => (await registry.requestToken(account, body({ kind: 'TokenRequest', metadata, spec }))) as TokenRequest
  const review = async (token: string, audiences?: string[]) => (await registry.create(registry.kind('TokenReview'), undefined, body({ kind: 'TokenReview', spec: { token, ...(audiences ? { audiences } : {}) } }), {}, caller)).object as unknown as TokenReview
  return { clock, registry, create, remove, robot, request, review }
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
const pod = { spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'nginx' }] } }

test('an hour, for this API server, where nothing is said', async () => {
  const { robot, request, review, clock } = await open()
  const { metadata, spec, status } = await request()
  assert.deepEqual([metadata.name, metadata.namespace, metadata.uid], ['robot', 'default', robot.metadata.uid])
  assert.deepEqual(spec.audiences, [tokenIssuer, 'https://kubernetes.default.svc'])
  assert.equal(Date.parse(status.expirationTimestamp!) - clock.now(), 3_600_000)
  const claims = claimsOf(status.token!)
  assert.equal(claims['sub'], 'system:serviceaccount:default:robot')
  assert.equal(claims['iss'], tokenIssuer)
  assert.equal(Number(claims['exp']) - Number(claims['iat']), 3600)
  const found = await review(status.token!)
  assert.deepEqual(found.status, {
    authenticated: true,
    user: {
      username: 'system:serviceaccount:default:robot',
      uid: robot.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims['jti'])}`] },
    },
    audiences: [tokenIssuer, 'https://kubernetes.default.svc'],
  })
})

test('refused requests, in upstream’s words', async () => {
  const { request, create } = await open()
  await create('Pod', 'other', { spec: { containers: pod.spec.containers } })
  const refused = async (spec: object, said: RegExp, metadata: object = {}) => assert.rejects(request(spec, metadata), said)
  await refused({ expirationSeconds: 599 }, /spec\.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes/)
  await refused({ expirationSeconds: 2 ** 33 }, /may not specify a duration larger than 2\^32 seconds/)
  await refused({ boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' } }, /^.*cannot bind token to object of type \/v1, Kind=ConfigMap$/)
  await refused({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'gone' } }, /pods "gone" not found/)
  await refused({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'other' } }, /cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name\./)
  await refused({}, /metadata\.name: Invalid value: "x": must match the service account name if specified/, { name: 'x' })
  await refused({}, /the UID in the token request \(x\) does not match the UID of the service account/, { uid: 'x' })
})

test('other audiences, other times, other keys', async () => {
  const { request, review, clock, registry } = await open()
  const vault = (await request({ audiences: ['vault'] })).status.token!
  assert.deepEqual((await review(vault)).status, { user: {}, error: `[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["${tokenIssuer}" "https://kubernetes.default.svc"]]` })
  assert.deepEqual((await review(vault, ['vault', 'more'])).status.audiences, ['vault'])
  for (const bad of ['bad', 'a.b.c', `${vault}x`, new TokenKey(await newTokenKey()).sign(claimsOf(vault))]) assert.equal((await review(bad, ['vault'])).status.error, 'invalid bearer token')
  const short = (await request({ expirationSeconds: 600 })).status.token!
  await registry.tokens!.authenticate(short)
  clock.sleep(661_000)
  await assert.rejects(registry.tokens!.authenticate(short), /service account token has expired/)
})

test('a token ends with its account and with what it is bound to', async () => {
  const { request, review, create, remove } = await open()
  await create('Pod', 'p', pod)
  await create('Secret', 's', { type: 'Opaque' })
  const bound = async (kind: string, name: string) => (await request({ boundObjectRef: { apiVersion: 'v1', kind, name } })).status.token!
  const [ofPod, ofSecret, free] = [await bound('Pod', 'p'), await bound('Secret', 's'), (await request()).status.token!]
  assert.deepEqual((await review(ofPod)).status.user?.extra?.['authentication.kubernetes.io/pod-name'], ['p'])
  await remove('Pod', 'p')
  await remove('Secret', 's')
  for (const token of [ofPod, ofSecret]) assert.equal((await review(token)).status.error, '[invalid bearer token, service account token has been invalidated]')
  await create('Pod', 'p', pod)
  assert.match((await review(ofPod)).status.error ?? '', /pod UID \(.*\) does not match service account pod ref claim/)
  assert.equal((await review(free)).status.authenticated, true)
  await remove('ServiceAccount', 'robot')
  assert.equal((await review(free)).status.error, '[invalid bearer token, serviceaccounts "robot" not found]')
})

test('a Pod’s own token lasts a year and warns after an hour; it is renewed at 80 % of what was asked, within a day', async () => {
  const { clock, registry, create } = await open()
  const made = (await create('Pod', 'p', pod)) as unknown as Pod
  const ask = podTokens(registry, clock, () => 0)
  const { token, renewAtMs } = await ask(made, { expirationSeconds: 3607 })
  const claims = claimsOf(token)
  assert.equal(Number(claims['exp']) - Number(claims['iat']), 365 * 86_400)
  assert.equal((claims['kubernetes.io'] as Record<string, unknown>)['warnafter'], Number(claims['iat']) + 3607)
  assert.ok(Math.abs(renewAtMs - clock.now() - 3_607_000 * 0.8) <= 1000)
  assert.equal((await ask(made, { audience: 'vault', expirationSeconds: 30 * 86_400 })).renewAtMs, clock.now() + 86_400_000)
})

test('a Secret’s token is believed while the Secret holds it', async () => {
  const { registry, robot, create, remove } = await open()
  const token = key.sign(secretClaims('default', { name: 'robot', uid: robot.metadata.uid }, 'kept'))
  const annotations = { 'kubernetes.io/service-account.name': 'robot' }
  await registry.create(registry.kind('Secret'), 'default', body({ kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: { name: 'kept', annotations }, stringData: { token } }), {}, caller)
  assert.equal((await registry.tokens!.authenticate(token)).user.name, 'system:serviceaccount:default:robot')
  await remove('Secret', 'kept')
  await assert.rejects(registry.tokens!.authenticate(token), /service account token has been invalidated/)
  await create('Secret', 'kept', { type: 'Opaque' })
  await assert.rejects(registry.tokens!.authenticate(token), /service account token has been invalidated/)
})

test('where tokens are mounted: the Pod’s word, then the account’s; a mount of the container’s own stands', async () => {
  const { registry, create } = await open()
  const mounts = async (name: string, spec: object) => {
    const { spec: made } = (await create('Pod', name, { spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } })) as unknown as Pod
    return made.containers.map(({ volumeMounts = [] }) => volumeMounts.map((mount) => mount.name.replace(/[^-]+$/, '') + mount.mountPath)).concat([(made.volumes ?? []).map((volume) => Object.keys(volume).join())])
  }
  const own = '/var/run/secrets/kubernetes.io/serviceaccount'
  assert.deepEqual(await mounts('yes', {}), [[`kube-api-access-${own}`], ['name,projected']])
  assert.deepEqual(await mounts('no', { automountServiceAccountToken: false }), [[], []])
  await registry.patch(registry.kind('ServiceAccount'), { namespace: 'default', name: 'default' }, { type: 'merge', body: { automountServiceAccountToken: false } }, {}, caller)
  assert.deepEqual(await mounts('account-says-no', {}), [[], []])
  assert.deepEqual(await mounts('pod-says-yes', { automountServiceAccountToken: true }), [[`kube-api-access-${own}`], ['name,projected']])
  const containers = [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'x-1', mountPath: own }] }]
  assert.deepEqual(await mounts('has-its-own', { automountServiceAccountToken: true, containers, volumes: [{ name: 'x-1', emptyDir: {} }] }), [[`x-${own}`], ['name,emptyDir']])
})
