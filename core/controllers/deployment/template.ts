/** Pod templates: their hash, their equality, and the ReplicaSet that stands for one. */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Deployment } from '../../api/types/apps.ts'
import type { PodTemplateSpec } from '../../api/types/core.ts'
import { controllerReference } from '../ownership.ts'
import { annotationsOfNew } from './annotations.ts'

export const hashLabel = 'pod-template-hash'
const safeLetters = 'bcdfghjklmnpqrstvwxz2456789'
const longestName = 253

/**
 * Short and stable, made of letters that spell no words (upstream: controller.ComputeHash over a Go dump, which no other
 * language can repeat; ours runs over canonical JSON, so that the same template gives another hash than upstream's).
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(canonical(template) + (collisionCount ? `#${collisionCount}` : ''))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => safeLetters[digit.charCodeAt(0) % safeLetters.length]).join('')
}

/** JSON with sorted keys, without nulls and empty lists: they mean the same as absence. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = value as Readonly<Record<string, unknown>>
  const parts: string[] = []
  for (const key of Object.keys(fields).sort()) {
    const child = fields[key]
    if (child === undefined || child === null || (Array.isArray(child) && child.length === 0)) continue
    parts.push(`${JSON.stringify(key)}:${canonical(child)}`)
  }
  return `{${parts.join(',')}}`
}

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
