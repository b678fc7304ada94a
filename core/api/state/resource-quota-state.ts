/** State of a ResourceQuota in words: what is nearest to its limit, used of hard; and a Namespace on its way out. */
import { quotaNoun, quotaUse } from './quota-words.ts'
import { quantityValue } from './sentences.ts'
import type { Namespace, ResourceQuota } from '../types/core.ts'
import type { StateWords } from './words.ts'

export function resourceQuotaState({ metadata, spec, status }: ResourceQuota): StateWords {
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  const hard = spec?.hard ?? {}
  const used = status?.used ?? {}
  const names = Object.keys(hard)
  if (names.length === 0) return { mark: 'ready', say: 'limits nothing' }
  if (names.some((name) => used[name] === undefined)) return { mark: 'moving', say: 'being counted', why: `${names.filter((name) => used[name] !== undefined).length} of ${names.length} limits are counted` }
  const share = (name: string): number => {
    const limit = quantityValue(hard[name])
    const value = quantityValue(used[name])
    return limit > 0 ? value / limit : value > 0 ? Number.POSITIVE_INFINITY : 0
  }
  const byShare = [...names].sort((a, b) => share(b) - share(a) || (a < b ? -1 : 1))
  const nearest = byShare[0]!
  const sentence = (name: string) => quotaUse(name, used[name], hard[name])
  const rest = byShare.slice(1, 4).map(sentence).join(', ')
  if (share(nearest) > 1) return { mark: 'degraded', say: `more ${quotaNoun(nearest)} than allowed`, why: sentence(nearest) }
  if (share(nearest) === 1) return { mark: 'degraded', say: `${quotaNoun(nearest)} used up`, why: [sentence(nearest), rest].filter((text) => text !== '').join(', ') }
  return { mark: 'ready', say: sentence(nearest), ...(rest === '' ? {} : { why: rest }) }
}

const remaining: readonly string[] = ['NamespaceDeletionContentFailure', 'NamespaceFinalizersRemaining', 'NamespaceContentRemaining']

export function namespaceState({ metadata, status }: Namespace): StateWords {
  if (metadata.deletionTimestamp === undefined) return { mark: 'ready', say: 'there' }
  const held = remaining.map((type) => status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')).find((condition) => condition !== undefined)
  return { mark: 'leaving', say: 'being emptied', ...(held?.message === undefined ? {} : { why: held.message }) }
}
