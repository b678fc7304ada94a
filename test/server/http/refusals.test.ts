/** Bad requests, answered as the real API server v1.36 answers them (recorded in golden/http/refusals.json). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openDoor, type Door } from './door.ts'

interface Refusal {
  method: string
  path: string
  headers: Record<string, string>
  body?: string
  status: number
  answer: string | { message: string; reason?: string; details?: unknown; code: number }
}

const refusals = JSON.parse(readFileSync(new URL('../../golden/http/refusals.json', import.meta.url), 'utf8')) as Refusal[]

/** Where Orrery says the same in other words, or is exact where upstream is not (it answers 500 to some unreadable versions). */
const otherWords = [
  /converting \(v1\.ConfigMap\)/,
  /^415: Unsupported Media Type/,
  /^406: Not Acceptable/,
  /media types are accepted/,
  /media types include/,
  /strict decoding error/,
  /rejected our request due to an error/,
  /invalid continue token/,
  /^PodLogOptions .* stream: Forbidden/,
  /cannot restore map/,
  /invalid object type/,
]
const upstreamIsVague = (r: Refusal) => typeof r.answer !== 'string' && r.answer.code === 500

let door: Door
before(async () => {
  door = await openDoor()
  const made = await door.request('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': 'x' } })
  assert.equal(made.status, 201)
})
after(() => door.close())

for (const refusal of refusals) {
  const { method, path, headers, body, answer } = refusal
  test(`${method} ${path.slice(0, 90)} ${Object.values(headers)[0] ?? ''} ${(body ?? '').slice(0, 50)}`, async () => {
    const reply = await door.request(method, path, body, { 'user-agent': 'golden', ...headers })
    if (upstreamIsVague(refusal)) {
      assert.ok(reply.status >= 400 && reply.status < 500, `${reply.status} ${reply.text}`)
      return
    }
    assert.equal(reply.status, refusal.status, reply.text)
    if (typeof answer === 'string') {
      assert.equal(reply.text, answer)
      return
    }
    assert.equal(reply.json['kind'], 'Status')
    assert.equal(reply.json['reason'], answer.reason)
    if (otherWords.some((words) => words.test(answer.message))) return
    assert.equal(reply.json['message'], answer.message)
    assert.deepEqual(reply.json['details'], answer.details)
  })
}
