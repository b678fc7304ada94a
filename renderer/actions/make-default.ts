/** Make a storage class the default: the one before gives way. Pure. */
import { isDefaultClass, namesClass, storageAnnotation } from '../../core/api/kinds/storage/names.ts'
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { PersistentVolumeClaim } from '../../core/api/types/core.ts'
import type { StorageClass } from '../../core/api/types/storage.ts'
import { count, listInWords } from '../words/amounts.ts'
import type { World } from '../words/world.ts'
import type { ActionPlan, WriteCall } from './action.ts'

export const canBeDefault = (object: KubeObject): boolean => object.kind === 'StorageClass' && object.metadata.deletionTimestamp === undefined && !isDefaultClass(object as StorageClass)

export function makeDefaultPlan(world: World, object: KubeObject): ActionPlan {
  const { name } = object.metadata
  const before = (world.list('StorageClass') as readonly StorageClass[]).filter((one) => one.metadata.name !== name && isDefaultClass(one))
  const waiting = (world.list('PersistentVolumeClaim') as readonly PersistentVolumeClaim[]).filter((claim) => claim.status?.phase !== 'Bound' && !namesClass(claim))
  const write = (one: KubeObject, value: 'true' | 'false'): WriteCall => {
    const older = one.metadata.annotations?.[storageAnnotation.betaDefaultClass] === undefined ? {} : { [storageAnnotation.betaDefaultClass]: value }
    return { call: 'patch', arg: { ref: refOf(one), patch: { type: 'merge', body: { metadata: { annotations: { [storageAnnotation.defaultClass]: value, ...older } } } }, say: value === 'true' ? `made ${name} the default storage class` : `made ${one.metadata.name} no longer the default` } }
  }
  const old = listInWords(before.map((one) => one.metadata.name))
  return {
    calls: [write(object, 'true'), ...before.map((one) => write(one, 'false'))],
    done: `${name} is the default storage class`,
    kubectl: `kubectl annotate storageclass ${name} --overwrite ${storageAnnotation.defaultClass}=true`,
    confirm: {
      title: `Make ${name} the default?`,
      lines: [
        { mark: 'moving', text: `Claims that name no class get a volume of ${name} from now on${before.length === 0 ? '' : `, no longer of ${old}`}.` },
        ...(waiting.length === 0 ? [] : [{ mark: 'moving', text: `${count(waiting.length, 'claim')} that ${waiting.length === 1 ? 'waits' : 'wait'} without a class ${waiting.length === 1 ? 'gets' : 'get'} it now.` } as const]),
        { mark: 'finished', text: 'Claims and volumes that exist keep theirs.' },
        ...(before.length === 0 ? [] : [{ mark: 'returns', text: `Make ${before[0]!.metadata.name} the default again.` } as const]),
      ],
      verb: `Make ${name} the default`, keep: before.length === 0 ? 'Leave it' : `Keep ${old}`, danger: false,
    },
  }
}
