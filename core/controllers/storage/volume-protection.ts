/** A volume stays while it is bound. Mirrors pkg/controller/volume/pvprotection/pv_protection_controller.go. */
import { volumeProtection } from '../../api/kinds/storage/names.ts'
import { refOf } from '../../api/meta.ts'
import type { PersistentVolume } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason } from '../../loop/plan.ts'

export const volumeProtectionController = defineController<PersistentVolume>({
  name: 'persistentvolume-protection-controller',
  reconciles: 'PersistentVolume',
  wakesOn: [],

  concerns: ({ object }) => object.metadata.deletionTimestamp !== undefined || !object.metadata.finalizers?.includes(volumeProtection),

  plan({ object: volume }) {
    if (!volume) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the volume is gone' })
    const { finalizers = [], deletionTimestamp } = volume.metadata
    const has = finalizers.includes(volumeProtection)
    if (deletionTimestamp === undefined) {
      if (has) return nothing({ code: 'Protected', say: 'nothing to do', why: 'it cannot go while a claim has it' })
      return set(volume, [...finalizers, volumeProtection], { code: 'Protected', say: `protected ${volume.metadata.name}`, why: 'it cannot go while a claim has it' })
    }
    if (!has) return nothing({ code: 'Leaving', say: 'nothing to do', why: 'it is being deleted and nothing of ours holds it' })
    if (volume.status.phase === 'Bound') {
      const { claimRef } = volume.spec
      return nothing({ code: 'InUse', say: `waits until claim ${claimRef?.namespace ?? ''}/${claimRef?.name ?? ''} is gone`, why: 'the volume is bound to it' })
    }
    return set(volume, finalizers.filter((name) => name !== volumeProtection), { code: 'Unprotected', say: `let ${volume.metadata.name} go`, why: 'no claim has it' })
  },
})

const set = (volume: PersistentVolume, finalizers: readonly string[], because: Reason): Plan => ({
  steps: [{ do: 'patch', ref: refOf(volume), patch: { metadata: { resourceVersion: volume.metadata.resourceVersion, finalizers } }, because }],
  because,
})
