/**
 * Who a Pod of a StatefulSet is: its ordinal, its names, its labels, its claims (pkg/controller/statefulset/
 * stateful_set_utils.go). Identity is stable: it follows from the set and the ordinal alone.
 */
import type { NewObject } from '../../api/meta.ts'
import type { StatefulSet } from '../../api/types/apps.ts'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../api/types/core.ts'
import { controllerReference } from '../planning/ownership.ts'

const revisionLabel = 'controller-revision-hash'
const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'

const largest = 2_147_483_647

/** The set and the ordinal that a name speaks of; the ordinal is -1 where it is no number that fits. */
export function parseName(name: string): { readonly parent: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-([0-9]+)$/s.exec(name)
  if (!match) return undefined
  const ordinal = Number(match[2])
  return { parent: match[1] ?? '', ordinal: ordinal <= largest ? ordinal : -1 }
}

export const ordinalOf = (pod: Pod): number => parseName(pod.metadata.name)?.ordinal ?? -1
export const isMember = (set: StatefulSet, podName: string): boolean => parseName(podName)?.parent === set.metadata.name

export const wantedReplicas = (set: StatefulSet): number => set.spec.replicas ?? 1
export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0
export const isInRange = (set: StatefulSet, ordinal: number): boolean => ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + wantedReplicas(set)

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`
export const claimName = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string => `${template.metadata.name}-${set.metadata.name}-${ordinal}`

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[revisionLabel] ?? ''

const identityLabels = (set: StatefulSet, ordinal: number): Record<string, string> => ({ [podNameLabel]: podName(set, ordinal), [podIndexLabel]: String(ordinal) })

/** Labels that a Pod lacks for its identity; upstream looks at the name only, and then sets both. */
export function missingIdentity(set: StatefulSet, pod: Pod): Record<string, string> | undefined {
  return pod.metadata.labels?.[podNameLabel] === pod.metadata.name ? undefined : identityLabels(set, ordinalOf(pod))
}

/** The claims' volumes first; they replace volumes of the same names. */
export function volumesOf(set: StatefulSet, ordinal: number, others: readonly Volume[]): Volume[] {
  const templates = set.spec.volumeClaimTemplates ?? []
  const names = new Set(templates.map(({ metadata }) => metadata.name))
  return [
    ...templates.map((template) => ({ name: template.metadata.name, persistentVolumeClaim: { claimName: claimName(set, template, ordinal) } })),
    ...others.filter(({ name }) => !names.has(name)),
  ]
}

export function hasItsVolumes(set: StatefulSet, pod: Pod): boolean {
  const claims = new Map((pod.spec?.volumes ?? []).map(({ name, persistentVolumeClaim }) => [name, persistentVolumeClaim?.claimName]))
  return (set.spec.volumeClaimTemplates ?? []).every((template) => claims.get(template.metadata.name) === claimName(set, template, ordinalOf(pod)))
}

export function newPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): NewObject {
  const { metadata, spec } = template
  const name = podName(set, ordinal)
  const volumes = volumesOf(set, ordinal, spec.volumes ?? [])
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...metadata?.labels, ...identityLabels(set, ordinal), [revisionLabel]: revision },
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(set)],
    },
    spec: { ...spec, hostname: name, ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}), ...(volumes.length > 0 ? { volumes } : {}) },
  }
}
