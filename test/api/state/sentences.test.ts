/** Amounts as sentences say them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amount } from '../../../core/api/state/sentences.ts'

test('CPU and bytes have their units, whatever else is a plain number', () => {
  const cases: [resource: string, quantity: string | undefined, words: string][] = [
    ['cpu', '100m', '0.1 CPU'], ['cpu', '25m', '0.025 CPU'], ['cpu', '1', '1 CPU'], ['cpu', '2500m', '2.5 CPUs'],
    ['memory', '64Mi', '64 MiB'], ['storage', '1536Mi', '1.5 GiB'], ['ephemeral-storage', '0', '0 B'],
    ['', '30500m', '30.5'], ['', '250m', '0.25'], ['', '2k', '2,000'], ['', '1500', '1,500'], ['', '1e3', '1,000'], ['', '0', '0'],
    ['', '52Mi', '52 MiB'], ['example.com/gpu', '2', '2'], ['', 'odd', 'odd'], ['', undefined, ''],
  ]
  for (const [resource, quantity, words] of cases) assert.equal(amount(resource, quantity), words, `${resource} ${quantity}`)
})
