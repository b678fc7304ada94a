/** A Deployment's kept revisions, newest first, with what each template has otherwise than today's. */
import type { RevisionInfo } from '../../../electron/contract.ts'
import type { KubeObject, Ref } from '../../api/meta.ts'
import { refOf } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import { clone, isObject } from '../../base/json.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const causeAnnotation = 'kubernetes.io/change-cause'
const hashLabel = 'pod-template-hash'

const templateOf = (object: KubeObject): Record<string, unknown> => {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const template = clone(isObject(spec['template']) ? spec['template'] : {})
  const metadata = template['metadata']
  if (isObject(metadata) && isObject(metadata['labels'])) delete metadata['labels'][hashLabel]
  return template
}

const imagesOf = (template: Record<string, unknown>): string[] => {
  const spec = isObject(template['spec']) ? template['spec'] : {}
  const containers = Array.isArray(spec['containers']) ? spec['containers'] : []
  return containers.flatMap((container) => (isObject(container) && typeof container['image'] === 'string' ? [container['image']] : []))
}

export function revisions(snapshot: Snapshot, ref: Ref): RevisionInfo[] {
  const deployment = snapshot.get(ref.kind, ref.namespace, ref.name)
  if (!deployment) throw new ApiError('NotFound', `${ref.kind} ${ref.name} does not exist`)
  const current = templateOf(deployment)
  const now = Number(deployment.metadata.annotations?.[revisionAnnotation] ?? 0)
  return snapshot
    .ownedBy(deployment.metadata.uid, 'ReplicaSet')
    .map((set) => {
      const template = templateOf(set)
      const revision = Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)
      const status = isObject(set['status']) ? set['status'] : {}
      const cause = set.metadata.annotations?.[causeAnnotation]
      return {
        revision,
        ref: refOf(set),
        images: imagesOf(template),
        atMs: Date.parse(set.metadata.creationTimestamp),
        current: revision === now,
        replicas: typeof status['replicas'] === 'number' ? status['replicas'] : 0,
        changes: fieldDiff(current, template),
        ...(cause === undefined ? {} : { cause }),
      }
    })
    .sort((a, b) => b.revision - a.revision)
}
