/**
 * Counts what each ResourceQuota's namespace uses and keeps the quota's status in step. Admission charges the status as it
 * lets things in (server/admission); this gives back what went, and puts right what came otherwise.
 * Mirrors pkg/controller/resourcequota/resource_quota_controller.go.
 */
import { addTo, type Amounts, formatAmounts, zero } from '../api/amounts.ts'
import { refOf, type KubeObject } from '../api/meta.ts'
import type { Evaluator } from '../api/quota/evaluator.ts'
import { evaluatorOf, isCovered, type QuotaKind } from '../api/quota/evaluators.ts'
import { usesUntil } from '../api/quota/pod-evaluator.ts'
import { quotaUse } from '../api/state/quota-words.ts'
import { parseQuantity, type Quantity } from '../api/quantity.ts'
import type { Pod, ResourceQuota } from '../api/types/core.ts'
import { equal } from '../base/json.ts'
import type { WatchEvent } from '../loop/client.ts'
import { defineController } from '../loop/controller.ts'
import { nothing, type Reason } from '../loop/plan.ts'
import { difference } from './planning/status-patch.ts'
import { enumerate } from './planning/words.ts'

/** Bursts of changes in a namespace with many Pods cost few counts. */
const gapMs = 250
const alwaysThere = Number.NEGATIVE_INFINITY

export const resourceQuotas = (kinds: readonly QuotaKind[]) => {
  const evaluators = new Map(kinds.map((kind) => [kind.kind, evaluatorOf(kind)]))
  /** Objects are frozen, so what one uses while it is there never changes. */
  const known = new WeakMap<KubeObject, Amounts>()
  const usageOf = (evaluator: Evaluator, object: KubeObject): Amounts => {
    let usage = known.get(object)
    if (usage === undefined) known.set(object, (usage = evaluator.usage(object, alwaysThere)))
    return usage
  }
  const countsAny = (evaluator: Evaluator, quota: ResourceQuota): boolean => Object.keys(quota.spec.hard ?? {}).some((name) => evaluator.counts(name))

  /** Whether the change may give or take something. */
  const matters = (evaluator: Evaluator, { type, object, previous }: WatchEvent): boolean => {
    if (type !== 'MODIFIED' || !previous) return true
    if (object.kind === 'Pod' && object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp) return true
    return evaluator.charges(undefined, object, previous) || !equal(usageOf(evaluator, object), usageOf(evaluator, previous))
  }

  const count = (quota: ResourceQuota, evaluator: Evaluator, objects: readonly KubeObject[], now: number, used: Record<string, Quantity>): number | undefined => {
    let next: number | undefined
    for (const object of objects) {
      const until = object.kind === 'Pod' ? usesUntil(object as Pod) : undefined
      if (!isCovered(quota, evaluator, object)) continue
      addTo(used, until === undefined ? usageOf(evaluator, object) : evaluator.usage(object, now))
      if (until !== undefined && until >= now) next = Math.min(next ?? until, until)
    }
    return next
  }

  return defineController<ResourceQuota>({
    name: 'resourcequota-controller',
    reconciles: 'ResourceQuota',
    wakesOn: kinds.map(({ kind }) => kind),
    gapMs,

    wakes(event, snapshot) {
      const { kind, metadata } = event.object
      const quotas = metadata.namespace === undefined ? [] : snapshot.list<ResourceQuota>('ResourceQuota', metadata.namespace)
      if (quotas.length === 0) return []
      const evaluator = evaluators.get(kind)
      const counting = evaluator ? quotas.filter((quota) => countsAny(evaluator, quota)) : []
      return counting.length > 0 && matters(evaluator!, event) ? counting.map(refOf) : []
    },

    plan({ object: quota, snapshot, now }) {
      if (!quota) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the quota is gone' })
      const hard = quota.spec.hard ?? {}
      const counted: Record<string, Quantity> = {}
      let next: number | undefined
      for (const evaluator of evaluators.values()) {
        if (!countsAny(evaluator, quota)) continue
        const until = count(quota, evaluator, snapshot.list(evaluator.kind, quota.metadata.namespace), now, counted)
        if (until !== undefined) next = Math.min(next ?? until, until)
      }
      const used = statusUsed(hard, counted, quota.status?.used ?? {}, [...evaluators.values()])
      const requeueAt = next === undefined ? undefined : next + 1
      const changes = { hard: difference(quota.status?.hard, hard), used: difference(quota.status?.used, used) }
      const because: Reason = { code: 'QuotaCounted', say: `counted ${shown(used, hard)}`, why: 'what the namespace holds or what the quota allows has changed' }
      if (!changes.hard && !changes.used) return nothing({ code: 'Settled', say: `uses ${shown(used, hard)}`, why: 'the status says so' }, requeueAt)
      const status = { ...(changes.hard ? { hard: changes.hard } : {}), ...(changes.used ? { used: changes.used } : {}) }
      const patch = { metadata: { resourceVersion: quota.metadata.resourceVersion }, status }
      return { steps: [{ do: 'patch', ref: refOf(quota), subresource: 'status', patch, because }], because, ...(requeueAt === undefined ? {} : { requeueAt }) }
    },
  })
}

/** Names that nothing counts keep what the status says of them; equal amounts keep their text. */
function statusUsed(hard: Readonly<Record<string, string>>, counted: Amounts, before: Readonly<Record<string, string>>, evaluators: readonly Evaluator[]): Record<string, string> {
  const used: Record<string, string> = {}
  for (const name of Object.keys(hard)) {
    const said = before[name]
    if (!evaluators.some((evaluator) => evaluator.counts(name))) {
      if (said !== undefined) used[name] = said
      continue
    }
    const amount = counted[name] ?? zero
    used[name] = said !== undefined && parseQuantity(said).nano === amount.nano ? said : formatAmounts({ [name]: amount })[name]!
  }
  return used
}

const shown = (used: Readonly<Record<string, string>>, hard: Readonly<Record<string, string>>): string =>
  enumerate(Object.keys(hard).sort().map((name) => quotaUse(name, used[name], hard[name])), 4)
