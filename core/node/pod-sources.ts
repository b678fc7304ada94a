/** The ConfigMaps, Secrets and claims that a Pod is made from, as keys `Kind/namespace/name`: what wakes its worker. Pure. */
import { podClaims } from '../api/storage/pod-claims.ts'
import type { Pod } from '../api/types/core.ts'
import { contentSources } from './volumes/content.ts'

export function podSources(pod: Pod): string[] {
  const { spec, metadata } = pod
  const key = (kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim', name: string | undefined) => `${kind}/${metadata.namespace ?? ''}/${name ?? ''}`
  const keys = [...(spec.volumes ?? []).flatMap((volume) => contentSources(pod, volume)), ...podClaims(pod).map(({ claim }) => key('PersistentVolumeClaim', claim))]
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) keys.push(configMapRef ? key('ConfigMap', configMapRef.name) : key('Secret', secretRef?.name))
    for (const { valueFrom } of container.env ?? []) {
      if (valueFrom?.configMapKeyRef) keys.push(key('ConfigMap', valueFrom.configMapKeyRef.name))
      if (valueFrom?.secretKeyRef) keys.push(key('Secret', valueFrom.secretKeyRef.name))
    }
  }
  return keys
}
