/** What an autoscaler scales: any kind that has a scale, told as upstream tells it when there is none (scaleForResourceMappings). */
import { qualifiedResource, type AnyObject, type ScaleAccess } from '../../api/kind.ts'
import { parseLabelSelector, type Selector } from '../../api/label-selector.ts'
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling-v2.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

/** A kind as the autoscaler needs to know it. */
export interface ScalableKind {
  readonly kind: string
  /** '' for the core group. */
  readonly group: string
  readonly plural: string
  readonly subresources?: { readonly scale?: ScaleAccess<AnyObject> }
}

export type Kinds = ReadonlyMap<string, ScalableKind>

export interface Target {
  readonly ref: Ref
  readonly replicas: number
  /** As its own status counts them. */
  readonly counted: number
  /** '' where the target has none. */
  readonly selectorText: string
  readonly selector: Selector
}

/** The target, or why there is none. */
export function targetOf({ metadata, spec: { scaleTargetRef } }: HorizontalPodAutoscaler, kinds: Kinds, snapshot: Snapshot): Target | string {
  const { kind, name, apiVersion = '' } = scaleTargetRef
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const known = kinds.get(kind)
  if (known?.group !== group) return `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`
  const scale = known.subresources?.scale
  if (!scale) return 'the server could not find the requested resource'
  const object = snapshot.get<KubeObject>(kind, metadata.namespace, name)
  if (!object) return `${qualifiedResource(known)} ${JSON.stringify(name)} not found`
  const selectorText = scale.selector(object)
  return { ref: refOf(object), replicas: scale.specReplicas(object), counted: scale.statusReplicas(object), selectorText, selector: parseLabelSelector(selectorText) }
}
