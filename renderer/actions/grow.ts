/** Grow a claim: more room in its volume, where its class can give it. Pure. */
import { claimClass } from '../../core/api/kinds/storage/names.ts'
import { refOf } from '../../core/api/meta.ts'
import { localProvisioners } from '../../core/api/storage/local-storage.ts'
import type { PersistentVolumeClaim } from '../../core/api/types/core.ts'
import type { StorageClass } from '../../core/api/types/storage.ts'
import { bytesInWords, memoryTyped, quantityToNumber } from '../words/amounts.ts'
import type { World } from '../words/world.ts'
import { nsFlag, shellWord, type ActionPlan, type ConfirmLine } from './action.ts'

export const canGrow = (claim: PersistentVolumeClaim): boolean => claim.metadata.deletionTimestamp === undefined && claim.status?.phase === 'Bound'

export const askedFor = (claim: PersistentVolumeClaim): string => claim.spec.resources?.requests?.['storage'] ?? '0'
const words = (quantity: string): string => bytesInWords(quantityToNumber(quantity) ?? 0)

export interface Growth {
  /** As the API writes it; undefined where what was typed is no size. */
  to: string | undefined
  problem: string | undefined
  /** What will happen. */
  lines: readonly ConfirmLine[]
}

/** What typing this size means: the reason it cannot be, or what will happen. */
export function growth(world: World, claim: PersistentVolumeClaim, typed: string): Growth {
  const name = claimClass(claim)
  const storageClass = name === '' ? undefined : (world.get({ kind: 'StorageClass', name }) as StorageClass | undefined)
  const from = quantityToNumber(askedFor(claim)) ?? 0
  const to = memoryTyped(typed) ?? (quantityToNumber(typed) === undefined ? undefined : typed.trim())
  const refuse = (problem: string | undefined): Growth => ({ to: undefined, problem, lines: [] })
  if (storageClass?.allowVolumeExpansion !== true) return refuse(storageClass ? `Class ${name} does not let its volumes grow: allowVolumeExpansion is not set on it.` : 'It has no class that lets volumes grow.')
  if (to === undefined) return refuse('A size, such as 10 GiB.')
  const size = quantityToNumber(to) ?? 0
  if (size < from) return refuse(`A claim cannot shrink: it asks for ${bytesInWords(from)} now.`)
  if (size === from) return refuse(undefined)
  const own = localProvisioners.has(storageClass.provisioner)
  return {
    to, problem: undefined,
    lines: [
      { mark: 'moving', text: own ? `It has ${bytesInWords(size)} at once; Pods that use it go on.` : `${storageClass.provisioner} grows the volume; some drivers need its Pods to restart before they see the room.` },
      { mark: 'finished', text: 'Its data stays as it is.' },
      { mark: 'degraded', text: 'It cannot be made smaller again.' },
    ],
  }
}

export function growPlan(claim: PersistentVolumeClaim, to: string): ActionPlan {
  const ref = refOf(claim)
  const body = { spec: { resources: { requests: { storage: to } } } }
  return {
    calls: [{ call: 'patch', arg: { ref, patch: { type: 'merge', body }, say: `grew ${ref.name} from ${words(askedFor(claim))} to ${words(to)}` } }],
    final: true,
    done: `${ref.name} grows to ${words(to)}`,
    kubectl: `kubectl patch pvc ${ref.name} -p ${shellWord(JSON.stringify(body))}${nsFlag(ref)}`,
  }
}
