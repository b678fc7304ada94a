/** A VolumeAttributesClass stays while a volume or claim names it. Mirrors pkg/controller/volume/vacprotection/vac_protection_controller.go. */
import { attributesClassProtection } from '../../api/kinds/storage/names.ts'
import { refOf, type Ref } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.ts'
import type { VolumeAttributesClass } from '../../api/types/storage.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason } from '../../loop/plan.ts'

export const attributesClassProtectionController = defineController<VolumeAttributesClass>({
  name: 'volumeattributesclass-protection-controller',
  reconciles: 'VolumeAttributesClass',
  wakesOn: ['PersistentVolume', 'PersistentVolumeClaim'],

  concerns: ({ object }) => object.metadata.deletionTimestamp !== undefined || !object.metadata.finalizers?.includes(attributesClassProtection),
  /** Only a use that ended can change anything. */
  wakes({ object, previous, type }: WatchEvent): Ref[] {
    const now = new Set(type === 'DELETED' ? [] : namesIn(object as PersistentVolume | PersistentVolumeClaim))
    const before = namesIn((previous ?? object) as PersistentVolume | PersistentVolumeClaim)
    return before.filter((name) => !now.has(name)).map((name) => ({ kind: 'VolumeAttributesClass', name }))
  },

  plan({ object, snapshot }) {
    if (!object) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the class is gone' })
    const { name, finalizers = [], deletionTimestamp } = object.metadata
    const has = finalizers.includes(attributesClassProtection)
    if (deletionTimestamp === undefined) {
      if (has) return nothing({ code: 'Protected', say: 'nothing to do', why: 'it cannot go while a volume has it' })
      return set(object, [...finalizers, attributesClassProtection], { code: 'Protected', say: `protected ${name}`, why: 'it cannot go while a volume has it' })
    }
    if (!has) return nothing({ code: 'Leaving', say: 'nothing to do', why: 'it is being deleted and nothing of ours holds it' })
    const users = [...snapshot.list<PersistentVolume>('PersistentVolume'), ...snapshot.list<PersistentVolumeClaim>('PersistentVolumeClaim')].filter((one) => namesIn(one).includes(name))
    if (users.length > 0) return nothing({ code: 'InUse', say: `waits until ${count(users.length, 'volume or claim', 'volumes and claims')} let go of it`, why: 'they name it', refs: users.slice(0, 5).map(refOf) })
    return set(object, finalizers.filter((one) => one !== attributesClassProtection), { code: 'Unprotected', say: `let ${name} go`, why: 'no volume and no claim names it' })
  },
})

function namesIn(object: PersistentVolume | PersistentVolumeClaim): string[] {
  const status = object.kind === 'PersistentVolumeClaim' ? (object as PersistentVolumeClaim).status : undefined
  return [object.spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].flatMap((name) => name || [])
}

const set = (object: VolumeAttributesClass, finalizers: readonly string[], because: Reason): Plan => ({
  steps: [{ do: 'patch', ref: refOf(object), patch: { metadata: { resourceVersion: object.metadata.resourceVersion, finalizers } }, because }],
  because,
})
