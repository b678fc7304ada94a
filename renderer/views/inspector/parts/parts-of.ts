/** What a panel shows of an object beyond what every object has: by kind. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { StateView } from '../../../../core/api/state/view.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from '../../../../core/api/types/apps.ts'
import type { HorizontalPodAutoscaler } from '../../../../core/api/types/autoscaling-v2.ts'
import type { CronJob, Job } from '../../../../core/api/types/batch.ts'
import type { LimitRange, PersistentVolume, PersistentVolumeClaim, PodTemplate, ResourceQuota, ServiceAccount } from '../../../../core/api/types/core.ts'
import type { EndpointSlice } from '../../../../core/api/types/discovery.ts'
import type { Ingress, IngressClass, IPAddress, ServiceCIDR } from '../../../../core/api/types/networking.ts'
import type { RuntimeClass } from '../../../../core/api/types/node.ts'
import type { PodDisruptionBudget } from '../../../../core/api/types/policy.ts'
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../../../core/api/types/resource.ts'
import type { PriorityClass } from '../../../../core/api/types/scheduling.ts'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../../../core/api/types/storage.ts'
import type { World } from '../../../words/world.ts'
import { cronParts, jobParts } from './batch.ts'
import { claimTemplateParts, deviceClassParts, resourceClaimParts, resourceSliceParts } from './devices.ts'
import { accountParts, namespaceParts } from './namespaces.ts'
import { addressParts, ingressClassParts, ingressParts, serviceCidrParts, sliceParts } from './network.ts'
import type { Part } from './part.ts'
import { limitParts, quotaParts } from './policy.ts'
import { autoscalerParts, budgetParts, priorityParts, runtimeClassParts } from './scaling.ts'
import { attachmentParts, attributesClassParts, capacityParts, claimParts, csiDriverParts, csiNodeParts, storageClassParts, volumeParts } from './storage.ts'
import { daemonParts, revisionParts, statefulParts, templateParts } from './workloads.ts'

export function partsOf(world: World, view: StateView, object: KubeObject, now: number): Part[] {
  switch (object.kind) {
    case 'StatefulSet': return statefulParts(world, object as StatefulSet)
    case 'DaemonSet': return daemonParts(world, object as DaemonSet)
    case 'Job': return jobParts(world, object as Job, now)
    case 'CronJob': return cronParts(world, view, object as CronJob, now)
    case 'ControllerRevision': return revisionParts(world, object as ControllerRevision)
    case 'PodTemplate': return templateParts(object as PodTemplate)
    case 'HorizontalPodAutoscaler': return autoscalerParts(object as HorizontalPodAutoscaler)
    case 'PodDisruptionBudget': return budgetParts(world, object as PodDisruptionBudget)
    case 'PriorityClass': return priorityParts(world, object as PriorityClass)
    case 'RuntimeClass': return runtimeClassParts(world, object as RuntimeClass)
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
