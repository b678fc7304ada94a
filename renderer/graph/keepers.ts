/**
 * Those who keep a workload's number from outside: the autoscaler that sets it, the budget that guards it from evictions.
 * They stand below its emblem, before its config: asked for like it, and acting on it. Pure.
 */
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { amount } from '../../core/api/state/sentences.ts'
import { stateOf } from '../../core/api/state/state-of.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { StateWords } from '../../core/api/state/words.ts'
import type { HorizontalPodAutoscaler } from '../../core/api/types/autoscaling-v2.ts'
import type { PodDisruptionBudget } from '../../core/api/types/policy.ts'
import { selects } from '../words/world.ts'
import { templateOf, type Workload } from './workloads.ts'

export type Keeper = HorizontalPodAutoscaler | PodDisruptionBudget
export interface KeeperView {
  id: string
  ref: Ref
  /** "2 to 10 Pods" */
  title: string
  /** "CPU 45 of 60 %" */
  detail: string
  state: StateWords
}

export const keepersIn = (view: StateView): Keeper[] => [...view.list<HorizontalPodAutoscaler>('HorizontalPodAutoscaler'), ...view.list<PodDisruptionBudget>('PodDisruptionBudget')]

export function keeps(keeper: Keeper, workload: Workload): boolean {
  if (keeper.metadata.namespace !== workload.metadata.namespace) return false
  if (keeper.kind === 'HorizontalPodAutoscaler') return keeper.spec.scaleTargetRef.kind === workload.kind && keeper.spec.scaleTargetRef.name === workload.metadata.name
  return selects(keeper.spec.selector, templateOf(workload).labels)
}

export const keeperViews = (keepers: readonly Keeper[], workload: Workload, view: StateView, now: number): KeeperView[] =>
  keepers.filter((keeper) => keeps(keeper, workload)).map((keeper) => ({
    id: `${workload.metadata.uid}/${keeper.kind}/${keeper.metadata.name}`, ref: refOf(keeper as KubeObject), state: stateOf(keeper as KubeObject, view, now), ...wordsOf(keeper),
  }))

function wordsOf(keeper: Keeper): { title: string; detail: string } {
  if (keeper.kind === 'PodDisruptionBudget') {
    const { minAvailable, maxUnavailable } = keeper.spec
    const allowed = keeper.status?.disruptionsAllowed ?? 0
    return {
      title: minAvailable !== undefined ? `${minAvailable} must stay` : `${maxUnavailable ?? 0} may go`,
      detail: (keeper.status?.expectedPods ?? 0) === 0 ? 'covers no Pod' : allowed === 0 ? 'no eviction now' : `${allowed} may be evicted`,
    }
  }
  const { minReplicas = 1, maxReplicas } = keeper.spec
  return { title: `${minReplicas} to ${maxReplicas} Pods`, detail: measured(keeper) ?? 'not measured yet' }
}

/** "CPU 45 of 60 %" of its first metric. */
function measured({ spec, status }: HorizontalPodAutoscaler): string | undefined {
  const metric = spec.metrics?.[0]
  const source = metric?.resource ?? metric?.containerResource
  if (!source) {
    const other = metric?.pods ?? metric?.object ?? metric?.external
    const told = status?.currentMetrics?.[0]
    const current = (told?.pods ?? told?.object ?? told?.external)?.current
    if (other && !current && status?.conditions?.some(({ type, status: is }) => type === 'ScalingActive' && is === 'False')) return 'nobody offers it'
    return other && current && `${other.metric.name} ${amount('', current.averageValue ?? current.value)} of ${amount('', other.target.averageValue ?? other.target.value)}`
  }
  const now = (status?.currentMetrics?.[0]?.resource ?? status?.currentMetrics?.[0]?.containerResource)?.current
  if (now === undefined) return undefined
  const { averageUtilization, averageValue } = source.target
  if (averageUtilization !== undefined) return `${source.name === 'cpu' ? 'CPU' : source.name} ${now.averageUtilization ?? '?'} of ${averageUtilization} %`
  return `${source.name === 'cpu' ? 'CPU' : source.name} ${now.averageValue === undefined ? '?' : amount(source.name, now.averageValue)} of ${amount(source.name, averageValue)}`
}
