import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '../../../../electron/contract.ts'
import { RowHeights, wrappedLines } from '../../../../renderer/ui/row-heights.ts'
import { levelOf, levels } from '../../../../renderer/views/logs/level.ts'
import { histogram, LogLines, marked, plainText } from '../../../../renderer/views/logs/lines.ts'

const line = (at: number, text = `line ${at}`, pod = 'web-1'): LogLine => ({ pod, container: 'main', at, stream: 'stdout', text, attempt: 0 })

test('levels are read from the usual formats', () => {
  const expected: [string, string][] = [
    ['2026/11/22 12:00:00 [error] 7#7: *1 open() failed', 'error'], ['E1122 12:00:00.000000 1 main.go:1] boom', 'error'], ['{"level":50,"msg":"x"}', 'error'], ['{"severity":"WARNING"}', 'warning'],
    ['time=x level=warn msg=y', 'warning'], ['2026-11-22 12:00:00 DEBUG start', 'debug'], ['10.0.0.1 - - [x] "GET / HTTP/1.1" 200 12', 'info'], ['10.0.0.1 - - [x] "GET / HTTP/1.1" 502 12', 'error'],
    ['ERROR: relation does not exist', 'error'], ['[W] queue paused', 'warning'], ['hello', 'info'], ['the error of my ways', 'info'],
  ]
  for (const [text, level] of expected) assert.equal(levelOf(text, 'stdout'), level, text)
})

test('lines of several Pods stand in order of time, notes between them', () => {
  const lines = new LogLines()
  lines.addLines([line(10), line(30)])
  lines.addLines([line(20, 'late', 'web-2'), line(40)])
  lines.addNotes([{ at: 25, say: 'updated web to 2' }])
  assert.deepEqual(lines.rows.map((r) => r.at), [10, 20, 25, 30, 40])
})

test('filters and search', () => {
  const lines = new LogLines()
  lines.addLines([line(1, 'ERROR: refused'), line(2, 'ok'), line(3, 'ok', 'web-2')])
  lines.addNotes([{ at: 4, say: 'deleted web' }])
  assert.deepEqual(lines.counts, { error: 1, warning: 0, info: 2, debug: 0 })
  lines.filter({ levels: new Set(['error']), hidden: new Set(), notes: false })
  assert.deepEqual(lines.rows.map((r) => r.at), [1])
  lines.filter({ levels: new Set(levels), hidden: new Set(['web-2/main']), notes: true })
  assert.deepEqual(lines.rows.map((r) => r.at), [1, 2, 4])
  assert.deepEqual(lines.search('REFUSED'), [0])
  assert.equal(lines.addLines([line(5, 'x', 'web-2')]), 0, 'a hidden source adds nothing to the shown rows')
})

test('a hundred thousand lines stay cheap, and the oldest leave', () => {
  const lines = new LogLines(100_000)
  const started = performance.now()
  for (let i = 0; i < 130; i++) lines.addLines(Array.from({ length: 1_000 }, (_, n) => line(i * 1_000 + n)))
  assert.ok(lines.size >= 100_000 && lines.size <= 110_000)
  assert.equal(lines.rows.length, lines.size)
  assert.equal(lines.rows[0]?.at, lines.dropped)
  assert.equal(lines.counts.info, lines.size)
  assert.ok(performance.now() - started < 3_000, 'within three seconds on a slow machine')
})

test('the histogram counts every line once', () => {
  const lines = new LogLines()
  lines.addLines([line(0), line(500), line(9_999, 'ERROR: x')])
  const buckets = histogram(lines.rows, 10)
  assert.equal(buckets.reduce((sum, b) => sum + b.total, 0), 3)
  assert.equal(buckets.at(-1)?.errors, 1)
})

test('marks, colour codes', () => {
  assert.deepEqual(marked('a Refused b', 'refused').map((p) => [p.text, p.hit]), [['a ', false], ['Refused', true], [' b', false]])
  assert.equal(plainText('\u001b[1;31mred\u001b[0m'), 'red')
})

test('row heights: tops, totals and the row at an offset', () => {
  const heights = new RowHeights()
  for (let i = 0; i < 5_000; i++) heights.push(i % 2 === 0 ? 20 : 40)
  assert.equal(heights.total, 150_000)
  assert.deepEqual([heights.at(0), heights.at(19), heights.at(20), heights.at(59), heights.at(60), heights.at(1e9)], [0, 0, 1, 1, 2, 4_999])
  heights.cut(2)
  assert.equal(heights.total, 60)
  assert.deepEqual([wrappedLines('', 10), wrappedLines('x'.repeat(20), 10), wrappedLines('x'.repeat(21), 10), wrappedLines('漢字漢字漢字', 10)], [1, 2, 3, 2])
})
