/** The certificate authority on disk, and what a certificate says of its owner. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openAuthority, standardNames } from '../../../core/server/auth/authority.ts'
import { impersonated, proofOf } from '../../../core/server/auth/identity.ts'

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orrery-pki-'))
})
after(() => rm(directory, { recursive: true }))

const now = Date.now()
const day = 86_400_000

test('issued once, read ever after, renewed when a name is missing or the end is near', async () => {
  const first = await openAuthority({ directory, names: ['10.96.0.1', 'desk'], now })
  const certificate = new X509Certificate(first.server.certificatePem)
  for (const name of [...standardNames, '10.96.0.1', 'desk']) {
    assert.ok(certificate.checkHost(name) ?? certificate.checkIP(/[:.]\d|::/.test(name) ? name : '127.0.0.1'), name)
  }
  assert.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600)
  const second = await openAuthority({ directory, names: ['10.96.0.1'], now })
  assert.deepEqual(second, first)
  const third = await openAuthority({ directory, names: ['172.18.0.1'], now })
  assert.equal(third.caPem, first.caPem)
  assert.deepEqual(third.admin, first.admin)
  assert.notEqual(third.server.certificatePem, first.server.certificatePem)
  const late = await openAuthority({ directory, names: ['172.18.0.1'], now: now + 700 * day })
  assert.equal(late.caPem, first.caPem)
  assert.notEqual(late.admin.certificatePem, first.admin.certificatePem)
})

test('a file that is not a certificate is issued again', async () => {
  await writeFile(join(directory, 'admin.crt'), 'nonsense')
  const { admin } = await openAuthority({ directory, names: [], now })
  assert.match(new X509Certificate(admin.certificatePem).subject, /CN=kubernetes-admin/)
  assert.equal(await readFile(join(directory, 'admin.crt'), 'utf8'), admin.certificatePem)
})

test('who a connection proves to be', () => {
  const socket = (authorized: boolean, subject?: object) => ({ authorized, getPeerCertificate: () => (subject === undefined ? {} : { subject }) }) as unknown as Parameters<typeof proofOf>[0]
  assert.equal(proofOf(socket(false)), 'none')
  assert.equal(proofOf(socket(false, { CN: 'x' })), 'refused')
  assert.equal(proofOf(socket(true, { O: 'y' })), 'refused')
  assert.deepEqual(proofOf(socket(true, { CN: 'x', O: ['a', 'b'] })), { name: 'x', groups: ['a', 'b', 'system:authenticated'] })
})

test('impersonation', () => {
  const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
  assert.equal(impersonated(admin, {}), admin)
  assert.deepEqual(impersonated(admin, { 'impersonate-user': 'system:serviceaccount:ns:sa' }), { name: 'system:serviceaccount:ns:sa', groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'] })
  assert.deepEqual(impersonated(admin, { 'impersonate-user': 'jane', 'impersonate-group': 'a, b', 'impersonate-uid': '7', 'impersonate-extra-scopes': 'x' }), {
    name: 'jane',
    uid: '7',
    groups: ['a', 'b', 'system:authenticated'],
    extra: { scopes: ['x'] },
  })
  assert.throws(() => impersonated({ name: 'jane', groups: [] }, { 'impersonate-user': 'admin' }), { reason: 'Forbidden' })
  assert.throws(() => impersonated(admin, { 'impersonate-group': 'a' }), { reason: 'InternalError' })
})
