import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventCorrelator, type Occurrence } from '../../core/loop/event-correlator.ts'

const said = (message: string, more: Partial<Occurrence> = {}): Occurrence => ({
  component: 'replicaset-controller',
  regarding: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'default', name: 'web-1', uid: 'u1' },
  type: 'Normal',
  reason: 'SuccessfulCreate',
  message,
  ...more,
})
const now = Date.parse('2026-01-01T00:00:00Z')

test('an Event is written as upstream writes it', () => {
  const made = new EventCorrelator().correlate(said('Created pod: web-1-abcde'), now)
  assert.equal(made?.do, 'create')
  const { name, ...metadata } = made!.event.metadata
  assert.match(name!, /^web-1\.[0-9a-f]{16}$/)
  assert.deepEqual({ ...made!.event, metadata }, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: 'default' },
    involvedObject: { kind: 'ReplicaSet', apiVersion: 'apps/v1', name: 'web-1', namespace: 'default', uid: 'u1' },
    reason: 'SuccessfulCreate',
    message: 'Created pod: web-1-abcde',
    source: { component: 'replicaset-controller' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'replicaset-controller',
    reportingInstance: '',
  })
})

test('the same words again raise the count of the same Event', () => {
  const correlator = new EventCorrelator()
  const first = correlator.correlate(said('x'), now)
  const second = correlator.correlate(said('x'), now + 5_000)
  assert.equal(second?.do, 'count')
  assert.deepEqual(second?.do === 'count' && [second.name, second.patch], [first?.event.metadata.name, { count: 2, lastTimestamp: '2026-01-01T00:00:05Z', message: 'x' }])
})

test('from the tenth similar one within ten minutes on they are combined', () => {
  const correlator = new EventCorrelator()
  const made = Array.from({ length: 12 }, (_, i) => correlator.correlate(said(`pod ${i}`), now + i))
  assert.deepEqual(made.map((item) => item?.do), [...Array.from({ length: 10 }, () => 'create'), 'count', 'count'])
  assert.equal(made[9]?.event['message'], '(combined from similar events): pod 9')
  assert.equal(correlator.correlate(said('pod 12'), now + 700_000)?.event['message'], 'pod 12')
})

test('a flood about one object is cut at 25, then one in five minutes', () => {
  const correlator = new EventCorrelator()
  const made = Array.from({ length: 40 }, (_, i) => correlator.correlate(said('x', { reason: `R${i}` }), now))
  assert.equal(made.filter((item) => item !== undefined).length, 25)
  assert.equal(correlator.correlate(said('x', { reason: 'later' }), now + 299_000), undefined)
  assert.ok(correlator.correlate(said('x', { reason: 'later' }), now + 301_000))
})
