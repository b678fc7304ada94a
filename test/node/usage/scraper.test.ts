/** Reading what Pods tell of themselves: only while somebody asks, over real HTTP, counters as rates. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { valueOf } from '../../../core/api/metrics/custom-metrics.ts'
import { everything, parseLabelSelector } from '../../../core/api/label-selector.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { silent } from '../../../core/base/log.ts'
import { answerHttp } from '../../../core/node/runtime/simulated/answer.ts'
import { parseExposition } from '../../../core/api/metrics/exposition.ts'
import { scrapeTargetOf } from '../../../core/node/usage/scrape.ts'
import { lookOf, MetricsScraper } from '../../../core/node/usage/scraper.ts'
import { FakeClock } from '../../loop/fake-clock.ts'

const pod = (annotations: Record<string, string>, phase = 'Running'): Pod =>
  ({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a', namespace: 'd', uid: 'pod-a', annotations }, spec: { containers: [{ name: 'c', ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 8080 }] }] }, status: { phase } }) as unknown as Pod

test('where a Pod tells its metrics', () => {
  assert.deepEqual(scrapeTargetOf(pod({ 'prometheus.io/scrape': 'true' })), { port: 8080, path: '/metrics', secure: false })
  assert.deepEqual(scrapeTargetOf(pod({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100', 'prometheus.io/path': 'm', 'prometheus.io/scheme': 'https' })), { port: 9100, path: '/m', secure: true })
  assert.equal(scrapeTargetOf(pod({})), undefined)
  assert.equal(scrapeTargetOf(pod({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': 'x' })), undefined)
  assert.equal(scrapeTargetOf(pod({ 'prometheus.io/scrape': 'true' }, 'Pending')), undefined)
})

test('counters are rates, over the time between two looks; one that fell began anew', () => {
  const told = (total: number) => parseExposition(`# TYPE r counter\nr{c="1"} ${total}\nr{c="2"} 5\nq 7`)
  const first = lookOf(told(100), 1_000, undefined)
  assert.deepEqual([...first.metrics.keys()], ['q'])
  const second = lookOf(told(130), 16_000, first)
  assert.deepEqual(second.metrics.get('r'), { atMs: 16_000, windowMs: 15_000, series: [{ labels: { c: '1' }, milli: 2000 }, { labels: { c: '2' }, milli: 0 }] })
  assert.deepEqual(lookOf(told(15), 31_000, second).metrics.get('r')?.series[0], { labels: { c: '1' }, milli: 1000 })
})

test('read over HTTP while an autoscaler asks, and forgotten with the Pod', async () => {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    response.statusCode = request.url === '/metrics' ? 200 : 404
    response.end('queue{q="in"} 30\nqueue{q="out"} 2\n')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const clock = new FakeClock(0)
  let pods = [pod({ 'prometheus.io/scrape': 'true' })]
  const scraper = new MetricsScraper({ pods: () => pods, dial: async () => connect(port, '127.0.0.1'), wanted: () => new Set(), clock, log: silent })
  try {
    await scraper.fresh('d')
    assert.equal(asked, 1)
    assert.equal(valueOf(scraper, ['pod-a'], 'queue', everything)?.milli, 32_000)
    assert.equal(valueOf(scraper, ['pod-a'], 'queue', parseLabelSelector('q=in'))?.milli, 30_000)
    assert.equal(valueOf(scraper, ['pod-a'], 'other', everything), undefined)
    await scraper.fresh('d')
    assert.equal(asked, 1, 'what was read in this period is fresh')
    pods = []
    await clock.run(16_000)
    await scraper.fresh('d')
    assert.deepEqual(scraper.names(), [])
  } finally {
    server.close()
  }
})

test('a simulated Pod tells what it is declared to', async () => {
  const scraper = new MetricsScraper({ pods: () => [pod({ 'prometheus.io/scrape': 'true' })], dial: async () => answerHttp('a', 'queue=30,busy=2.5'), wanted: () => new Set(), clock: new FakeClock(0), log: silent })
  await scraper.fresh('d')
  assert.deepEqual(scraper.names(), ['busy', 'queue'])
  assert.equal(valueOf(scraper, ['pod-a'], 'busy', everything)?.milli, 2500)
})

test('a Pod that does not answer says nothing', async () => {
  const scraper = new MetricsScraper({ pods: () => [pod({ 'prometheus.io/scrape': 'true' })], dial: () => Promise.reject(new Error('refused')), wanted: () => new Set(), clock: new FakeClock(0), log: silent })
  await scraper.fresh('d')
  assert.deepEqual(scraper.names(), [])
})
