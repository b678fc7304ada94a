/** Panels of disruption budgets, autoscalers (beside their curve), priority and runtime classes. Pure. */
import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec, MetricStatus } from '../../../../core/api/types/autoscaling-v2.ts'
import type { Pod } from '../../../../core/api/types/core.ts'
import type { RuntimeClass } from '../../../../core/api/types/node.ts'
import type { PodDisruptionBudget } from '../../../../core/api/types/policy.ts'
import type { PriorityClass } from '../../../../core/api/types/scheduling.ts'
import { amount } from '../../../../core/api/state/sentences.ts'
import { count, durationInWords } from '../../../words/amounts.ts'
import { isReady, podsOf, podsOfClass, workloadOf, type World } from '../../../words/world.ts'
import { cell, inNamespace, linked, mono, type Cell, type Part } from './part.ts'

export function budgetParts(world: World, budget: PodDisruptionBudget): Part[] {
  const { spec, status = {}, metadata } = budget
  const pods = podsOf(world, budget)
  const { disruptionsAllowed: allowed = 0, currentHealthy: healthy = 0, desiredHealthy: desired = 0, expectedPods: expected = 0 } = status
  const rule = spec.minAvailable !== undefined ? `at least ${spec.minAvailable} must stay healthy` : `at most ${spec.maxUnavailable ?? 0} may be missing`
  const granted = new Set(Object.keys(status.disruptedPods ?? {}))
  return [
    {
      title: 'What it allows',
      say: expected === 0 ? 'It covers no Pod now, so it holds nobody back.' : allowed === 0 ? `No eviction now: ${healthy} ${healthy === 1 ? 'is' : 'are'} healthy and ${desired} must be. A drain waits here until another is ready.` : `${count(allowed, 'eviction')} now: ${healthy} ${healthy === 1 ? 'is' : 'are'} healthy and ${desired} must be.`,
      facts: [
        { label: 'Rule', cell: cell(rule, { note: spec.minAvailable !== undefined ? 'minAvailable' : 'maxUnavailable' }) },
        { label: 'Unhealthy', cell: cell(spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ? 'Pods that are not ready may always go' : 'Pods that are not ready may go while enough are healthy') },
      ],
      ...(expected === 0 ? {} : { meters: [{ label: 'Healthy', share: desired === 0 ? 1 : Math.min(1, healthy / Math.max(desired, expected)), text: `${healthy} of ${expected}`, note: `${desired} must be`, warn: healthy < desired }] }),
    },
    ...(pods.length === 0 ? [] : [{
      title: 'Counted Pods',
      table: {
        columns: ['Pod', 'Of', 'Machine', 'May go'],
        rows: pods.slice(0, 24).map((pod): Cell[] => {
          const top = workloadOf(world, pod)
          const ready = isReady(pod)
          return [
            linked(inNamespace('Pod', metadata.namespace, pod.metadata.name), { mark: ready ? 'ready' : 'waiting' }), top === pod ? cell('') : linked(inNamespace(top.kind, metadata.namespace, top.metadata.name)), cell((pod as Pod).spec?.nodeName ?? ''),
            cell(granted.has(pod.metadata.name) ? 'granted, on its way' : !ready && spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ? 'yes, it is not ready' : allowed > 0 ? 'yes' : 'not now'),
          ]
        }),
      },
    }]),
  ]
}

export function autoscalerParts(autoscaler: HorizontalPodAutoscaler): Part[] {
  const { spec, status, metadata } = autoscaler
  const metrics = spec.metrics ?? []
  return [
    {
      title: 'What it measures',
      table: { columns: ['Measure', 'Now', 'Wanted'], rows: metrics.map((metric, i) => metricRow(metric, status?.currentMetrics?.[i])) },
    },
    {
      title: 'How it goes about it',
      facts: [
        { label: 'Scales', cell: linked(inNamespace(spec.scaleTargetRef.kind, metadata.namespace, spec.scaleTargetRef.name), { note: spec.scaleTargetRef.kind }) },
        { label: 'Pods', cell: cell(`${status?.currentReplicas ?? 0} now${status?.desiredReplicas ? `, ${status.desiredReplicas} wanted` : ''}`, { note: `${spec.minReplicas ?? 1} to ${spec.maxReplicas}` }) },
        { label: 'Grows', cell: cell(paceWords(spec.behavior?.scaleUp, 'up')) },
        { label: 'Shrinks', cell: cell(paceWords(spec.behavior?.scaleDown, 'down')) },
        ...(status?.lastScaleTime ? [{ label: 'Last change', cell: cell(new Date(status.lastScaleTime).toLocaleTimeString('en-GB')) }] : []),
      ],
    },
  ]
}

function metricRow(metric: MetricSpec, status: MetricStatus | undefined): Cell[] {
  const source = metric.resource ?? metric.containerResource
  if (source) {
    const now = (status?.resource ?? status?.containerResource)?.current
    const { averageUtilization, averageValue } = source.target
    return [
      cell(source.name === 'cpu' ? 'CPU' : source.name === 'memory' ? 'Memory' : source.name, metric.containerResource ? { note: `container ${metric.containerResource.container}` } : {}),
      cell(now === undefined ? 'not measured yet' : averageUtilization === undefined ? `${amount(source.name, now.averageValue)} a Pod` : `${now.averageUtilization ?? '?'} %`, { ...(now?.averageValue && averageUtilization !== undefined ? { note: `${amount(source.name, now.averageValue)} a Pod` } : {}) }),
      cell(averageUtilization === undefined ? `${amount(source.name, averageValue)} a Pod` : `${averageUtilization} % of the request`),
    ]
  }
  const other = metric.pods ?? metric.object ?? metric.external
  const now = (status?.pods ?? status?.object ?? status?.external)?.current
  const each = ({ averageValue, value }: { averageValue?: string; value?: string }): string => (averageValue === undefined ? amount('', value) : `${amount('', averageValue)} a Pod`)
  return [cell(other?.metric.name ?? metric.type, { note: metric.type.toLowerCase() }), cell(now === undefined ? 'nobody offers this measure' : each(now), now === undefined ? { mark: 'degraded' } : {}), cell(other ? each(other.target) : '')]
}

/** Upstream's defaults where nothing is said: twice as many or four more at a time; fewer only after five minutes. */
function paceWords(rules: HPAScalingRules | undefined, way: 'up' | 'down'): string {
  if (rules?.selectPolicy === 'Disabled') return 'never'
  const window = rules?.stabilizationWindowSeconds ?? (way === 'up' ? 0 : 300)
  const waits = window === 0 ? 'at once' : `after ${durationInWords(window * 1000)} of wanting ${way === 'up' ? 'more' : 'fewer'}`
  const policies = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => `${type === 'Pods' ? count(value, 'Pod') : `${value} %`} in ${durationInWords(periodSeconds * 1000)}`)
  if (policies.length === 0) return way === 'up' ? `${waits}, twice as many or 4 more at a time` : waits
  return `${waits}, ${rules?.selectPolicy === 'Min' ? 'the least of' : 'at most'} ${policies.join(' or ')}`
}

export function priorityParts(world: World, one: PriorityClass): Part[] {
  const pods = podsOfClass(world, 'priorityClassName', one)
  const others = (world.list('PriorityClass') as readonly PriorityClass[]).toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))
  return [
    {
      title: 'What it means', ...(one.description ? { say: one.description } : {}),
      facts: [
        { label: 'Value', cell: cell((one.value ?? 0).toLocaleString('en'), { note: 'higher goes first' }) },
        { label: 'Room', cell: cell(one.preemptionPolicy === 'Never' ? 'waits its turn; nobody is put out for it' : 'Pods of lower priority are put out for it where nothing else fits') },
        ...(one.globalDefault ? [{ label: 'Default', cell: cell('Pods that name no class get it') }] : []),
        { label: 'Pods', cell: cell(pods.length === 0 ? 'none' : String(pods.length)) },
      ],
    },
    { title: 'Its place', table: { columns: ['Class', 'Value'], rows: others.map((other): Cell[] => [other === one || other.metadata.name === one.metadata.name ? cell(other.metadata.name, { note: 'this one' }) : linked({ kind: 'PriorityClass', name: other.metadata.name }), cell((other.value ?? 0).toLocaleString('en'), { numeric: true })]) } },
  ]
}

export function runtimeClassParts(world: World, one: RuntimeClass): Part[] {
  const pods = podsOfClass(world, 'runtimeClassName', one)
  const extra = Object.entries(one.overhead?.podFixed ?? {})
  return [{
    title: 'How its Pods run',
    facts: [
      { label: 'Handler', cell: mono(one.handler) },
      ...(extra.length > 0 ? [{ label: 'Overhead', cell: cell(extra.map(([name, quantity]) => (name === 'cpu' ? amount(name, quantity) : `${amount(name, quantity)} of ${name}`)).join(', '), { note: 'counted on top of each Pod' }) }] : []),
      ...(Object.keys(one.scheduling?.nodeSelector ?? {}).length > 0 ? [{ label: 'Machines', cell: mono(Object.entries(one.scheduling?.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`).join(', ')) }] : []),
      { label: 'Pods', cell: cell(pods.length === 0 ? 'none' : count(pods.length, 'Pod')) },
    ],
  }]
}
