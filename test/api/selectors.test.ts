import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, humanDuration } from '../../core/api/age.ts'
import { matchesFields, parseFieldSelector } from '../../core/api/field-selector.ts'
import { scaledValue } from '../../core/api/int-or-percent.ts'
import { isCidr, isIp } from '../../core/api/ip.ts'
import { labelSelector, parseLabelSelector, selectorText, setSelector } from '../../core/api/label-selector.ts'
import { checkName, dns1123Label } from '../../core/api/names.ts'
import { kinds } from '../../core/api/kinds.ts'

const matches = (text: string, labels: Record<string, string>) => parseLabelSelector(text).matches(labels)

test('label selectors as text', () => {
  const web = { app: 'web', tier: 'front', n: '5' }
  for (const text of ['', 'app=web', 'app==web', 'app!=db', 'app in (web, db)', 'app notin (db)', '!old', 'app', 'n>4', 'n<6', 'old notin (x)', 'app = web , tier', 'in!=x']) assert.ok(matches(text, web), text)
  for (const text of ['app=db', 'app!=web', 'app in (db)', '!app', 'old', 'n>5', 'app>1', 'old in ()', 'app=']) assert.ok(!matches(text, web), text)
  assert.ok(matches('app in (,x)', { app: '' }))
})

test('label selectors as the real server refuses them', () => {
  const refused: Record<string, string> = {
    'a=b,': "found '', expected: identifier after ','",
    'a in (x': "unable to parse requirement: found '', expected: ',' or ')'",
    'a b': "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    '=': "found '=', expected: !, identifier, or 'end of string'",
    'a=b c': "found 'c', expected: ',' or 'end of string'",
    'x>y': `unable to parse requirement: values[0]: Invalid value: "y": for 'Gt', 'Lt' operators, the value must be an integer`,
    'a=b!': "found '!', expected: ',' or 'end of string'",
  }
  for (const [text, message] of Object.entries(refused)) assert.throws(() => parseLabelSelector(text), { name: 'RangeError', message })
})

test('label selectors as objects', () => {
  const selector = labelSelector({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['y', 'x'] }, { key: 'c', operator: 'DoesNotExist' }] })
  assert.equal(selectorText(selector), 'a in (x,y),b=1,!c')
  assert.ok(selector.matches({ a: 'x', b: '1' }) && !selector.matches({ a: 'x', b: '1', c: '' }) && !selector.matches(undefined))
  assert.ok(labelSelector({}).matches({}) && !labelSelector(undefined).matches({}))
  assert.ok(!setSelector({}).matches({ a: '1' }) && setSelector({ a: '1' }).matches({ a: '1', b: '2' }))
})

test('field selectors', () => {
  const terms = parseFieldSelector('status.phase!=Running,metadata.name=a\\,b\\=c')
  assert.ok(matchesFields(terms, (field) => (field === 'metadata.name' ? 'a,b=c' : 'Pending')))
  assert.throws(() => parseFieldSelector('a'), { message: "invalid selector: 'a'; can't understand 'a'" })
  assert.throws(() => parseFieldSelector('a=b=c'), { message: 'invalid field selector: unescaped character in value: 61' })
  assert.throws(() => parseFieldSelector('a=\\q'), { message: 'invalid field selector: invalid escape sequence: \\q' })
})

test('durations as kubectl shows them', () => {
  const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000]
  const shown: [number, string][] = [[0, '0s'], [-5 * s, '<invalid>'], [119 * s, '119s'], [120 * s, '2m'], [125 * s, '2m5s'], [10 * m + 5 * s, '10m'], [179 * m, '179m'], [3 * h, '3h'], [3 * h + 5 * m, '3h5m'], [8 * h + 5 * m, '8h'], [47 * h, '47h'], [48 * h, '2d'], [50 * h, '2d2h'], [8 * d + h, '8d'], [729 * d, '729d'], [731 * d, '2y1d'], [8 * 365 * d + d, '8y']]
  for (const [ms, text] of shown) assert.equal(humanDuration(ms), text)
  assert.equal(age(undefined, 0), '<unknown>')
})

test('names, shares, addresses', () => {
  assert.deepEqual(checkName('subdomain', 'a-', true), [])
  assert.equal(checkName('path-segment', 'a/b')[0], "may not contain '/'")
  assert.deepEqual(dns1123Label('a.b'), ['must not contain dots'])
  assert.deepEqual([scaledValue('25%', 3, 'up'), scaledValue('25%', 3, 'down'), scaledValue(2, 3, 'up')], [1, 0, 2])
  for (const ip of ['1.2.3.4', '::', '::1', '2001:db8::ffff', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4']) assert.ok(isIp(ip), ip)
  for (const ip of ['1.2.3', '01.2.3.4', '256.1.1.1', '1:2', ':::', '1:2:3:4:5:6:7:8:9', 'x']) assert.ok(!isIp(ip), ip)
  assert.ok(isCidr('10.0.0.0/8') && !isCidr('10.0.0.1/8') && !isCidr('10.0.0.0') && isCidr('fd00::/8'))
})

test('an Event keeps everything on its way to the other group and back', () => {
  const face = kinds.Event.alsoServedAs![0]!
  const stored = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'x' }, involvedObject: { kind: 'Pod', name: 'p' }, message: 'm', count: 2, reportingComponent: 'c', source: { component: 's' }, firstTimestamp: '2026-01-01T00:00:00Z' }
  const wire = face.toWire(stored) as unknown as Record<string, unknown>
  assert.deepEqual([wire['apiVersion'], wire['note'], wire['regarding'], wire['deprecatedCount'], wire['reportingController']], ['events.k8s.io/v1', 'm', { kind: 'Pod', name: 'p' }, 2, 'c'])
  assert.deepEqual(face.fromWire(wire as never), stored)
})
