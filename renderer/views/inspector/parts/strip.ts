/** The strip of facts and the neighbours of storage, network, policy and device kinds. Pure. */
import { claimClass, isDefaultClass } from '../../../../core/api/kinds/storage/names.ts'
import type { KubeObject, Ref } from '../../../../core/api/meta.ts'
import type { LimitRange, PersistentVolume, PersistentVolumeClaim, Pod, ResourceQuota } from '../../../../core/api/types/core.ts'
import type { Ingress, IPAddress, ServiceCIDR } from '../../../../core/api/types/networking.ts'
import type { ResourceClaim, ResourceSlice } from '../../../../core/api/types/resource.ts'
import type { EndpointSlice } from '../../../../core/api/types/discovery.ts'
import type { RuntimeClass } from '../../../../core/api/types/node.ts'
import type { PriorityClass } from '../../../../core/api/types/scheduling.ts'
import type { CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../../../core/api/types/storage.ts'
import { podClaims } from '../../../../core/api/storage/pod-claims.ts'
import { count } from '../../../words/amounts.ts'
import { ingressServices } from '../../../words/ingress.ts'
import type { World } from '../../../words/world.ts'
import { answering } from './network.ts'
import { inNamespace } from './part.ts'
import { classOf, machineOf, mountersOf, sizeInWords, volumeOf } from './storage.ts'

interface Fact { label: string; value: string; mono?: boolean }

const keeps = { Delete: 'goes with the claim', Retain: 'stays', Recycle: 'is wiped' } as const

export function stripOf(world: World, object: KubeObject): Fact[] {
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

const podsOfClass = (world: World, field: 'priorityClassName' | 'runtimeClassName', { metadata }: KubeObject): readonly Pod[] =>
  (world.list('Pod') as readonly Pod[]).filter((pod) => pod.spec?.[field] === metadata.name)

/** Neighbours as [what they are to it, who]. */
export function neighboursOf(world: World, object: KubeObject): [string, Ref[]][] {
  const { namespace, name } = object.metadata
  const refs = (kind: string, objects: readonly KubeObject[]): Ref[] => objects.map((one) => inNamespace(kind, one.metadata.namespace, one.metadata.name))
  switch (object.kind) {
    case 'Pod': return [['stores in', podClaims(object as Pod).map(({ claim }) => inNamespace('PersistentVolumeClaim', namespace, claim))]]
    case 'PersistentVolumeClaim': {
      const claim = object as PersistentVolumeClaim
      return [['mounted by', refs('Pod', mountersOf(world, claim))], ['kept in', claim.spec.volumeName ? [{ kind: 'PersistentVolume', name: claim.spec.volumeName }] : []], ['of class', claimClass(claim) === '' || (claim.status.phase === 'Bound' && !classOf(world, claimClass(claim))) ? [] : [{ kind: 'StorageClass', name: claimClass(claim) }]]]
    }
    case 'PersistentVolume': {
      const { spec } = object as PersistentVolume
      const machine = machineOf(object as PersistentVolume)
      return [['claimed by', spec.claimRef ? [inNamespace('PersistentVolumeClaim', spec.claimRef.namespace, spec.claimRef.name ?? '')] : []], ['of class', spec.storageClassName && classOf(world, spec.storageClassName) ? [{ kind: 'StorageClass', name: spec.storageClassName }] : []], ['lives on', machine === undefined ? [] : [{ kind: 'Node', name: machine }]]]
    }
    case 'PriorityClass': return [['Pods', refs('Pod', podsOfClass(world, 'priorityClassName', object))]]
    case 'RuntimeClass': return [['Pods', refs('Pod', podsOfClass(world, 'runtimeClassName', object))]]
    case 'CSINode': return [['machine', [{ kind: 'Node', name }]]]
    case 'StorageClass': return [['volumes', refs('PersistentVolume', world.list('PersistentVolume').filter((one) => (one as PersistentVolume).spec.storageClassName === name))]]
    case 'Ingress': {
      const ingress = object as Ingress
      return [
        ['leads to', ingressServices(ingress).map((service) => inNamespace('Service', namespace, service))],
        ['certificates', (ingress.spec.tls ?? []).flatMap(({ secretName }) => (secretName ? [inNamespace('Secret', namespace, secretName)] : []))],
        ['of class', ingress.spec.ingressClassName ? [{ kind: 'IngressClass', name: ingress.spec.ingressClassName }] : []],
      ]
    }
    case 'Service': return [['ways in', refs('Ingress', world.list('Ingress', namespace).filter((one) => ingressServices(one as Ingress).includes(name)))]]
    case 'Namespace': return [['quotas', refs('ResourceQuota', world.list('ResourceQuota', name))], ['limit ranges', refs('LimitRange', world.list('LimitRange', name))], ['claims', refs('PersistentVolumeClaim', world.list('PersistentVolumeClaim', name))]]
    case 'Node': return [['volumes', refs('PersistentVolume', world.list('PersistentVolume').filter((one) => machineOf(one as PersistentVolume) === name))], ['devices', refs('ResourceSlice', world.list('ResourceSlice').filter((one) => (one as ResourceSlice).spec.nodeName === name))]]
    default: return []
  }
}
