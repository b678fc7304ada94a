/** Tune an autoscaler: its bounds and the target of its first measure, as one change. Pure. */
import { refOf } from '../../core/api/meta.ts'
import type { HorizontalPodAutoscaler, MetricSpec } from '../../core/api/types/autoscaling-v2.ts'
import { listInWords } from '../words/amounts.ts'
import { kubectlName, nsFlag, shellWord, type ActionPlan } from './action.ts'

export interface Tuning { min: number; max: number; /** Percent of the request; only where the first measure is one. */ target?: number | undefined }

const sourceOf = (metric: MetricSpec | undefined) => metric?.resource ?? metric?.containerResource
export const targetOf = ({ spec }: HorizontalPodAutoscaler): number | undefined => sourceOf(spec.metrics?.[0])?.target.averageUtilization
export const measureOf = ({ spec }: HorizontalPodAutoscaler): string => sourceOf(spec.metrics?.[0])?.name ?? 'load'
/** As people write it. */
export const measureWord = (name: string): string => (name === 'cpu' ? 'CPU' : name)
export const tuningOf = (autoscaler: HorizontalPodAutoscaler): Tuning =>
  ({ min: autoscaler.spec.minReplicas ?? 1, max: autoscaler.spec.maxReplicas, ...(targetOf(autoscaler) === undefined ? {} : { target: targetOf(autoscaler) }) })

export function tunePlan(autoscaler: HorizontalPodAutoscaler, to: Tuning): ActionPlan {
  const ref = refOf(autoscaler)
  const now = tuningOf(autoscaler)
  const said: string[] = []
  const spec: Record<string, unknown> = {}
  if (to.min !== now.min || to.max !== now.max) {
    spec['minReplicas'] = to.min
    spec['maxReplicas'] = to.max
    said.push(`${to.min} to ${to.max} Pods`)
  }
  if (to.target !== undefined && to.target !== now.target) {
    const [first, ...others] = autoscaler.spec.metrics ?? []
    const key = first?.resource ? 'resource' : 'containerResource'
    const source = sourceOf(first)
    // A list is written whole: the other measures stay as they are.
    if (first && source) spec['metrics'] = [{ ...first, [key]: { ...source, target: { type: 'Utilization', averageUtilization: to.target } } }, ...others]
    said.push(`${measureWord(measureOf(autoscaler))} at ${to.target} %`)
  }
  return {
    calls: [{ call: 'patch', arg: { ref, patch: { type: 'merge', body: { spec } }, say: `tuned ${ref.name} to ${listInWords(said)}` } }],
    done: `${ref.name} keeps ${listInWords(said)}`,
    kubectl: `kubectl patch ${kubectlName(ref)} --type=merge -p ${shellWord(JSON.stringify({ spec }))}${nsFlag(ref)}`,
  }
}
