import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { decodeProtobuf } from '../../../core/server/protobuf/decode.ts'

/** A length-delimited field: a string, or a message of such fields; short ones only. */
function field(number: number, ...content: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  assert.ok(body.length < 16_384)
  const key = (number << 3) | 2
  const varint = (n: number) => (n < 128 ? [n] : [(n & 0x7f) | 0x80, n >> 7])
  return Buffer.concat([Buffer.from([...varint(key), ...varint(body.length)]), body])
}
const number = (tag: number, value: number): Buffer => Buffer.from([tag << 3, value])
const decoded = (spec: Buffer): unknown => {
  const envelope = Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0]), field(1, field(1, 'v1'), field(2, 'Pod')), field(2, field(2, spec))])
  return decodeProtobuf(envelope, kubernetesFacts)['spec']
}

test('structs that JSON spreads are messages of their own: volumes, probes, references', () => {
  const volume = field(1, field(1, 'config'), field(2, field(19, field(1, field(1, 'settings')))))
  const token = field(1, field(1, 'token'), field(2, field(26, field(1, field(4, field(3, 'token'))))))
  assert.deepEqual(decoded(volume), { volumes: [{ name: 'config', configMap: { name: 'settings' } }] })
  assert.deepEqual(decoded(token), { volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }] })
  const probe = field(2, field(1, 'web'), field(10, field(1, field(2, field(1, '/ok'))), number(2, 5)))
  assert.deepEqual(decoded(probe), { containers: [{ name: 'web', livenessProbe: { httpGet: { path: '/ok' }, initialDelaySeconds: 5 } }] })
  const env = field(2, field(1, 'web'), field(7, field(1, 'KEY'), field(3, field(4, field(1, field(1, 'keys')), field(2, 'key')))))
  assert.deepEqual(decoded(env), { containers: [{ name: 'web', env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } }] }] })
})

test('an ephemeral container is a container with a target', () => {
  const debug = field(34, field(1, field(1, 'debug'), field(2, 'busybox')), field(2, 'web'))
  assert.deepEqual(decoded(debug), { ephemeralContainers: [{ name: 'debug', image: 'busybox', targetContainerName: 'web' }] })
})
