import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { plus } from '../../core/api/amounts.ts'
import { canonicalQuantity, compareQuantities, formatQuantity, parseQuantity, quantityMilli, quantityValue } from '../../core/api/quantity.ts'

const answers = JSON.parse(readFileSync(new URL('../golden/api/quantities.json', import.meta.url), 'utf8')) as Record<string, string | { message: string }>

for (const [text, answer] of Object.entries(answers)) {
  test(`quantity ${JSON.stringify(text)} as the real server stores it`, () => {
    if (typeof answer === 'string') assert.equal(canonicalQuantity(text), answer)
    else assert.throws(() => canonicalQuantity(text), (error: Error) => answer.message.endsWith(error.message))
  })
}

test('numbers are quantities', () => {
  assert.equal(canonicalQuantity(0.5), '500m')
  assert.equal(canonicalQuantity(1024000), '1024k')
})

const sum = (a: string, b: string): string => formatQuantity(plus(parseQuantity(a), parseQuantity(b)))

test('values round up, sums keep the first format', () => {
  assert.equal(quantityValue('1500m'), 2)
  assert.equal(quantityValue('1Gi'), 1_073_741_824)
  assert.equal(quantityMilli('0.25'), 250)
  assert.equal(quantityMilli('1u'), 1)
  assert.equal(sum('1Gi', '512Mi'), '1536Mi')
  assert.equal(sum('0', '100m'), '100m')
  assert.ok(compareQuantities('1000m', '1') === 0 && compareQuantities('1Ki', '1k') > 0)
})
