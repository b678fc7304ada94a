/** Jobs and CronJobs against recorded answers of a real server: defaults, refusals, changes, statuses, columns. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { AnyObject, KindDefinition } from '../../../core/api/kind.ts'
import type { FieldError } from '../../../core/api/field-error.ts'
import { kindList } from '../../../core/api/kinds.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../../core/api/object-meta.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { decode } from '../../../core/api/schema/structural.ts'
import { clone } from '../../../core/base/json.ts'
import { mergePatch } from '../../../core/base/merge-patch.ts'
import { created, type Json } from './job-cases.ts'

interface Kept {
  object?: AnyObject
  warnings?: string[]
  causes?: { reason: string; message: string; field: string }[]
}
interface Golden {
  created: Record<string, Kept>
  changed: Record<string, Kept & { before: AnyObject; patch: Json; status?: boolean }>
  rows: { now: number; columns: Json[]; cells: unknown[]; object: AnyObject }[]
}
const golden = JSON.parse(readFileSync(new URL('../../golden/api/jobs.json', import.meta.url), 'utf8')) as Golden
const definitionOf = (object: { kind?: unknown }) => kindList.find(({ kind }) => kind === object.kind) as KindDefinition
const decoded = (definition: KindDefinition, object: unknown) => clone(decode(kubernetesFacts.model(definition.schema), object).value) as unknown as AnyObject
const uid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
/** Upstream shows structs with the names of its internal types and pointers as such. */
const shown = ({ field, message, reason }: { field: string; message: string; reason: string }) => `${field}: ${message.replace(/ value: [{[].*[}\]]/, ' value: …').replace(uid, 'UID')} (${reason})`
const refusals = (errors: readonly FieldError[]) => [...new Set(errors.map(({ type, field, message }) => shown({ reason: type, field, message })))].sort()
const plain = (object: AnyObject): unknown => {
  const { status: _, ...rest } = JSON.parse(JSON.stringify(object)) as Json
  const { resourceVersion: __, creationTimestamp: ___, namespace: ____, ...metadata } = rest['metadata'] as Json
  return { ...rest, metadata }
}

for (const [name, manifest] of Object.entries(created)) {
  test(`created: ${name}`, () => {
    const wanted = golden.created[name]!
    const definition = definitionOf(manifest)
    const draft = decoded(definition, JSON.parse(JSON.stringify(manifest)))
    draft.metadata.namespace = 'namespace'
    draft.metadata.uid = wanted.object?.metadata.uid ?? '00000000-0000-0000-0000-000000000000'
    draft.metadata.generation = 1
    definition.default?.(draft)
    definition.prepareForCreate?.(draft, { now: 0, user: 'admin' })
    const errors = [...validateObjectMeta(draft.metadata, { namespaced: true, name: 'subdomain' }), ...(definition.validate?.(draft) ?? [])]
    if (!wanted.object) return assert.deepEqual(refusals(errors), [...new Set(wanted.causes!.map(shown))].sort())
    assert.deepEqual(errors, [])
    assert.deepEqual(plain(draft), plain(decoded(definition, wanted.object)))
    assert.deepEqual(definition.warnings?.(draft) ?? [], wanted.warnings ?? [])
  })
}

for (const [name, { before, patch, status, object, causes }] of Object.entries(golden.changed)) {
  test(`changed: ${name}`, () => {
    const definition = definitionOf(before)
    const old = decoded(definition, before)
    const draft = decoded(definition, mergePatch(old, patch))
    definition.default?.(draft)
    const errors = status
      ? (definition.validateStatusUpdate?.(draft, old) ?? [])
      : [...validateObjectMetaUpdate(draft.metadata, old.metadata), ...(definition.validate?.(draft) ?? []), ...(definition.validateUpdate?.(draft, old) ?? [])]
    if (!object) return assert.deepEqual(refusals(errors), [...new Set(causes!.map(shown))].sort())
    assert.deepEqual(errors, [])
    if (status) return assert.deepEqual(draft['status' as keyof AnyObject], decoded(definition, object)['status' as keyof AnyObject])
    const spec = (of: AnyObject) => (plain(of) as Json)['spec']
    assert.deepEqual(spec(draft), spec(decoded(definition, object)))
  })
}

for (const [i, { now, columns, cells, object }] of golden.rows.entries()) {
  test(`row ${i} of ${object.kind}`, () => {
    const definition = definitionOf(object)
    assert.deepEqual(definition.columns.map(({ name, type, format = '', priority = 0 }) => ({ name, type, format, priority })), columns)
    assert.deepEqual(definition.columns.map((column) => column.cell(decoded(definition, object), now)), cells)
  })
}
