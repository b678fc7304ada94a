/**
 * Server-side apply: merge the configuration, drop what this manager claimed before and claims no longer, refuse what
 * others own unless forced. Upstream: structured-merge-diff/merge/update.go, apimachinery/pkg/util/managedfields.
 */
import { equal, isObject } from '../../base/json.ts'
import { invalid, required } from '../../api/field-error.ts'
import { apiVersionOf } from '../../api/kind.ts'
import type { AnyObject } from '../../api/kind.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Model } from '../../api/schema/facts.ts'
import { decode, DecodeError } from '../../api/schema/structural.ts'
import { ApiError } from '../../api/status.ts'
import { changeObject } from '../registry/change.ts'
import { storeNew } from '../registry/create.ts'
import { toStorage } from '../registry/decode-request.ts'
import { asCreated } from '../registry/entries.ts'
import { badRequest, objectConflict, objectInvalid } from '../errors.ts'
import { served } from '../registry/faces.ts'
import { keyOf } from '../registry/keys.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { PatchParams, PatchRequest } from '../registry/patch/patch-request.ts'
import { placeInNamespace } from '../registry/placement.ts'
import type { Answer, Caller, Face, Key } from '../registry/registry.ts'
import { conflictError } from './conflicts.ts'
import type { Conflict } from './conflicts.ts'
import { difference, intersection, union, without } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { refreshLastApplied } from './last-applied.ts'
import { decodeManagers, encodeManagers, managerKey } from './managers.ts'
import type { Manager } from './managers.ts'
import { merge, prune } from './merge.ts'
import { toFieldSet } from './to-field-set.ts'

type ApplyRequest = Extract<PatchRequest, { type: 'apply' }>
type Values = Record<string, unknown>

export async function applyPatch(machinery: Machinery, face: Face, key: Key, patch: ApplyRequest, params: PatchParams, caller: Caller): Promise<Answer> {
  const config = checked(machinery, face, key, patch, params)
  const current = await machinery.store.get(keyOf(face.definition, key.namespace, key.name))
  if (current === undefined && params.subresource === undefined) {
    const { uid } = config.metadata
    if (uid) throw objectConflict(served(face), key.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)
    const draft = toStorage(face, decodedApply(machinery.facts.model(face.schema), face, key, config as unknown as Values))
    placeInNamespace(face, key.namespace, draft)
    delete draft.metadata.resourceVersion
    const managers = new Map<string, Manager>()
    const fields = claimed(machinery, face, params, config)
    const applier = applierOf(face, params)
    managers.set(managerKey(applier), { ...applier, time: machinery.tracker.now(), fields })
    setManagers(draft, managers)
    return asCreated(await storeNew(machinery, face, key.namespace, draft, params, caller, { deed: 'applied', tracked: true }))
  }
  return changeObject(machinery, {
    face,
    key,
    params,
    caller,
    deed: 'applied',
    tracking: 'done',
    uidIsPrecondition: false,
    revise: (old) => applied(machinery, face, key, config, patch.body, params, old),
  })
}

/** The configuration with what upstream demands of it. */
function checked(machinery: Machinery, face: Face, key: Key, patch: ApplyRequest, params: PatchParams): NewObject {
  const body = patch.body as NewObject | undefined
  const { apiVersion = '', kind = '' } = body ?? {}
  if (!isObject(body) || apiVersion !== apiVersionOf(face) || kind !== face.definition.kind) {
    throw badRequest(`invalid object type: ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`)
  }
  if (!params.fieldManager) throw objectInvalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [required('fieldManager', 'is required for apply patch')])
  const config: NewObject = { ...body, metadata: isObject(body.metadata) ? { ...body.metadata } : {} }
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  if (config.metadata.name === undefined) config.metadata.name = key.name
  if (config.metadata.name !== key.name) throw badRequest(`the name of the object (${config.metadata.name}) does not match the name on the URL (${key.name})`)
  if (face.definition.scope === 'Namespaced' && key.namespace !== undefined) config.metadata.namespace ??= key.namespace
  placeInNamespace(face, key.namespace, config)
  const { unknown } = tryDecode(machinery.facts.model(face.schema), face, key, config as unknown as Values)
  if (unknown.length > 0 || (patch.duplicates ?? []).length > 0) {
    const why = [...(patch.duplicates ?? []).map((path) => `.${path}: duplicate field`), ...unknown.map((path) => `.${path}: field not declared in schema`)]
    throw typedError(face, key, why.length === 1 ? why[0]! : `errors:\n  ${why.join('\n  ')}`)
  }
  return config
}

const typedError = (face: Face, key: Key, why: string) =>
  new ApiError('InternalError', `failed to create typed patch object (${key.namespace ?? ''}/${key.name}; ${face.group}/${face.version}, Kind=${face.definition.kind}): ${why}`)

function tryDecode(model: Model, face: Face, key: Key, value: Values): ReturnType<typeof decode> {
  try {
    return decode(model, value)
  } catch (error) {
    if (error instanceof DecodeError) throw typedError(face, key, error.message)
    throw error
  }
}

const decodedApply = (model: Model, face: Face, key: Key, value: Values): Values => tryDecode(model, face, key, value).value

/** The fields that the configuration claims: all it names, but for identity and what the resource would not let it set. */
function claimed({ facts, tracker }: Machinery, face: Face, params: PatchParams, config: NewObject): FieldSet | undefined {
  const model = facts.model(face.schema)
  let set = toFieldSet(tracker.shapes, tracker.shapes.ofModel(model), config)
  for (const field of ['f:apiVersion', 'f:kind']) set = without(set, field)
  for (const field of ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion']) {
    set = without(set, 'f:metadata', `f:${field}`)
  }
  if (params.subresource === 'status') set = without(set, 'f:spec')
  else if (face.definition.subresources.status === true) set = without(set, 'f:status')
  return set
}

const applierOf = (face: Face, params: PatchParams) => ({
  manager: params.fieldManager ?? '',
  operation: 'Apply' as const,
  apiVersion: apiVersionOf(face),
  subresource: params.subresource ?? '',
})

function applied(machinery: Machinery, face: Face, key: Key, config: NewObject, given: NewObject, params: PatchParams, old: KubeObject): NewObject {
  const { facts, tracker } = machinery
  const { shapes } = tracker
  const model = facts.model(face.schema)
  const shape = shapes.ofModel(model)
  assertUid(face, config, old)
  const live = tracker.wire(face, old) as AnyObject & Values
  const managers = ownersOf(machinery, face, old)
  const applier = applierOf(face, params)
  const self = managerKey(applier)
  const last = managers.get(self)?.fields
  const fields = claimed(machinery, face, params, config)
  managers.set(self, { ...applier, time: managers.get(self)?.time, fields })

  let result = merge(shapes, shape, withoutManaged(live), config) as Values
  if (last !== undefined) {
    let owned: FieldSet | undefined
    for (const manager of managers.values()) owned = union(owned, manager.fields)
    result = prune(shapes, shape, result, last, owned) as Values
  }
  const decoded = decodedApply(model, face, key, result)
  const found = tracker.compare(face, live, decoded as unknown as AnyObject)
  takeOver(managers, self, union(found.touched, found.removed), found.touched, params.force === true)

  const draft = toStorage(face, decoded)
  refreshLastApplied(draft, given, applier.manager)
  const changes = !equal(withoutManaged(live), withoutManaged(decoded as unknown as AnyObject & Values))
  // The time tells of the last apply that changed something; who only joins in has none.
  const owner = managers.get(self)!
  managers.set(self, { ...owner, ...(changes ? { time: tracker.now() } : {}) })
  delete draft.metadata.managedFields
  setManagers(draft, managers)
  return draft
}

/** Objects that were written before anybody applied get their present content owned by "before-first-apply". */
function ownersOf({ tracker }: Machinery, face: Face, old: KubeObject): Map<string, Manager> {
  const managers = new Map(decodeManagers(old.metadata.managedFields))
  if (managers.size > 0) return managers
  const { touched } = tracker.compare(face, tracker.blank(face), tracker.wire(face, old))
  if (touched !== undefined) {
    const before: Manager = { manager: 'before-first-apply', operation: 'Update', apiVersion: apiVersionOf(face), subresource: '', time: tracker.now(), fields: touched }
    managers.set(managerKey(before), before)
  }
  return managers
}

/** Others lose what this apply changes; without force they object. */
function takeOver(managers: Map<string, Manager>, self: string, changed: FieldSet | undefined, touched: FieldSet | undefined, force: boolean): void {
  if (changed === undefined) return
  const conflicts: Conflict[] = []
  for (const [key, manager] of [...managers]) {
    if (key === self) continue
    const fields = intersection(manager.fields, touched)
    if (fields !== undefined) conflicts.push({ manager, fields })
    managers.set(key, { ...manager, fields: difference(manager.fields, changed) })
  }
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
}

function assertUid(face: Face, config: NewObject, old: KubeObject): void {
  const { uid } = config.metadata
  if (uid && uid !== old.metadata.uid) throw objectInvalid(face.definition, old.metadata.name, [invalid('metadata.uid', uid, 'field is immutable')])
}

function withoutManaged(live: AnyObject & Values): Values {
  const { managedFields: _owners, ...metadata } = live.metadata
  return { ...live, metadata }
}

function setManagers(draft: NewObject, managers: ReadonlyMap<string, Manager>): void {
  const entries = encodeManagers(managers)
  if (entries !== undefined) draft.metadata.managedFields = entries
}
