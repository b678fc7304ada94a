import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { kinds } from '../../core/api/kinds.ts'
import type { KindName } from '../../core/api/kind-names.ts'
import type { AnyObject } from '../../core/api/kind.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { decode } from '../../core/api/schema/structural.ts'

interface Table {
  columns: { name: string; type: string; format: string; priority: number }[]
  rows: { now: number; cells: unknown[]; object: AnyObject }[]
}
const tables = JSON.parse(readFileSync(new URL('../golden/api/tables.json', import.meta.url), 'utf8')) as Record<KindName, Table>

for (const [kind, { columns, rows }] of Object.entries(tables) as [KindName, Table][]) {
  test(`${kind} has the real server's columns`, () => {
    assert.deepEqual(
      kinds[kind].columns.map(({ name, type, format = '', priority = 0 }) => ({ name, type, format, priority })),
      columns,
    )
  })
  for (const [i, { now, cells, object }] of rows.entries()) {
    test(`${kind} row ${i} has the real server's cells`, () => {
      const decoded = decode(kubernetesFacts.model(kinds[kind].schema), object).value as unknown as AnyObject
      assert.deepEqual(kinds[kind].columns.map((column) => column.cell(decoded, now)), cells)
    })
  }
}
