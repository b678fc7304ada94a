/** Facts of storage, network, policy and device kinds. Pure. */
import { claimClass, isDefaultClass } from '../../../../core/api/kinds/storage/names.ts'
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { LimitRange, PersistentVolume, PersistentVolumeClaim, Pod, ResourceQuota } from '../../../../core/api/types/core.ts'
import type { Ingress, IPAddress, ServiceCIDR } from '../../../../core/api/types/networking.ts'
import type { ResourceClaim, ResourceSlice } from '../../../../core/api/types/resource.ts'
import type { EndpointSlice } from '../../../../core/api/types/discovery.ts'
import type { RuntimeClass } from '../../../../core/api/types/node.ts'
import type { PriorityClass } from '../../../../core/api/types/scheduling.ts'
import type { CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../../../core/api/types/storage.ts'
import { count } from '../../../words/amounts.ts'
import { ingressServices } from '../../../words/ingress.ts'
import { podsOfClass, type World } from '../../../words/world.ts'
import { answering } from '../parts/network.ts'
import { machineOf, mountersOf, sizeInWords, volumeOf } from '../parts/storage.ts'
import type { Fact } from './fact.ts'

const keeps = { Delete: 'goes with the claim', Retain: 'stays', Recycle: 'is wiped' } as const

export function resourceFacts(world: World, object: KubeObject): Fact[] {
  switch (object.kind) {
    case 'PersistentVolumeClaim': {
      const claim = object as PersistentVolumeClaim
      const volume = volumeOf(world, claim)
      const mounters = mountersOf(world, claim)
      return [
        { label: 'Size', value: sizeInWords(claim.status.capacity?.['storage'] ?? claim.spec.resources?.requests?.['storage']) },
        { label: 'Class', value: claimClass(claim) || 'none' },
        { label: 'Mounted by', value: mounters.length === 0 ? 'no Pod' : count(mounters.length, 'Pod') },
        ...(volume ? [{ label: 'Machine', value: machineOf(volume) ?? 'any' }, { label: 'Data', value: keeps[volume.spec.persistentVolumeReclaimPolicy ?? 'Delete'] }] : []),
      ]
    }
    case 'PersistentVolume': {
      const volume = object as PersistentVolume
      return [
        { label: 'Size', value: sizeInWords(volume.spec.capacity?.['storage']) },
        { label: 'Claim', value: volume.spec.claimRef ? `${volume.spec.claimRef.namespace ?? ''}/${volume.spec.claimRef.name ?? ''}` : 'none' },
        { label: 'Machine', value: machineOf(volume) ?? 'any' },
        { label: 'Data', value: keeps[volume.spec.persistentVolumeReclaimPolicy ?? 'Retain'] },
      ]
    }
    case 'StorageClass': {
      const claims = (world.list('PersistentVolumeClaim') as readonly PersistentVolumeClaim[]).filter((claim) => claimClass(claim) === object.metadata.name)
      return [{ label: 'Default', value: isDefaultClass(object as StorageClass) ? 'yes' : 'no' }, { label: 'Claims', value: String(claims.length) }, { label: 'Can grow', value: (object as StorageClass).allowVolumeExpansion ? 'yes' : 'no' }]
    }
    case 'Ingress': {
      const ingress = object as Ingress
      const hosts = [...new Set((ingress.spec.rules ?? []).map(({ host }) => host ?? 'any'))]
      const ready = ingressServices(ingress).map((name) => answering(world, ingress.metadata.namespace, name).ready)
      return [
        { label: 'Hosts', value: hosts.join(', ') || 'any' },
        { label: 'Answer', value: count(ready.reduce((sum, n) => sum + n, 0), 'Pod') },
        { label: 'Class', value: ingress.spec.ingressClassName ?? 'none' },
        { label: 'TLS', value: ingress.spec.tls?.length ? 'yes' : 'no' },
      ]
    }
    case 'ServiceCIDR': return [{ label: 'Range', value: ((object as ServiceCIDR).spec?.cidrs ?? []).join(', '), mono: true }]
    case 'IPAddress': return [{ label: 'Service', value: (object as IPAddress).spec?.parentRef.name ?? 'none' }]
    case 'ResourceQuota': return [{ label: 'Limits', value: String(Object.keys((object as ResourceQuota).spec?.hard ?? {}).length) }]
    case 'LimitRange': return [{ label: 'Holds for', value: (object as LimitRange).spec.limits.map(({ type }) => (type === 'PersistentVolumeClaim' ? 'claims' : `${type.toLowerCase()}s`.replace('pods', 'Pods'))).join(', ') }]
    case 'ResourceClaim': {
      const results = (object as ResourceClaim).status?.allocation?.devices?.results ?? []
      return [{ label: 'Devices', value: results.map(({ device }) => device).join(', ') || 'none yet' }, { label: 'Used by', value: count(((object as ResourceClaim).status?.reservedFor ?? []).length, 'Pod') }]
    }
    case 'ResourceSlice': return [{ label: 'Machine', value: (object as ResourceSlice).spec.nodeName ?? 'several' }, { label: 'Devices', value: String((object as ResourceSlice).spec.devices?.length ?? 0) }, { label: 'Driver', value: (object as ResourceSlice).spec.driver, mono: true }]
    case 'VolumeAttachment': return [{ label: 'Attached', value: (object as VolumeAttachment).status?.attached ? 'yes' : 'not yet' }, { label: 'Volume', value: (object as VolumeAttachment).spec.source.persistentVolumeName ?? 'given in place' }, { label: 'Machine', value: (object as VolumeAttachment).spec.nodeName }]
    case 'CSINode': return [{ label: 'Drivers', value: (object as CSINode).spec.drivers.map((one) => one.name).join(', ') || 'none' }]
    case 'CSIStorageCapacity': return [{ label: 'Free', value: sizeInWords((object as CSIStorageCapacity).capacity) }, { label: 'Class', value: (object as CSIStorageCapacity).storageClassName }]
    case 'VolumeAttributesClass': return [{ label: 'Driver', value: (object as VolumeAttributesClass).driverName, mono: true }]
    case 'PriorityClass': return [{ label: 'Value', value: ((object as PriorityClass).value ?? 0).toLocaleString('en') }, { label: 'Displaces others', value: (object as PriorityClass).preemptionPolicy === 'Never' ? 'no' : 'yes' }, { label: 'Pods', value: String(podsOfClass(world, 'priorityClassName', object).length) }]
    case 'RuntimeClass': return [{ label: 'Handler', value: (object as RuntimeClass).handler, mono: true }, { label: 'Pods', value: String(podsOfClass(world, 'runtimeClassName', object).length) }]
    case 'ServiceAccount': return [{ label: 'Pods', value: String((world.list('Pod', object.metadata.namespace) as readonly Pod[]).filter((pod) => (pod.spec?.serviceAccountName ?? 'default') === object.metadata.name).length) }]
    case 'EndpointSlice': {
      const endpoints = (object as EndpointSlice).endpoints ?? []
      return [{ label: 'Answer', value: `${endpoints.filter(({ conditions }) => conditions?.ready !== false && conditions?.terminating !== true).length} of ${endpoints.length}` }, { label: 'Ports', value: ((object as EndpointSlice).ports ?? []).map(({ port }) => String(port ?? 'any')).join(', ') || 'none' }]
    }
    default: return []
  }
}
