/** The neighbours of storage, network, policy and device kinds, and theirs among the others. Pure. */
import { claimClass } from '../../../../core/api/kinds/storage/names.ts'
import type { KubeObject, Ref } from '../../../../core/api/meta.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../../core/api/types/core.ts'
import type { Ingress } from '../../../../core/api/types/networking.ts'
import type { ResourceSlice } from '../../../../core/api/types/resource.ts'
import type { CSINode, VolumeAttachment } from '../../../../core/api/types/storage.ts'
import { podClaims } from '../../../../core/api/storage/pod-claims.ts'
import { ingressServices } from '../../../words/ingress.ts'
import { podsOfClass, type World } from '../../../words/world.ts'
import { inNamespace } from '../parts/part.ts'
import { classOf, machineOf, mountersOf } from '../parts/storage.ts'

const attachments = (world: World): readonly VolumeAttachment[] => world.list('VolumeAttachment') as readonly VolumeAttachment[]

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
      return [['claimed by', spec.claimRef ? [inNamespace('PersistentVolumeClaim', spec.claimRef.namespace, spec.claimRef.name ?? '')] : []], ['of class', spec.storageClassName && classOf(world, spec.storageClassName) ? [{ kind: 'StorageClass', name: spec.storageClassName }] : []], ['lives on', machine === undefined ? [] : [{ kind: 'Node', name: machine }]], ['attachment', refs('VolumeAttachment', attachments(world).filter((one) => one.spec.source.persistentVolumeName === name))]]
    }
    case 'PriorityClass': return [['Pods', refs('Pod', podsOfClass(world, 'priorityClassName', object))]]
    case 'RuntimeClass': return [['Pods', refs('Pod', podsOfClass(world, 'runtimeClassName', object))]]
    case 'VolumeAttachment': {
      const { source, nodeName } = (object as VolumeAttachment).spec
      return [['volume', source.persistentVolumeName === undefined ? [] : [{ kind: 'PersistentVolume', name: source.persistentVolumeName }]], ['machine', [{ kind: 'Node', name: nodeName }]]]
    }
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
    case 'Node': return [['volumes', refs('PersistentVolume', world.list('PersistentVolume').filter((one) => machineOf(one as PersistentVolume) === name))], ['attached', attachments(world).flatMap(({ spec }) => (spec.nodeName === name && spec.source.persistentVolumeName !== undefined ? [{ kind: 'PersistentVolume', name: spec.source.persistentVolumeName }] : []))], ['drivers', refs('CSINode', world.list('CSINode').filter((one) => one.metadata.name === name && ((one as CSINode).spec.drivers ?? []).length > 0))], ['devices', refs('ResourceSlice', world.list('ResourceSlice').filter((one) => (one as ResourceSlice).spec.nodeName === name))]]
    default: return []
  }
}
