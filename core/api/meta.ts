/** Object metadata and the shape every Kubernetes object shares on the wire. Times are RFC 3339 strings. */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  manager?: string
  operation?: 'Apply' | 'Update'
  apiVersion?: string
  time?: string
  fieldsType?: string
  fieldsV1?: Record<string, unknown>
  subresource?: string
}

export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string | null
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: ManagedFieldsEntry[]
}

/** An object on its way in: the server has not filled it yet. */
export interface NewObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** What the server always fills in. */
export interface StoredMeta extends ObjectMeta {
  name: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
}

/** An object as the server returns it. Frozen wherever it is shared. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: StoredMeta
  [field: string]: unknown
}

/** Names one object. `uid`, where given, must match: a successor of the same name is another object. */
export interface Ref {
  kind: string
  namespace?: string
  name: string
  uid?: string
}

export const refOf = (object: { kind: string; metadata: ObjectMeta }): Ref => ({
  kind: object.kind,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name ?? '',
  ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
})

/** One string a ref, for maps and logs: `Pod/default/web-1`, `Node//n1`. The uid takes no part. */
export const refKey = (ref: Ref): string => `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`

export const controllerOf = (meta: ObjectMeta): OwnerReference | undefined => meta.ownerReferences?.find((o) => o.controller)

/** Kubernetes' Time: RFC 3339 in whole seconds. */
export const timestamp = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}Z`

/** Kubernetes' MicroTime: RFC 3339 with six digits. */
export const microTimestamp = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 23)}000Z`
