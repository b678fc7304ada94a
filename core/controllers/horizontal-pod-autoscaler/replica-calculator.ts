/**
 * How many Pods a metric asks for (upstream: pkg/controller/podautoscaler/replica_calculator.go). Pods that are not ready,
 * or were not measured, are counted so that a doubt never makes the change larger.
 */
import type { Pod } from '../../api/types/core.ts'
import { isLeaving, podCondition } from '../../api/pod-lifecycle.ts'
import { MetricError } from './metric-error.ts'
import type { PodMetric, PodMetrics } from './pod-metrics.ts'

/** Right after its start a Pod's CPU says little about its work. */
const cpuInitialisationMs = 5 * 60_000
const initialReadinessMs = 30_000
const maxInt32 = 2 ** 31 - 1

export interface Tolerances {
  readonly down: number
  readonly up: number
}

export interface Proposal {
  readonly replicas: number
  /** Average use of a Pod, in thousandths. */
  readonly milli: number
  /** Percent of the request; absent for plain values. */
  readonly percent?: number
}

interface Ratio {
  readonly ratio: number
  readonly milli: number
  readonly percent?: number
}

const isWithin = ({ down, up }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up

interface Groups {
  readonly ready: number
  readonly unready: readonly string[]
  readonly missing: readonly string[]
  readonly ignored: readonly string[]
}

function group(pods: readonly Pod[], metrics: PodMetrics, resource: string, now: number): Groups {
  let ready = 0
  const [unready, missing, ignored]: [string[], string[], string[]] = [[], [], []]
  for (const pod of pods) {
    const { name } = pod.metadata
    const metric = metrics.get(name)
    if (isLeaving(pod) || pod.status?.phase === 'Failed') ignored.push(name)
    else if (pod.status?.phase === 'Pending') unready.push(name)
    else if (metric === undefined) missing.push(name)
    else if (resource === 'cpu' && isUnready(pod, metric, now)) unready.push(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

function isUnready(pod: Pod, { atMs, windowMs }: PodMetric, now: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const { startTime } = pod.status
  if (!condition || startTime === undefined) return true
  const startedMs = Date.parse(startTime)
  const changedMs = condition.lastTransitionTime === undefined ? 0 : Date.parse(condition.lastTransitionTime)
  if (startedMs + cpuInitialisationMs > now) return condition.status === 'False' || atMs < changedMs + windowMs
  return condition.status === 'False' && startedMs + initialReadinessMs > changedMs
}

const share =
  (requests: ReadonlyMap<string, number>, target: number) =>
  (metrics: PodMetrics): Ratio => {
    let [used, asked, counted] = [0, 0, 0]
    for (const [name, { milli }] of metrics) {
      const request = requests.get(name)
      if (request === undefined) continue
      used += milli
      asked += request
      counted++
    }
    if (asked === 0) throw new MetricError('no metrics returned matched known pods')
    const percent = Math.trunc((used * 100) / asked)
    return { ratio: percent / target, milli: Math.trunc(used / counted), percent }
  }

const average =
  (target: number) =>
  (metrics: PodMetrics): Ratio => {
    let used = 0
    for (const { milli } of metrics.values()) used += milli
    const milli = Math.trunc(used / metrics.size)
    return { ratio: milli / target, milli }
  }

interface Question {
  readonly pods: readonly Pod[]
  readonly metrics: PodMetrics
  /** '' for metrics that are no resource. */
  readonly resource: string
  readonly replicas: number
  readonly tolerances: Tolerances
  readonly now: number
}

/** For a target in percent of the requests. A Pod that was not measured is taken to use all of its request. */
export function replicasForShare(question: Question, target: number, requests: () => ReadonlyMap<string, number>): Proposal {
  const prepared = prepare(question)
  const asked = requests()
  return settle(question, prepared, share(asked, target), (name) => Math.trunc(((asked.get(name) ?? 0) * Math.max(100, target)) / 100))
}

/** For a target in thousandths a Pod. A Pod that was not measured is taken to use what it should. */
export const replicasForAverage = (question: Question, target: number): Proposal => settle(question, prepare(question), average(target), () => target)

interface ValueQuestion {
  readonly pods: readonly Pod[]
  readonly replicas: number
  /** As the target's own status counts them. */
  readonly counted: number
  readonly tolerances: Tolerances
}

/** For a target in thousandths that all Pods together should come to. */
export function replicasForValue({ pods, replicas, tolerances }: ValueQuestion, milli: number, target: number): Proposal {
  const ratio = milli / target
  if (isWithin(tolerances, ratio)) return { replicas, milli }
  if (pods.length === 0) throw new MetricError('unable to calculate ready pods: no pods returned by selector while calculating replica count')
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && podCondition(pod, 'Ready')?.status === 'True').length
  return { replicas: Math.min(Math.ceil(ratio * ready), maxInt32), milli }
}

/** For a target in thousandths a Pod of something that all Pods share. */
export function replicasForSum({ counted, tolerances }: ValueQuestion, milli: number, target: number): Proposal {
  const stays = isWithin(tolerances, milli / (target * counted))
  return { replicas: stays ? counted : Math.min(Math.ceil(milli / target), maxInt32), milli: counted === 0 ? milli : Math.ceil(milli / counted) }
}

function prepare({ pods, metrics, resource, now }: Question): { groups: Groups; measured: PodMetrics } {
  if (pods.length === 0) throw new MetricError('no pods returned by selector while calculating replica count')
  const groups = group(pods, metrics, resource, now)
  const measured: PodMetrics = new Map(metrics)
  for (const name of [...groups.ignored, ...groups.unready]) measured.delete(name)
  if (measured.size === 0) throw new MetricError('did not receive metrics for targeted pods (pods might be unready)')
  return { groups, measured }
}

function settle({ replicas, tolerances }: Question, { groups, measured }: ReturnType<typeof prepare>, ratioOf: (metrics: PodMetrics) => Ratio, missingMilli: (name: string) => number): Proposal {
  const { ratio, ...said } = ratioOf(measured)
  const stay: Proposal = { replicas, ...said }
  const growsWithUnready = groups.unready.length > 0 && ratio > 1
  if (!growsWithUnready && groups.missing.length === 0) return isWithin(tolerances, ratio) ? stay : { ...stay, replicas: Math.ceil(ratio * groups.ready) }
  const supposed = (milli: number): PodMetric => ({ milli, atMs: 0, windowMs: 0 })
  if (ratio < 1) for (const name of groups.missing) measured.set(name, supposed(missingMilli(name)))
  else if (ratio > 1) for (const name of groups.missing) measured.set(name, supposed(0))
  if (growsWithUnready) for (const name of groups.unready) measured.set(name, supposed(0))
  const again = ratioOf(measured).ratio
  if (isWithin(tolerances, again) || (ratio < 1 && again > 1) || (ratio > 1 && again < 1)) return stay
  const wanted = Math.ceil(again * measured.size)
  // The Pods counted may not be those that are wanted now; then the direction would turn.
  return (again < 1 && wanted > replicas) || (again > 1 && wanted < replicas) ? stay : { ...stay, replicas: wanted }
}
