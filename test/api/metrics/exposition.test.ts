/** Reading the text form of metrics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExposition } from '../../../core/api/metrics/exposition.ts'

test('gauges, counters, labels and escapes', () => {
  const text = [
    '# HELP http_requests_total Requests.',
    '# TYPE http_requests_total counter',
    'http_requests_total{method="post",code="200"} 1027 1395066363000',
    '# TYPE queue gauge',
    'queue 3.5e1',
    'path{a="C:\\\\x \\"y\\", {z}\\n",} 2',
    'not a line',
    'endless NaN',
    'untyped_total 4',
  ].join('\n')
  assert.deepEqual(parseExposition(text), [
    { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027, isCounter: true },
    { name: 'queue', labels: {}, value: 35, isCounter: false },
    { name: 'path', labels: { a: 'C:\\x "y", {z}\n' }, value: 2, isCounter: false },
    { name: 'untyped_total', labels: {}, value: 4, isCounter: true },
  ])
})

test('the parts of a histogram grow, a quantile does not', () => {
  const text = '# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_sum 1.5\nh_count 3\n# TYPE s summary\ns{quantile="0.5"} 7\ns_count 2\n# TYPE jobs_total gauge\njobs_total 5\n'
  assert.deepEqual(parseExposition(text).map(({ name, isCounter }) => [name, isCounter]), [['h_bucket', true], ['h_sum', true], ['h_count', true], ['s', false], ['s_count', true], ['jobs_total', false]])
})

test('a line of a million characters is read at once', () => {
  const startedMs = performance.now()
  assert.equal(parseExposition(`a{b="${'x'.repeat(1e6)}"} 1\na{${'b="'.repeat(1e5)}} 1`).length, 1)
  assert.ok(performance.now() - startedMs < 1000)
})
