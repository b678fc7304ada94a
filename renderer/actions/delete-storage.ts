/** What deleting claims, volumes, ways in and policies means; volume data is the one thing that no undo brings back. Pure. */
import { claimClass, isDefaultClass } from '../../core/api/kinds/storage/names.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { isFinished } from '../../core/api/pod-lifecycle.ts'
import { podClaims } from '../../core/api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import type { Ingress } from '../../core/api/types/networking.ts'
import type { ResourceClaim } from '../../core/api/types/resource.ts'
import type { StorageClass } from '../../core/api/types/storage.ts'
import { bytesInWords, count, listInWords, quantityToNumber } from '../words/amounts.ts'
import type { World } from '../words/world.ts'
import type { ConfirmLine } from './action.ts'

const size = (amounts: Readonly<Record<string, string>> | undefined): string => bytesInWords(quantityToNumber(amounts?.['storage']) ?? 0)
const most3 = (names: readonly string[]): string => (names.length <= 3 ? listInWords(names) : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`)

const volumeOf = (world: World, claim: PersistentVolumeClaim): PersistentVolume | undefined =>
  claim.spec.volumeName ? (world.get({ kind: 'PersistentVolume', name: claim.spec.volumeName }) as PersistentVolume | undefined) : undefined

/** "8 GiB of data" where deleting this destroys data for good. */
export function dataLost(world: World, object: KubeObject): string | undefined {
  if (object.kind === 'PersistentVolumeClaim') {
    const volume = volumeOf(world, object as PersistentVolumeClaim)
    return volume?.spec.persistentVolumeReclaimPolicy === 'Delete' ? `up to ${size(volume.spec.capacity)} of data` : undefined
  }
  return undefined
}

function claimLines(world: World, claim: PersistentVolumeClaim): ConfirmLine[] {
  const volume = volumeOf(world, claim)
  const users = (world.list('Pod', claim.metadata.namespace) as readonly Pod[]).filter((pod) => !isFinished(pod) && podClaims(pod).some((used) => used.claim === claim.metadata.name)).map((pod) => pod.metadata.name)
  const lines: ConfirmLine[] = []
  if (users.length > 0) lines.push({ mark: 'waiting', text: `${most3(users)} ${users.length === 1 ? 'uses' : 'use'} it: it goes once ${users.length === 1 ? 'that Pod has' : 'they have'} stopped, and no new Pod can start with it.` })
  if (!volume) lines.push({ mark: 'finished', text: 'It has no volume, so no data is lost.' }, { mark: 'returns', text: 'Undo writes it again as it is now.' })
  else if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') lines.push({ mark: 'failing', text: `Its volume goes with it, and up to ${size(volume.spec.capacity)} of data. That is final: undo brings back the claim, not the data.` })
  else lines.push({ mark: 'finished', text: `Volume ${volume.metadata.name} stays, with its data; it must be freed by hand before it is claimed again.` }, { mark: 'returns', text: 'Undo writes the claim again; it does not get the volume back by itself.' })
  return lines
}

function volumeLines({ metadata, spec, status }: PersistentVolume): ConfirmLine[] {
  const claim = spec.claimRef
  if (status?.phase === 'Bound') return [{ mark: 'waiting', text: `${claim?.namespace ?? ''}/${claim?.name ?? ''} has it: it goes once that claim is deleted. Until then it works on.` }]
  return spec.persistentVolumeReclaimPolicy === 'Delete' && metadata.finalizers?.includes('orrery.dev/volume-data')
    ? [{ mark: 'failing', text: `Up to ${size(spec.capacity)} of data goes with it. That is final.` }]
    : [{ mark: 'leaving', text: 'Kubernetes forgets it.' }, { mark: 'finished', text: 'What it points at stays, with its data.' }, { mark: 'returns', text: 'Undo writes it again as it is now.' }]
}

/** Undefined for kinds that others explain. Says itself how to return. */
export function storageLines(world: World, object: KubeObject): ConfirmLine[] | undefined {
  const { name, namespace } = object.metadata
  const again: ConfirmLine = { mark: 'returns', text: 'Undo writes it again as it is now.' }
  switch (object.kind) {
    case 'PersistentVolumeClaim': return claimLines(world, object as PersistentVolumeClaim)
    case 'PersistentVolume': return volumeLines(object as PersistentVolume)
    case 'StorageClass': {
      const claims = (world.list('PersistentVolumeClaim') as readonly PersistentVolumeClaim[]).filter((claim) => claimClass(claim) === name)
      return [
        { mark: 'leaving', text: `No more volumes of class ${name}: new claims on it wait${isDefaultClass(object as StorageClass) ? ', and so do claims that name no class' : ''}.` },
        ...(claims.length === 0 ? [] : [{ mark: 'finished', text: `${count(claims.length, 'claim')} of it ${claims.length === 1 ? 'keeps its' : 'keep their'} volume.` } as const]), again,
      ]
    }
    case 'Ingress': {
      const hosts = [...new Set(((object as Ingress).spec.rules ?? []).flatMap(({ host }) => host ?? []))]
      return [{ mark: 'leaving', text: `${hosts.length === 0 ? 'It' : most3(hosts)} ${hosts.length > 1 ? 'stop' : 'stops'} leading here.` }, { mark: 'finished', text: 'Its Services and their Pods stay.' }, again]
    }
    case 'ResourceQuota': return [{ mark: 'leaving', text: `Nothing limits ${namespace ?? ''} by it any more.` }, again]
    case 'LimitRange': return [{ mark: 'leaving', text: 'New Pods get none of its defaults and are held to none of its bounds.' }, { mark: 'finished', text: 'Pods that exist keep what they were given.' }, again]
    case 'ResourceClaim': {
      const users = ((object as ResourceClaim).status?.reservedFor ?? []).map((user) => user.name)
      return [users.length === 0 ? { mark: 'leaving', text: 'Its devices are free for others.' } : { mark: 'waiting', text: `${most3(users)} ${users.length === 1 ? 'uses' : 'use'} it: it goes once ${users.length === 1 ? 'that Pod has' : 'they have'} stopped.` }, again]
    }
    default: return undefined
  }
}
