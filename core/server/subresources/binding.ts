/** pods/binding: puts a Pod on a node, once (upstream: pkg/registry/core/pod/storage/storage.go, BindingREST). */
import { clone, isObject } from '../../base/json.ts'
import { notSupported, required } from '../../api/field-error.ts'
import type { FieldError } from '../../api/field-error.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { ApiError, Status } from '../../api/status.ts'
import { changeObject } from '../registry/change.ts'
import { badRequest, objectConflict, objectInvalid } from '../errors.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { Body, Caller, Key, WriteParams } from '../registry/registry.ts'
import { setPodCondition } from './pod-conditions.ts'
import { success } from './success.ts'

interface Binding {
  metadata: { name?: string; namespace?: string; uid?: string; resourceVersion?: string; annotations?: Record<string, string>; labels?: Record<string, string> }
  target: { kind?: string; name?: string }
}

export async function bindPod(machinery: Machinery, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Status> {
  const binding = read(key, body)
  await changeObject(machinery, {
    face: machinery.kind('Pod'),
    key,
    params: { ...params, subresource: 'binding' },
    caller,
    deed: 'updated',
    tracking: 'none',
    raw: true,
    revise: (old) => bound(old, binding, machinery.clock.now()),
  })
  return success()
}

function read(key: Key, body: Body): Binding {
  const value = isObject(body.value) ? body.value : {}
  const metadata = (isObject(value['metadata']) ? value['metadata'] : {}) as Binding['metadata']
  const target = (isObject(value['target']) ? value['target'] : {}) as Binding['target']
  if (metadata.name !== key.name) throw badRequest('name in URL does not match name in Binding object')
  const errors: FieldError[] = []
  if (target.kind !== undefined && target.kind !== '' && target.kind !== 'Node') errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  if (!target.name) errors.push(required('target.name'))
  if (errors.length > 0) throw objectInvalid({ group: '', kind: 'Binding' }, key.name, errors)
  return { metadata, target }
}

function bound(old: KubeObject, { metadata, target }: Binding, nowMs: number): NewObject {
  const refuse = (why: string): ApiError => objectConflict({ group: '', plural: 'pods/binding', kind: 'Pod' }, old.metadata.name, why)
  const { name } = old.metadata
  const { spec } = old as unknown as Pod
  if (metadata.uid && metadata.uid !== old.metadata.uid) throw refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`)
  if (metadata.resourceVersion && metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw refuse(`Precondition failed: ResourceVersion in precondition: ${metadata.resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`)
  }
  if (old.metadata.deletionTimestamp !== undefined) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (spec.nodeName) throw refuse(`pod ${name} is already assigned to node "${spec.nodeName}"`)
  if ((spec.schedulingGates?.length ?? 0) > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  const draft = clone(old) as NewObject
  const pod = draft as unknown as Pod
  pod.spec.nodeName = target.name!
  // The hint has served (ClearingNominatedNodeNameAfterBinding).
  delete pod.status?.nominatedNodeName
  if (metadata.annotations !== undefined) draft.metadata.annotations = { ...draft.metadata.annotations, ...metadata.annotations }
  if (metadata.labels !== undefined) draft.metadata.labels = { ...draft.metadata.labels, ...metadata.labels }
  setPodCondition(draft, { type: 'PodScheduled', status: 'True' }, nowMs)
  return draft
}
