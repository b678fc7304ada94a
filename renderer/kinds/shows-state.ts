/** Kinds whose state says more than that they are there: these carry a mark in tables, links and headers. */
import type { KindName } from '../../core/api/kind-names.ts'

const speaking: ReadonlySet<string> = new Set<KindName>([
  'Pod', 'Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Service', 'Ingress', 'Node',
  'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'ResourceQuota', 'PersistentVolumeClaim', 'PersistentVolume', 'ResourceClaim',
])

export const showsState = (kind: string): boolean => speaking.has(kind)
