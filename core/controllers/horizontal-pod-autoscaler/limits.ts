/**
 * What becomes of a recommendation: stabilised over a window, then held within the rates and bounds. Upstream:
 * pkg/controller/podautoscaler/horizontal.go, normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors.
 */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../api/types/autoscaling-v2.ts'
import { changeWithin, recent, type History } from './history.ts'

/** How often an autoscaler looks. */
export const periodMs = 15_000
/** Where the object says nothing, fewer Pods are only wanted after five minutes of wanting fewer. */
const scaleDownWindowSeconds = 300
const growth = { factor: 2, atLeast: 4 }

export interface Bounds {
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined
  readonly min: number
  readonly max: number
  readonly current: number
  readonly recommended: number
  readonly history: History
  readonly now: number
}

interface Said {
  readonly reason: string
  readonly message: string
}

export interface Limited {
  readonly pods: number
  readonly stabilised: number
  /** Of AbleToScale. */
  readonly able: Said
  /** Of ScalingLimited, which is true where the two numbers differ. */
  readonly limited: Said
}

const stabilisedDown: Said = { reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' }
const stabilisedUp: Said = { reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' }
const ready: Said = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
const within: Said = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const tooMany: Said = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' }
const tooFew: Said = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' }
const tooFast: Said = { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' }
const tooSlow: Said = { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' }

export const limit = (bounds: Bounds): Limited => (bounds.behavior ? byBehavior(bounds, bounds.behavior) : byDefault(bounds))

function byDefault({ min, max, current, recommended, history, now }: Bounds): Limited {
  const stabilised = Math.max(recommended, ...recent(history.recommended, now - scaleDownWindowSeconds * 1000, now, periodMs))
  const fastest = Math.max(growth.factor * current, growth.atLeast)
  const [most, why] = max > fastest ? [fastest, tooFast] : [max, tooMany]
  const [pods, limited] = stabilised < min ? [min, tooFew] : stabilised > most ? [most, why] : [stabilised, within]
  return { pods, stabilised, able: stabilised === recommended ? ready : stabilisedDown, limited }
}

function byBehavior(bounds: Bounds, { scaleUp = {}, scaleDown = {} }: HorizontalPodAutoscalerBehavior): Limited {
  const { min, max, current, recommended, history, now } = bounds
  const seen = (seconds: number) => recent(history.recommended, now - seconds * 1000, now, periodMs)
  const upWindow = scaleUp.stabilizationWindowSeconds ?? 0
  const downWindow = scaleDown.stabilizationWindowSeconds ?? scaleDownWindowSeconds
  const lowest = Math.min(recommended, ...(upWindow > 0 ? seen(upWindow) : []))
  const highest = Math.max(recommended, ...(downWindow > 0 ? seen(downWindow) : []))
  const stabilised = Math.min(Math.max(current, lowest), highest)
  const able = stabilised === recommended ? ready : recommended >= current ? stabilisedUp : stabilisedDown
  let [pods, limited] = [stabilised, within]
  if (stabilised > current) {
    const fastest = Math.max(current, limitOf(scaleUp, 'up', bounds))
    const [most, why] = max > fastest ? [fastest, tooFast] : [max, tooMany]
    if (stabilised > most) [pods, limited] = [most, why]
  } else if (stabilised < current) {
    const fastest = Math.min(current, limitOf(scaleDown, 'down', bounds))
    const [least, why] = min < fastest ? [fastest, tooSlow] : [min, tooFew]
    if (stabilised < least) [pods, limited] = [least, why]
  }
  return { pods, stabilised, able, limited }
}

/** The furthest that the policies let it go now, counted from where each policy's period began. */
function limitOf({ selectPolicy, policies = [] }: HPAScalingRules, direction: 'up' | 'down', { current, history, now }: Bounds): number {
  if (selectPolicy === 'Disabled') return current
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const atStart = current - changeWithin(history.added, periodSeconds, now) + changeWithin(history.removed, periodSeconds, now)
    if (type === 'Pods') return direction === 'up' ? atStart + value : atStart - value
    return direction === 'up' ? Math.ceil(atStart * (1 + value / 100)) : Math.trunc(atStart * (1 - value / 100))
  })
  const smallestChange = selectPolicy === 'Min'
  return (direction === 'up') === smallestChange ? Math.min(...proposals) : Math.max(...proposals)
}

export const longestPeriodSeconds = (rules: HPAScalingRules | undefined): number => Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds))
