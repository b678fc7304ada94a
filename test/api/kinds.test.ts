import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { clone } from '../../core/base/json.ts'
import { kindList } from '../../core/api/kinds.ts'
import type { AnyObject, KindDefinition } from '../../core/api/kind.ts'
import { validateObjectMeta } from '../../core/api/object-meta.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { cannotHandle, decode, DecodeError, strictDetail } from '../../core/api/schema/structural.ts'
import { cases } from './cases.ts'

interface Answer {
  object?: AnyObject & Record<string, unknown>
  warnings?: string[]
  reason?: string
  message?: string
  causes?: { reason: string; message: string; field: string }[]
}
const answers = JSON.parse(readFileSync(new URL('../golden/api/create.json', import.meta.url), 'utf8')) as Record<string, Answer>

/** What the generic server does to a new object, without admission. */
function create(manifest: unknown): Answer {
  const input = manifest as AnyObject
  const definition = kindList.find(({ kind }) => kind === input.kind) as KindDefinition
  let draft: AnyObject
  try {
    const { value, unknown } = decode(kubernetesFacts.model(definition.schema), input)
    if (unknown.length > 0) return { reason: 'BadRequest', message: cannotHandle(definition.kind, definition.version, `strict decoding error: ${strictDetail(unknown, [])}`).message }
    draft = value as unknown as AnyObject
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return { reason: 'BadRequest', message: cannotHandle(definition.kind, definition.version, error.message).message }
  }
  const namespaced = definition.scope === 'Namespaced'
  if (namespaced) draft.metadata.namespace = 'NAMESPACE'.toLowerCase()
  definition.default?.(draft)
  if (definition.tracksGeneration) draft.metadata.generation = 1
  definition.prepareForCreate?.(draft, { now: Date.parse('2026-01-02T03:04:05Z'), user: 'admin' })
  const virtual = definition.verbs?.join() === 'create'
  const errors = [...(virtual ? [] : validateObjectMeta(draft.metadata, { namespaced, name: definition.nameRule ?? 'subdomain' })), ...(definition.validateCreate?.(draft) ?? []), ...(definition.validate?.(draft) ?? [])]
  if (errors.length > 0) return { reason: 'Invalid', causes: errors.map(({ type, field, message }) => ({ reason: type, message, field })) }
  const warnings = definition.warnings?.(draft) ?? []
  return { object: draft as AnyObject & Record<string, unknown>, ...(warnings.length > 0 ? { warnings } : {}) }
}

/** What admission and allocation add in the real server; those are not the kinds' business. */
function withoutAdmission(object: AnyObject & Record<string, unknown>): unknown {
  const copy = clone<unknown>(object) as { kind: string; metadata: Record<string, unknown>; spec: Record<string, unknown>; status?: Record<string, unknown> }
  copy.metadata['namespace'] = undefined
  if (copy.kind === 'Pod') {
    for (const field of ['tolerations', 'serviceAccountName', 'serviceAccount', 'priority', 'preemptionPolicy', 'imagePullSecrets']) copy.spec[field] = undefined
    copy.spec['volumes'] = (copy.spec['volumes'] as { name: string }[] | undefined)?.filter(({ name }) => !name.startsWith('kube-api-access-'))
    if ((copy.spec['volumes'] as unknown[] | undefined)?.length === 0) copy.spec['volumes'] = undefined
    for (const container of [...((copy.spec['containers'] as Record<string, unknown>[]) ?? []), ...((copy.spec['initContainers'] as Record<string, unknown>[] | undefined) ?? [])]) {
      container['volumeMounts'] = (container['volumeMounts'] as { name: string }[] | undefined)?.filter(({ name }) => !name.startsWith('kube-api-access-'))
      if ((container['volumeMounts'] as unknown[] | undefined)?.length === 0) container['volumeMounts'] = undefined
    }
  }
  if (copy.kind === 'Service' && copy.spec['clusterIP'] !== 'None') {
    copy.spec['clusterIP'] = copy.spec['clusterIPs'] = undefined
    for (const port of (copy.spec['ports'] as Record<string, unknown>[] | undefined) ?? []) port['nodePort'] = undefined
  }
  for (const condition of (copy.status?.['conditions'] as Record<string, unknown>[] | undefined) ?? []) condition['lastTransitionTime'] = undefined
  if (copy.kind === 'Node') copy.spec['taints'] = undefined
  // Protected while in use: kubernetes.io/pvc-protection and its like.
  if (['PersistentVolumeClaim', 'PersistentVolume', 'VolumeAttributesClass'].includes(copy.kind)) copy.metadata['finalizers'] = undefined
  if (copy.status) copy.status['lastPhaseTransitionTime'] = undefined
  if (copy.status && Object.keys(copy.status).length === 0) copy['status'] = undefined as never
  return withoutNulls(copy)
}

/** Go writes unset times, maps and lists that it never leaves out as null; we leave them out, or write an empty list. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined && !(Array.isArray(member) && member.length === 0)).map(([key, member]) => [key, withoutNulls(member)]))
}

/** Upstream shows some structs with the field names of its internal types; we show them as they stand in the API. */
const withoutStructs = (message: string) => message.replace(/ value: \{.*\}/, ' value: {…}')
const sorted = (causes: Answer['causes']) => [...(causes ?? [])].map(({ reason, message, field }) => `${field}: ${withoutStructs(message)} (${reason})`).sort()

for (const [name, manifest] of Object.entries(cases)) {
  test(name, () => {
    const theirs = answers[name]
    assert.ok(theirs, 'not recorded')
    const ours = create(JSON.parse(JSON.stringify(manifest).replaceAll('NAMESPACE', 'namespace')))
    if (theirs.causes) assert.deepEqual(sorted(ours.causes), sorted(theirs.causes))
    else if (theirs.reason) assert.deepEqual({ reason: ours.reason, message: ours.message }, { reason: theirs.reason, message: theirs.message })
    else {
      assert.deepEqual(ours.causes ?? ours.message, undefined)
      const expected = JSON.parse(JSON.stringify(theirs.object).replaceAll('NAMESPACE', 'namespace')) as AnyObject & Record<string, unknown>
      assert.deepEqual(withoutAdmission(ours.object!), withoutAdmission(expected))
      assert.deepEqual([...(ours.warnings ?? [])].sort(), [...(theirs.warnings ?? [])].sort())
    }
  })
}
