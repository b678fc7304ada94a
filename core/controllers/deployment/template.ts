/** Pod templates: their hash, their equality, and the ReplicaSet that stands for one. */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Deployment } from '../../api/types/apps.ts'
import type { PodTemplateSpec } from '../../api/types/core.ts'
import { canonical, shortHash } from '../planning/canonical.ts'
import { controllerReference } from '../planning/ownership.ts'
import { annotationsOfNew } from './annotations.ts'

export const hashLabel = 'pod-template-hash'
const longestName = 253

export const templateHash = (template: PodTemplateSpec, collisionCount: number | undefined): string =>
  shortHash(canonical(template) + (collisionCount ? `#${collisionCount}` : ''))

const withoutHash = (template: PodTemplateSpec): PodTemplateSpec => {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

export const sameTemplate = (a: PodTemplateSpec, b: PodTemplateSpec): boolean => canonical(withoutHash(a)) === canonical(withoutHash(b))

export function replicaSetName(d: KubeObject, hash: string): string {
  return `${d.metadata.name.slice(0, longestName - hash.length - 1)}-${hash}`
}

export function newReplicaSet(d: Deployment, hash: string, replicas: number, revision: bigint): NewObject {
  const labels = { ...d.spec.template.metadata?.labels, [hashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: replicaSetName(d, hash),
      namespace: d.metadata.namespace ?? '',
      labels,
      annotations: { ...annotationsOfNew(d, revision) },
      ownerReferences: [controllerReference(d)],
    },
    spec: {
      replicas,
      ...(d.spec.minReadySeconds === undefined ? {} : { minReadySeconds: d.spec.minReadySeconds }),
      selector: { ...d.spec.selector, matchLabels: { ...d.spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels } },
    },
  }
}
