/** What containers should ask for, from what they used. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adviceOn, type UsageAt } from '../../core/api/advice.ts'

const mib = 2 ** 20
/** An hour of samples: mostly the first amounts, now and then the second. */
const hour = (cpuMilli: number, memoryMib: number, rare: { cpuMilli?: number; memoryMib?: number } = {}): UsageAt[] =>
  Array.from({ length: 240 }, (_, i) => ({
    atMs: i * 15_000,
    cpuNanos: (i % 20 === 0 ? (rare.cpuMilli ?? cpuMilli) : cpuMilli) * 1e6,
    memoryBytes: (i % 40 === 0 ? (rare.memoryMib ?? memoryMib) : memoryMib) * mib,
  }))
const said = (samples: readonly UsageAt[], amounts: Parameters<typeof adviceOn>[1]) => adviceOn(samples, amounts).map(({ resource, verdict, asked, advised }) => `${resource} ${verdict}: ${asked ?? 'nothing'} -> ${advised}`)

test('too few samples say nothing', () => {
  assert.deepEqual(adviceOn([], {}), [])
  assert.deepEqual(adviceOn(hour(100, 100).slice(0, 19), {}), [])
})

test('requests that fit are left alone', () => assert.deepEqual(said(hour(100, 100), { requests: { cpu: '120m', memory: '120Mi' } }), []))

test('a request is compared with what is used nine times out of ten, not with the peak', () => {
  assert.deepEqual(said(hour(100, 100, { cpuMilli: 2000 }), { requests: { cpu: '1', memory: '120Mi' } }), ['cpu asks for too much: 1 -> 115m'])
  assert.deepEqual(said(hour(400, 100), { requests: { cpu: '100m', memory: '1Gi' } }), ['cpu asks for too little: 100m -> 460m', 'memory asks for too much: 1Gi -> 115Mi'])
  assert.deepEqual(adviceOn(hour(400, 100), { requests: { cpu: '100m', memory: '120Mi' } })[0]?.why, 'it asks for 0.1 CPU, and uses 0.4 CPU or more one time in ten')
})

test('who asks for nothing hears what it uses', () => assert.deepEqual(said(hour(1, 1), {}), ['cpu asks for nothing: nothing -> 10m', 'memory asks for nothing: nothing -> 16Mi']))

test('memory near its limit is told by its peak', () => {
  const [advice] = adviceOn(hour(100, 100, { memoryMib: 190 }), { requests: { cpu: '120m', memory: '120Mi' }, limits: { memory: '200Mi' } })
  assert.deepEqual([advice?.verdict, advice?.why], ['near its limit', 'it used 190 MiB, and is ended at 200 MiB'])
})
