/**
 * Keeps the number of Pods at what their metrics ask for. Mirrors pkg/controller/podautoscaler/horizontal.go, its constants
 * and its words.
 *
 * Pure like every planner: samples come through a read view that changes only between passes (api/usage.ts), and what was
 * recommended before stands in an annotation of the object (history.ts). The same snapshot, samples and instant give the
 * same plan. Every 15 seconds at most one pass decides; Events are recorded when what they say is new in the status.
 */

import { noCustomMetrics, type CustomMetricsView } from '../../api/metrics/custom-metrics.ts'
import { refOf, timestamp } from '../../api/meta.ts'
import { amount, count } from '../../api/state/sentences.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../api/types/autoscaling-v2.ts'
import type { Pod } from '../../api/types/core.ts'
import type { UsageView } from '../../api/metrics/usage.ts'
import { equal } from '../../base/json.ts'
import { defineController, type Controller } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { difference, orAbsent } from '../planning/status-patch.ts'
import { putCondition, type Conditions } from './conditions.ts'
import { historyAnnotation, historyOf, recommend, remember, textOf, type History } from './history.ts'
import { limit, longestPeriodSeconds, periodMs } from './limits.ts'
import { answerMetric, type MetricAnswer } from './metrics.ts'
import { targetOf, type Kinds, type ScalableKind, type Target } from './target.ts'

export interface AutoscalerOptions {
  readonly kinds: readonly ScalableKind[]
  readonly usage: UsageView
  /** What Pods tell of themselves. */
  readonly custom?: CustomMetricsView
}

export function horizontalPodAutoscaler({ kinds, usage, custom = noCustomMetrics }: AutoscalerOptions): Controller<HorizontalPodAutoscaler> {
  const byName: Kinds = new Map(kinds.map((kind) => [kind.kind, kind]))
  return defineController<HorizontalPodAutoscaler>({
    name: 'horizontal-pod-autoscaler-controller',
    component: 'horizontal-pod-autoscaler',
    reconciles: 'HorizontalPodAutoscaler',
    wakesOn: [],

    plan({ object, snapshot, now }) {
      if (!object) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the autoscaler is gone' })
      const { checkedMs } = historyOf(object)
      const due = checkedMs + periodMs
      if (checkedMs <= now && due > now) return nothing({ code: 'Waiting', say: `looks again in ${Math.ceil((due - now) / 1000)} s`, why: `it looks every ${periodMs / 1000} s` }, due)
      if (isUnmeasured(object, usage, custom, now)) return nothing({ code: 'Waiting', say: 'waits for the first look at what its Pods use', why: 'nobody needed to know before' }, now + firstLookMs)
      return { ...decide({ autoscaler: object, snapshot, usage, custom, kinds: byName, now }), requeueAt: now + periodMs }
    },

    onFailure({ object, now }, { step, message }) {
      if (!object || step.do !== 'patch' || step.subresource !== 'scale') return []
      const [, size = '?', reason = ''] = /^New size: (\d+); reason: (.*)$/s.exec(step.because.event?.message ?? '') ?? []
      const because: Reason = { code: 'FailedRescale', say: `could not scale ${step.ref.name}`, why: message, event: { type: 'Warning', message: `New size: ${size}; reason: ${reason}; error: ${message}` } }
      const conditions = putCondition(object.status.conditions ?? [], 'AbleToScale', false, 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${message}`, now)
      return [{ do: 'patch', ref: refOf(object), subresource: 'status', patch: { status: { conditions } }, because }]
    },
  })
}

/** How long a new autoscaler waits for samples at most, and from when on old ones tell nothing. */
const youngMs = 5_000
const firstLookMs = 500
const staleMs = 60_000

/** Upstream measures all the time, and so a new autoscaler finds samples; here it is what begins the measuring. */
function isUnmeasured({ metadata, spec: { metrics = [] } }: HorizontalPodAutoscaler, usage: UsageView, custom: CustomMetricsView, now: number): boolean {
  if (now - Date.parse(metadata.creationTimestamp) >= youngMs) return false
  const lacks = ({ measuredMs }: { readonly measuredMs?: number }) => measuredMs !== undefined && now - measuredMs > staleMs
  const asks = (...types: readonly string[]) => metrics.some(({ type }) => types.includes(type))
  return (asks('Resource', 'ContainerResource') && lacks(usage)) || (asks('Pods', 'Object') && lacks(custom))
}

interface Pass {
  readonly autoscaler: HorizontalPodAutoscaler
  readonly snapshot: Snapshot
  readonly usage: UsageView
  readonly custom: CustomMetricsView
  readonly kinds: Kinds
  readonly now: number
}

/** What a pass found; turned into steps by `finish`. */
interface Outcome {
  readonly because: Reason
  readonly conditions: Conditions
  readonly events?: readonly Reason[]
  readonly scale?: Step
  /** Undefined: the status keeps its counts and metrics. */
  readonly status?: { readonly current: number; readonly desired: number; readonly metrics: readonly MetricStatus[] | undefined }
  readonly history?: History
}

function decide(pass: Pass): Plan {
  const { autoscaler, snapshot, kinds, now } = pass
  const target = targetOf(autoscaler, kinds, snapshot)
  const before = autoscaler.status?.conditions ?? []
  if (typeof target === 'string') {
    const conditions = putCondition(before, 'AbleToScale', false, 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${target}`, now)
    const because: Reason = { code: 'FailedGetScale', say: 'cannot see what it is to scale', why: target, event: { type: 'Warning', message: target } }
    return finish(pass, { because, conditions, events: [because] })
  }
  const able = putCondition(before, 'AbleToScale', true, 'SucceededGetScale', "the HPA controller was able to get the target's current scale", now)
  const { minReplicas: min = 1, maxReplicas: max } = autoscaler.spec
  const { replicas } = target
  if (replicas === 0) {
    const conditions = putCondition(able, 'ScalingActive', false, 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero', now)
    return finish(pass, { because: { code: 'ScalingDisabled', say: 'does nothing', why: `${target.ref.name} is set to 0 Pods by hand` }, conditions, status: { current: 0, desired: 0, metrics: undefined } })
  }
  if (replicas > max) return rescale(pass, target, able, max, 'Current number of replicas above Spec.MaxReplicas', `${replicas} wanted now, ${max} at most`)
  if (replicas < min) return rescale(pass, target, able, min, 'Current number of replicas below Spec.MinReplicas', `${replicas} wanted now, ${min} at least`)
  return byMetrics(pass, target, able, min, max)
}

function byMetrics(pass: Pass, target: Target, able: Conditions, min: number, max: number): Plan {
  const { autoscaler, snapshot, usage, custom, kinds, now } = pass
  const { replicas, counted } = target
  const unsure = (code: string, event: string, condition: string, say: string): Plan => {
    const conditions = putCondition(able, 'ScalingActive', false, code, condition, now)
    const because: Reason = { code: event, say: 'cannot tell how many Pods are needed', why: say, event: { type: 'Warning', message: say } }
    const summary: Reason = { code: 'FailedComputeMetricsReplicas', say: because.say, why: say, event: { type: 'Warning', message: say } }
    return finish(pass, { because, conditions, events: [because, summary], status: { current: replicas, desired: autoscaler.status?.desiredReplicas ?? 0, metrics: undefined } })
  }
  if (target.selectorText === '') return unsure('InvalidSelector', 'SelectorRequired', "the HPA target's scale is missing a selector", 'selector is required')
  const pods = snapshot.list<Pod>('Pod', autoscaler.metadata.namespace).filter(({ metadata }) => target.selector.matches(metadata.labels))
  const rivals = autoscalersOf(pods, pass)
  if (rivals.length > 1) {
    const message = `pods by selector ${target.selectorText} are controlled by multiple HPAs: [${rivals.join(' ')}]`
    return unsure('AmbiguousSelector', 'AmbiguousSelector', message, message)
  }

  const specs = autoscaler.spec.metrics ?? []
  const answers = specs.map((metric) => answerMetric(metric, { autoscaler, pods, replicas, counted, usage, custom, snapshot, kinds, now }))
  const statuses = answers.map((answer): MetricStatus => ('failed' in answer ? { type: '' } : answer.status))
  const failures = answers.filter((answer) => 'failed' in answer)
  const best = highest(answers)
  const events = failures.map(({ failed, inner }): Reason => ({ code: failed, say: 'a metric says nothing', why: inner, event: { type: 'Warning', message: inner } }))
  const [first] = failures
  if (first && (failures.length >= specs.length || best.replicas < replicas)) {
    const summary = `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.message}`
    const because: Reason = { code: 'FailedComputeMetricsReplicas', say: 'cannot tell how many Pods are needed', why: first.inner, event: { type: 'Warning', message: summary } }
    const conditions = putCondition(able, 'ScalingActive', false, first.failed, `the HPA was unable to compute the replica count: ${first.inner}`, now)
    return finish(pass, { because, conditions, events: [...events, because], status: { current: replicas, desired: autoscaler.status?.desiredReplicas ?? 0, metrics: statuses } })
  }

  const active = putCondition(able, 'ScalingActive', true, 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.name}`, now)
  const known = historyOf(autoscaler)
  const history: History = known.recommended.length > 0 ? known : { ...known, recommended: [[now, replicas]] }
  const limited = limit({ behavior: autoscaler.spec.behavior, min, max, current: replicas, recommended: best.replicas, history, now })
  const chosen = putCondition(active, 'AbleToScale', true, limited.able.reason, limited.able.message, now)
  const conditions = putCondition(chosen, 'ScalingLimited', limited.pods !== limited.stabilised, limited.limited.reason, limited.limited.message, now)
  const remembered: History = { ...history, recommended: recommend(history.recommended, now, best.replicas) }
  const words = wordsOf(statuses, autoscaler)
  if (limited.pods !== replicas) {
    const reason = best.replicas > replicas ? `${best.name} above target` : best.replicas < replicas ? 'All metrics below target' : ''
    return rescale(pass, target, conditions, limited.pods, reason, words, statuses, remembered, events)
  }
  const because: Reason =
    limited.able.reason === 'ReadyForNewScale'
      ? { code: limited.limited.reason === 'DesiredWithinRange' ? 'Settled' : limited.limited.reason, say: `keeps ${target.ref.name} at ${count(replicas, 'Pod')}`, why: words }
      : { code: limited.able.reason, say: `keeps ${target.ref.name} at ${count(replicas, 'Pod')} for now`, why: `${best.replicas} would do (${words}), but ${limited.able.message.split(',')[0]}` }
  return finish(pass, { because, conditions, events, status: { current: replicas, desired: replicas, metrics: statuses }, history: remembered })
}

/** The metric that asks for most decides; where two ask for as much, the first. */
function highest(answers: readonly MetricAnswer[]): { replicas: number; name: string } {
  let best = { replicas: 0, name: '' }
  for (const answer of answers) if (!('failed' in answer) && (best.replicas === 0 || answer.replicas > best.replicas)) best = answer
  return best
}

/** Every autoscaler whose target's selector finds one of these Pods, by name. */
function autoscalersOf(pods: readonly Pod[], { autoscaler, snapshot, kinds }: Pass): string[] {
  if (pods.length === 0) return []
  const { namespace } = autoscaler.metadata
  return snapshot
    .list<HorizontalPodAutoscaler>('HorizontalPodAutoscaler', namespace)
    .filter((other) => {
      const target = targetOf(other, kinds, snapshot)
      return typeof target !== 'string' && target.selectorText !== '' && pods.some(({ metadata }) => target.selector.matches(metadata.labels))
    })
    .map(({ metadata }) => `${namespace}/${metadata.name}`)
    .sort()
}

function rescale(pass: Pass, target: Target, conditions: Conditions, pods: number, reason: string, why: string, metrics?: readonly MetricStatus[], known?: History, events: readonly Reason[] = []): Plan {
  const { autoscaler, now } = pass
  const { replicas, ref } = target
  const because: Reason = {
    code: 'SuccessfulRescale',
    say: `scaled ${ref.name} from ${replicas} to ${count(pods, 'Pod')}`,
    why,
    refs: [ref],
    event: { type: 'Normal', message: `New size: ${pods}; reason: ${reason}` },
  }
  const done = putCondition(conditions, 'AbleToScale', true, 'SucceededRescale', `the HPA controller was able to update the target scale to ${pods}`, now)
  const before = known ?? historyOf(autoscaler)
  const recommended = before.recommended.length > 0 ? before.recommended : ([[now, replicas]] as const)
  return finish(pass, {
    because,
    conditions: done,
    events,
    scale: { do: 'patch', ref, subresource: 'scale', patch: { spec: { replicas: pods } }, because },
    status: { current: replicas, desired: pods, metrics },
    history: withChange({ ...before, recommended }, autoscaler, pods - replicas, now),
  })
}

/** Rates are only limited, and so only remembered, where the object says how. */
function withChange(history: History, { spec: { behavior } }: HorizontalPodAutoscaler, change: number, now: number): History {
  if (!behavior) return { ...history, added: [], removed: [] }
  return change > 0
    ? { ...history, added: remember(history.added, now, change, longestPeriodSeconds(behavior.scaleUp)) }
    : { ...history, removed: remember(history.removed, now, -change, longestPeriodSeconds(behavior.scaleDown)) }
}

function finish({ autoscaler, now }: Pass, { because, conditions, events = [], scale, status, history }: Outcome): Plan {
  const before = autoscaler.status ?? { desiredReplicas: 0 }
  const next: HorizontalPodAutoscalerStatus = status
    ? {
        ...(orAbsent(status.current) === undefined ? {} : { currentReplicas: status.current }),
        desiredReplicas: status.desired,
        ...(scale ? { lastScaleTime: timestamp(now) } : before.lastScaleTime === undefined ? {} : { lastScaleTime: before.lastScaleTime }),
        ...(status.metrics?.length ? { currentMetrics: [...status.metrics] } : {}),
        conditions: [...conditions],
      }
    : { ...before, conditions: [...conditions] }
  const patch = difference(before, next)
  const known = historyOf(autoscaler)
  const changed = history !== undefined && !equal({ ...history, checkedMs: 0 }, { ...known, checkedMs: 0 })
  const steps: Step[] = scale ? [scale] : []
  if (patch || changed || scale) {
    // What the status says already was told when it was new.
    if (!equal(conditionsOnly(before), conditionsOnly(next))) steps.push(...events.map((told): Step => ({ do: 'note', ref: refOf(autoscaler), because: told })))
    const annotations = { [historyAnnotation]: textOf({ ...(history ?? known), checkedMs: now }) }
    const { event: _told, ...quiet } = because
    steps.push({ do: 'patch', ref: refOf(autoscaler), subresource: 'status', patch: { metadata: { annotations }, ...(patch ? { status: patch } : {}) }, because: { ...quiet, code: 'StatusUpdated' } })
  }
  return { steps, because: because.event && !scale ? withoutEvent(because) : because }
}

const withoutEvent = ({ event: _event, ...reason }: Reason): Reason => reason
const conditionsOnly = ({ conditions = [] }: HorizontalPodAutoscalerStatus) => conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message }))

/** "CPU 85 % of what the Pods ask for, 50 % wanted" */
function wordsOf(statuses: readonly MetricStatus[], { spec: { metrics = [] } }: HorizontalPodAutoscaler): string {
  const words = metrics.flatMap((metric, i) => {
    const told = toldOf(metric, statuses[i])
    if (told !== undefined) return [told]
    const [source, status] = [metric.resource ?? metric.containerResource, statuses[i]?.resource ?? statuses[i]?.containerResource]
    if (!source || !status) return []
    const { averageUtilization, averageValue } = source.target
    const name = source.name === 'cpu' ? 'CPU' : source.name
    if (averageValue !== undefined) return [`${name} ${against(source.name, status.current, source.target)}`]
    return [`${name} ${status.current.averageUtilization} % of what the Pods ask for, ${averageUtilization} % wanted`]
  })
  return words.length === 0 ? 'no metric says otherwise' : words.join('; ')
}

/** "queue 30 a Pod, 10 wanted" */
function toldOf({ pods, object, external }: MetricSpec, status: MetricStatus | undefined): string | undefined {
  if (pods && status?.pods) return `${pods.metric.name} ${against('', status.pods.current, pods.target)}`
  if (external && status?.external) return `${external.metric.name} ${against('', status.external.current, external.target)}`
  if (!object || !status?.object) return undefined
  const { kind, name } = object.describedObject
  return `${object.metric.name} of ${kind} ${name} ${against('', status.object.current, object.target)}`
}

/** "50 MiB a Pod, 20 MiB wanted"; what all Pods share without "a Pod". Only a resource's name says what its numbers mean. */
const against = (name: string, now: MetricValueStatus, target: MetricTarget): string =>
  now.averageValue === undefined ? `${amount(name, now.value)}, ${amount(name, target.value)} wanted` : `${amount(name, now.averageValue)} a Pod, ${amount(name, target.averageValue)} wanted`
