/** The Pod that a controller makes from its template (pkg/controller/controller_utils.go, GetPodFromTemplate). */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { PodTemplateSpec } from '../../api/types/core.ts'
import { controllerReference } from './ownership.ts'

const longestName = 253

export function podFrom({ metadata, spec }: PodTemplateSpec, owner: KubeObject): NewObject {
  const { name } = owner.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // The dash only makes it prettier: it is left out where it would make the name too long.
      generateName: name.length < longestName ? `${name}-` : name,
      namespace: owner.metadata.namespace ?? '',
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  }
}
