import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { equal } from '../../core/base/json.ts'
import { mergePatch } from '../../core/base/merge-patch.ts'
import type { AnyObject, KindDefinition } from '../../core/api/kind.ts'
import { kindList } from '../../core/api/kinds.ts'
import { validateObjectMetaUpdate } from '../../core/api/object-meta.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { decode } from '../../core/api/schema/structural.ts'

interface Change {
  before: AnyObject
  patch: unknown
  after?: AnyObject & Record<string, unknown>
  message?: string
  causes?: { reason: string; message: string; field: string }[]
}
const changes = JSON.parse(readFileSync(new URL('../golden/api/updates.json', import.meta.url), 'utf8')) as Record<string, Change>

const definitionOf = (object: AnyObject) => kindList.find(({ kind }) => kind === object.kind) as KindDefinition
const decoded = (definition: KindDefinition, object: unknown) => decode(kubernetesFacts.model(definition.schema), object).value as unknown as AnyObject

function change({ before, patch }: Change) {
  const definition = definitionOf(before)
  const old = decoded(definition, before)
  const draft = decoded(definition, mergePatch(old, patch))
  definition.default?.(draft)
  definition.prepareForUpdate?.(draft, old, { now: 0, user: 'admin' })
  const counted = (object: AnyObject) => definition.generationOf?.(object) ?? [object]
  if (definition.tracksGeneration && !equal(counted(draft), counted(old))) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  const errors = [...validateObjectMetaUpdate(draft.metadata, old.metadata), ...(definition.validate?.(draft) ?? []), ...(definition.validateUpdate?.(draft, old) ?? [])]
  return { draft, errors }
}

/** The list of what else changed is a Go struct diff upstream, and a list of paths here. */
const shown = ({ field, message, reason }: { field: string; message: string; reason: string }) =>
  `${field}: ${message.split('\n')[0]!.replace(/ value: \{.*\}/, ' value: {…}')} (${reason})`

for (const [name, golden] of Object.entries(changes)) {
  test(name, () => {
    const { draft, errors } = change(golden)
    if (golden.causes) {
      const ours = new Set(errors.map(({ type, field, message }) => shown({ field, message, reason: type })))
      assert.deepEqual([...ours].sort(), [...new Set(golden.causes.map(shown))].sort())
      return
    }
    assert.deepEqual(errors, [])
    const expected = decoded(definitionOf(golden.before), golden.after)
    delete draft.metadata.resourceVersion
    delete expected.metadata.resourceVersion
    // Controllers write it meanwhile.
    for (const object of [draft, expected]) delete (object as { status?: unknown }).status
    assert.deepEqual(JSON.parse(JSON.stringify(draft)), JSON.parse(JSON.stringify(expected)))
  })
}
