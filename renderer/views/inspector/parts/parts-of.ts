/** What a panel shows of an object beyond what every object has: by kind. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { LimitRange, PersistentVolume, PersistentVolumeClaim, ResourceQuota, ServiceAccount } from '../../../../core/api/types/core.ts'
import type { EndpointSlice } from '../../../../core/api/types/discovery.ts'
import type { IPAddress, Ingress, IngressClass, ServiceCIDR } from '../../../../core/api/types/networking.ts'
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../../../core/api/types/resource.ts'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../../../core/api/types/storage.ts'
import type { World } from '../../../words/world.ts'
import { accountParts, namespaceParts } from './namespaces.ts'
import { claimTemplateParts, deviceClassParts, resourceClaimParts, resourceSliceParts } from './devices.ts'
import { addressParts, ingressClassParts, ingressParts, serviceCidrParts, sliceParts } from './network.ts'
import type { Part } from './part.ts'
import { limitParts, quotaParts } from './policy.ts'
import { attachmentParts, attributesClassParts, capacityParts, claimParts, csiDriverParts, csiNodeParts, storageClassParts, volumeParts } from './storage.ts'

export function partsOf(world: World, object: KubeObject): Part[] {
  switch (object.kind) {
    case 'PersistentVolumeClaim': return claimParts(world, object as PersistentVolumeClaim)
    case 'PersistentVolume': return volumeParts(world, object as PersistentVolume)
    case 'StorageClass': return storageClassParts(world, object as StorageClass)
    case 'VolumeAttachment': return attachmentParts(object as VolumeAttachment)
    case 'VolumeAttributesClass': return attributesClassParts(world, object as VolumeAttributesClass)
    case 'CSIDriver': return csiDriverParts(world, object as CSIDriver)
    case 'CSINode': return csiNodeParts(object as CSINode)
    case 'CSIStorageCapacity': return capacityParts(object as CSIStorageCapacity)
    case 'Ingress': return ingressParts(world, object as Ingress)
    case 'IngressClass': return ingressClassParts(world, object as IngressClass)
    case 'ServiceCIDR': return serviceCidrParts(world, object as ServiceCIDR)
    case 'IPAddress': return addressParts(world, object as IPAddress)
    case 'EndpointSlice': return sliceParts(object as EndpointSlice)
    case 'ServiceAccount': return accountParts(world, object as ServiceAccount)
    case 'Namespace': return namespaceParts(world, object)
    case 'ResourceQuota': return quotaParts(world, object as ResourceQuota)
    case 'LimitRange': return limitParts(object as LimitRange)
    case 'DeviceClass': return deviceClassParts(world, object as DeviceClass)
    case 'ResourceClaim': return resourceClaimParts(world, object as ResourceClaim)
    case 'ResourceClaimTemplate': return claimTemplateParts(object as ResourceClaimTemplate)
    case 'ResourceSlice': return resourceSliceParts(world, object as ResourceSlice)
    default: return []
  }
}
