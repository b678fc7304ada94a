import assert from 'node:assert/strict'
import test from 'node:test'
import { linesOf, splitTime } from '../../core/window/streams/logs.ts'

test('a stamp of nanoseconds keeps its fractions', () => {
  const { at, text } = splitTime('2026-11-22T12:04:31.123456789Z GET / 200')
  assert.equal(text, 'GET / 200')
  assert.ok(Math.abs(at - (Date.parse('2026-11-22T12:04:31Z') + 123.456789)) < 0.001)
})

test('lines are whole whatever the chunks, also inside a character', async () => {
  const bytes = new TextEncoder().encode('one\nzwölf\nlast')
  async function* chunks() {
    for (const byte of bytes) yield new Uint8Array([byte])
  }
  const lines: string[] = []
  for await (const line of linesOf(chunks())) lines.push(line)
  assert.deepEqual(lines, ['one', 'zwölf', 'last'])
})
