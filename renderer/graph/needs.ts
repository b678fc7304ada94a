/** What a Pod template reads and mounts: ConfigMaps, Secrets and volumes with data of their own. Pure. */
import type { PodSpec, Volume } from '../../core/api/types/core.ts'

export interface Need {
  kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'volume'
  name: string
  /** Second line of a volume: its size or place. */
  detail?: string
  how: 'reads' | 'mounts'
}

/** The cluster adds these to every Pod; they say nothing about the app. */
const given: ReadonlySet<string> = new Set(['kube-root-ca.crt'])

export function needsOf(spec: PodSpec | undefined): Need[] {
  const needs = new Map<string, Need>()
  const add = (need: Need) => {
    const key = `${need.kind}/${need.name}`
    if (!given.has(need.name) && !needs.has(key)) needs.set(key, need)
  }
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    for (const from of container.envFrom ?? []) {
      if (from.configMapRef?.name) add({ kind: 'ConfigMap', name: from.configMapRef.name, how: 'reads' })
      if (from.secretRef?.name) add({ kind: 'Secret', name: from.secretRef.name, how: 'reads' })
    }
    for (const env of container.env ?? []) {
      if (env.valueFrom?.configMapKeyRef?.name) add({ kind: 'ConfigMap', name: env.valueFrom.configMapKeyRef.name, how: 'reads' })
      if (env.valueFrom?.secretKeyRef?.name) add({ kind: 'Secret', name: env.valueFrom.secretKeyRef.name, how: 'reads' })
    }
  }
  for (const volume of spec?.volumes ?? []) for (const need of ofVolume(volume)) add(need)
  return [...needs.values()]
}

function ofVolume(volume: Volume): Need[] {
  if (volume.configMap?.name) return [{ kind: 'ConfigMap', name: volume.configMap.name, how: 'mounts' }]
  if (volume.secret?.secretName) return [{ kind: 'Secret', name: volume.secret.secretName, how: 'mounts' }]
  if (volume.hostPath) return [{ kind: 'volume', name: volume.name, detail: volume.hostPath.path, how: 'mounts' }]
  if (volume.emptyDir) {
    const size = volume.emptyDir.sizeLimit
    return [{ kind: 'volume', name: volume.name, detail: size === undefined ? (volume.emptyDir.medium === 'Memory' ? 'in memory' : 'as long as its Pod') : String(size).replace(/([KMGT])i$/, ' $1iB'), how: 'mounts' }]
  }
  const needs: Need[] = []
  for (const source of volume.projected?.sources ?? []) {
    if (source.configMap?.name) needs.push({ kind: 'ConfigMap', name: source.configMap.name, how: 'mounts' })
    if (source.secret?.name) needs.push({ kind: 'Secret', name: source.secret.name, how: 'mounts' })
  }
  return needs
}
