/** The notes that a Deployment keeps on its ReplicaSets (pkg/controller/deployment/util/deployment_util.go). */
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts'
import { maxSurge, wantedReplicas } from './numbers.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const historyAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas'

const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
])
/** Kept for the controller's own use, never copied between a Deployment and its ReplicaSets. */
export const isNoted = (key: string): boolean => notCopied.has(key)

const historyLengthLimit = 2_000

export type Annotations = Readonly<Record<string, string>>

/** Upstream counts in 64 bits. */
export const revisionOf = (rs: ReplicaSet): bigint => {
  const text = rs.metadata.annotations?.[revisionAnnotation] ?? ''
  const revision = /^[+-]?\d+$/.test(text) ? BigInt(text) : 0n
  return BigInt.asIntN(64, revision) === revision ? revision : 0n
}

/** What stands in the annotation; undefined where it is no count. */
export function countIn(rs: ReplicaSet, annotation: string): number | undefined {
  const text = rs.metadata.annotations?.[annotation]
  return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : undefined
}

export const sizeAnnotations = (d: Deployment): Annotations => ({
  [desiredAnnotation]: String(wantedReplicas(d)),
  [maxAnnotation]: String(wantedReplicas(d) + maxSurge(d)),
})

const copied = (d: Deployment): Annotations => Object.fromEntries(Object.entries(d.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key)))

export const annotationsOfNew = (d: Deployment, revision: bigint): Annotations => ({ ...copied(d), [revisionAnnotation]: String(revision), ...sizeAnnotations(d) })

/** Annotations that the current ReplicaSet lacks. Reviving an older one gives it the newest number and notes the former. */
export function annotationsToSync(d: Deployment, current: ReplicaSet, revision: bigint): Annotations {
  const has = current.metadata.annotations ?? {}
  const changes: Record<string, string> = {}
  for (const [key, value] of Object.entries(copied(d))) if (has[key] !== value) changes[key] = value
  const former = has[revisionAnnotation]
  if (former !== undefined && !/^-?\d+$/.test(former) && former !== '') return changes
  if (revisionOf(current) >= revision) return changes
  changes[revisionAnnotation] = String(revision)
  if (former === undefined) return changes
  const history = has[historyAnnotation] ? has[historyAnnotation].split(',') : []
  history.push(former)
  while (history.length > 1 && history.join(',').length > historyLengthLimit) history.shift()
  changes[historyAnnotation] = history.join(',')
  return changes
}
