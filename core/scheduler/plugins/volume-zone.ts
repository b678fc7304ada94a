/** A volume of a zone or region goes to nodes of the same (upstream: plugins/volumezone). */
import { claimClass } from '../../api/kinds/storage/names.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.ts'
import type { StorageClass } from '../../api/types/storage.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Plugin } from '../plugin.ts'
import { refuse, usesClaim } from '../volume-claims.ts'

const newer: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
}
const labels = [...Object.keys(newer), ...Object.values(newer)]
const rejection = { reasons: ['node(s) had no available volume zone'], unresolvable: true }

interface Demand {
  readonly volume: string
  readonly key: string
  readonly values: ReadonlySet<string>
}

export const volumeZone: Plugin = {
  name: 'VolumeZone',
  filter(pod, { objects }) {
    const demands: Demand[] = []
    for (const { persistentVolumeClaim } of pod.pod.spec.volumes ?? []) {
      if (!persistentVolumeClaim) continue
      const { claimName } = persistentVolumeClaim
      const claim = objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.namespace, claimName)
      if (!claim) return refuse(`persistentvolumeclaim "${claimName}" not found`, `needs claim ${claimName}, which does not exist`)
      if (!claim.spec.volumeName) {
        const name = claimClass(claim)
        if (name === '') return refuse('PersistentVolumeClaim had no pv name and storageClass name', `needs claim ${claimName}, which has neither volume nor class`)
        const storageClass = objects.get<StorageClass>('StorageClass', undefined, name)
        if (!storageClass) return refuse(`storageclass.storage.k8s.io "${name}" not found`, `needs claim ${claimName} of class ${name}, which does not exist`)
        if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') continue
        return refuse('PersistentVolume had no name', `needs claim ${claimName}, which has no volume yet`)
      }
      const volume = objects.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName)
      if (!volume) return refuse(`persistentvolume "${claim.spec.volumeName}" not found`, `needs volume ${claim.spec.volumeName}, which does not exist`)
      for (const key of labels) {
        const value = volume.metadata.labels?.[key]
        if (value !== undefined) demands.push({ volume: volume.metadata.name, key, values: new Set(value.split('__').map((one) => one.trim())) })
      }
    }
    if (demands.length === 0) return undefined
    const missed = (node: NodeInfo) => (labels.some((key) => node.labels[key] !== undefined) ? demands.find(({ key, values }) => !values.has(node.labels[key] ?? node.labels[newer[key] ?? ''] ?? '')) : undefined)
    return {
      test: (node) => (missed(node) ? rejection : undefined),
      tell(node) {
        const demand = missed(node)
        return demand ? `is not in ${[...demand.values].join(' or ')}, where volume ${demand.volume} is` : 'is where its volumes are'
      },
      summary: (nodes) => `needs a node where its volumes are: ${demands.map(({ volume, values }) => `${volume} in ${[...values].join(' or ')}`).join(', ')}; ${sayNames(nodes.map(({ name }) => name))} ${nodes.length === 1 ? 'is' : 'are'} not`,
    }
  },
  wakesOn: ['Node', 'PersistentVolume', 'PersistentVolumeClaim', 'StorageClass'],
  helps(pod, change) {
    if (change.kind === 'Node') return changedNode(change, 'added', 'labels') !== undefined
    if (change.kind === 'Pod' || change.what === 'removed') return false
    return change.kind !== 'PersistentVolumeClaim' || usesClaim(pod, change.object)
  },
}
