/**
 * Undo of one write, from the journal: what was created is deleted, what was changed is changed back where it still has
 * the value the write gave it, what was deleted is created again. The preview and the undo come from one function, so
 * that what is shown is what is done.
 */
import type { FieldChange, UndoPreview } from '../../../electron/contract.ts'
import { ApiError } from '../../api/status.ts'
import type { KubeObject, NewObject, Ref } from '../../api/meta.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import { clone, equal, isObject } from '../../base/json.ts'
import type { Client } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Journal } from '../journal/journal.ts'
import { tellingChanges } from '../journal/say-change.ts'

export interface UndoDeps {
  client: Client
  journal: Journal
  snapshot(): Snapshot
}

type Undo =
  | { possible: false; say: string }
  | { possible: true; say: string; cost?: string; changes: FieldChange[]; run(): Promise<unknown> }

const serverFields = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds']
/** Owned by the cluster, not by the person whose write is undone. */
const notTheirs = new Set(['status', 'apiVersion', 'kind'])

/**
 * RFC 7386 patch that takes `current` back from `after` to `before`. Undefined where a field has moved on since: then
 * an undo would overwrite somebody else's later change.
 */
export function inversePatch(before: unknown, after: unknown, current: unknown): { patch: Record<string, unknown> } | { conflict: string } {
  const walk = (b: Record<string, unknown>, a: Record<string, unknown>, c: Record<string, unknown>, path: string): Record<string, unknown> | { conflict: string } => {
    const patch: Record<string, unknown> = {}
    for (const key of new Set([...Object.keys(b), ...Object.keys(a)])) {
      if (path === '' && notTheirs.has(key)) continue
      if (path === 'metadata.' && (serverFields.includes(key) || key === 'name' || key === 'namespace')) continue
      if (equal(b[key], a[key])) continue
      if (isObject(b[key]) && isObject(a[key]) && isObject(c[key])) {
        const inner = walk(b[key], a[key], c[key], `${path}${key}.`)
        if ('conflict' in inner && typeof inner['conflict'] === 'string') return inner
        patch[key] = inner
        continue
      }
      if (!equal(a[key], c[key])) return { conflict: `${path}${key}` }
      patch[key] = b[key] === undefined ? null : b[key]
    }
    return patch
  }
  if (!isObject(before) || !isObject(after) || !isObject(current)) return { conflict: 'the object' }
  const patch = walk(before, after, current, '')
  return 'conflict' in patch && typeof patch['conflict'] === 'string' ? { conflict: patch['conflict'] } : { patch }
}

function asNew(object: KubeObject): NewObject {
  const copy = clone(object) as NewObject
  for (const field of serverFields) delete (copy.metadata as Record<string, unknown>)[field]
  delete copy['status']
  return copy
}

async function plan(deps: UndoDeps, revision: number): Promise<Undo> {
  const row = await deps.journal.row(revision)
  if (!row) return { possible: false, say: `Revision ${revision} is no longer in the journal.` }
  const entry = deps.journal.entryOf(row)
  if (!entry.actor.startsWith('user:')) return { possible: false, say: 'Only what a person did can be undone; this was done by a part of the cluster.' }
  const value = row.value === undefined ? undefined : (JSON.parse(row.value) as KubeObject)
  const previous = row.previous === undefined ? undefined : (JSON.parse(row.previous) as KubeObject)
  const { kind, namespace, name } = entry.ref
  const current = deps.snapshot().get(kind, namespace, name)
  const because = { code: 'Undone', why: '', led: [] }

  if (row.type === 'create') {
    if (!current || current.metadata.uid !== value?.metadata.uid) return { possible: false, say: `${kind} ${name} is gone already.` }
    const ref: Ref = { ...entry.ref, uid: current.metadata.uid }
    const pods = podsUnder(deps.snapshot(), current)
    return {
      possible: true,
      say: `Delete ${kind} ${name}`,
      ...(pods > 0 ? { cost: `${pods} ${pods === 1 ? 'Pod stops' : 'Pods stop'}` } : {}),
      changes: [],
      run: () => deps.client.delete(ref, { uid: current.metadata.uid, because: { ...because, say: `undid the creation of ${name}` } }),
    }
  }
  if (row.type === 'delete') {
    const last = previous ?? value
    if (current) return { possible: false, say: `There is a ${kind} ${name} again.` }
    if (!last) return { possible: false, say: `The last state of ${name} was not kept.` }
    if (kind === 'Pod' && last.metadata.ownerReferences?.some((owner) => owner.controller)) {
      return { possible: false, say: 'Its controller has made another Pod in its place.' }
    }
    return { possible: true, say: `Create ${kind} ${name} again`, changes: [], run: () => deps.client.create(asNew(last), { because: { ...because, say: `undid the deletion of ${name}` } }) }
  }
  if (!current || !value || !previous) return { possible: false, say: `${kind} ${name} is gone.` }
  if (current.metadata.deletionTimestamp !== undefined) return { possible: false, say: `${kind} ${name} is being deleted; that cannot be stopped.` }
  const inverse = inversePatch(previous, value, current)
  if ('conflict' in inverse) return { possible: false, say: `${inverse.conflict} has been changed again since; undo the later change first.` }
  const changes = tellingChanges(fieldDiff(value, previous)).filter((change) => !change.path.startsWith('status'))
  if (changes.length === 0) return { possible: false, say: 'This write changed nothing that can be taken back.' }
  const replaces = changes.some((change) => change.path.startsWith('spec.template.'))
  const wanted = (current['spec'] as { replicas?: number } | undefined)?.replicas
  const pods = replaces && wanted !== undefined ? wanted : podsUnder(deps.snapshot(), current)
  return {
    possible: true,
    say: `You ${entry.say}. This takes it back.`,
    ...(replaces && pods > 0 ? { cost: `${pods} ${pods === 1 ? 'Pod is' : 'Pods are'} replaced` } : {}),
    changes,
    run: () => deps.client.patch(entry.ref, { type: 'merge', body: inverse.patch }, { because: { ...because, say: `took back “${entry.say}”` } }),
  }
}

/** Pods that live under an object, at any depth of ownership. */
function podsUnder(snapshot: Snapshot, object: KubeObject): number {
  if (object.kind === 'Pod') return 1
  return snapshot.ownedBy(object.metadata.uid).reduce((sum, owned) => sum + podsUnder(snapshot, owned), 0)
}

export async function undoPreview(deps: UndoDeps, revision: number): Promise<UndoPreview> {
  const undo = await plan(deps, revision)
  return undo.possible ? { possible: true, say: undo.say, changes: undo.changes, ...(undo.cost === undefined ? {} : { cost: undo.cost }) } : { possible: false, say: undo.say, changes: [] }
}

export async function undo(deps: UndoDeps, revision: number): Promise<Record<string, never>> {
  const step = await plan(deps, revision)
  if (!step.possible) throw new ApiError('Conflict', step.say)
  await step.run()
  return {}
}
