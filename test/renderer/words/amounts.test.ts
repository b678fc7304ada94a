import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesInWords, bytesOf, count, cpuInWords, cpuTyped, durationInWords, listInWords, memoryTyped, quantityToNumber } from '../../../renderer/words/amounts.ts'

test('quantities become numbers', () => {
  for (const [text, number] of [['128Mi', 134_217_728], ['250m', 0.25], ['1.5Gi', 1_610_612_736], ['2', 2], ['1e3', 1000], ['1M', 1e6], ['.5', 0.5]] as const) assert.equal(quantityToNumber(text), number, text)
  for (const text of ['', 'lots', '1 Gi', '1KiB']) assert.equal(quantityToNumber(text), undefined, text)
})

test('sizes, CPU and durations are said with units', () => {
  assert.deepEqual([bytesInWords(0), bytesInWords(222_298_112), bytesInWords(1.4 * 2 ** 30), bytesInWords(512)], ['0', '212 MiB', '1.4 GiB', '512 B'])
  assert.deepEqual(bytesOf(2.4 * 2 ** 30, 7.6 * 2 ** 30), { part: '2.4', whole: '7.6 GiB' })
  assert.deepEqual([cpuInWords(0.034), cpuInWords(1.06), cpuInWords(4)], ['0.03', '1.1', '4'])
  assert.deepEqual([8_000, 80_000, 600_000, 7_500_000, 3 * 86_400_000].map(durationInWords), ['8 s', '1 min 20 s', '10 min', '2 h 5 min', '3 days'])
})

test('what people type for memory and CPU becomes a quantity', () => {
  for (const [typed, quantity] of [['128 MiB', '128Mi'], ['128mb', '128Mi'], ['1g', '1Gi'], ['1.5 Gi', '1536Mi'], ['1048576', '1048576']] as const) assert.equal(memoryTyped(typed), quantity, typed)
  for (const typed of ['lots', '1.5', '-1Mi', '12 parsecs']) assert.equal(memoryTyped(typed), undefined, typed)
  for (const [typed, quantity] of [['0.25', '250m'], ['0.25 CPU', '250m'], ['2', '2'], ['250m', '250m']] as const) assert.equal(cpuTyped(typed), quantity, typed)
})

test('lists and counts read as sentences', () => {
  assert.deepEqual([listInWords([]), listInWords(['a']), listInWords(['a', 'b']), listInWords(['a', 'b', 'c'])], ['', 'a', 'a and b', 'a, b and c'])
  assert.deepEqual([count(1, 'Pod'), count(1204, 'line')], ['1 Pod', '1,204 lines'])
})
