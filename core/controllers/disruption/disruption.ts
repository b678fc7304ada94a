/**
 * Keeps every PodDisruptionBudget's status: how many of its Pods are healthy, how many must be, and so how many may be
 * evicted now; and takes back DisruptionTarget from Pods that nobody disrupted after all.
 * Mirrors pkg/controller/disruption/disruption.go. Status writes are conditional on the revision planned on, because the
 * eviction API counts down the same numbers.
 */
import { setCondition } from '../../api/conditions.ts'
import { refOf, timestamp, type KubeObject, type Ref } from '../../api/meta.ts'
import { scaledValue } from '../../api/int-or-percent.ts'
import { count } from '../../api/state/sentences.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Condition, LabelSelector } from '../../api/types/meta.ts'
import type { PodDisruptionBudget } from '../../api/types/policy.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isFinished, isLeaving, podCondition } from '../../api/pod-lifecycle.ts'
import { matches } from '../planning/selector.ts'
import { disruptedPods, healthyPods } from './disrupted-pods.ts'
import { changesScale, expectedScale, podsScaledBy, scaledKinds } from './expected-pods.ts'

/** A Pod that carries DisruptionTarget this long and still stands is no target any more. */
const staleAfterMs = 2 * 60_000

export const disruption = defineController<KubeObject>({
  name: 'disruption-controller',
  component: 'controllermanager',
  reconciles: ['PodDisruptionBudget', 'Pod'],
  wakesOn: ['Pod', ...scaledKinds],

  concerns: ({ type, object }) => object.kind !== 'Pod' || (type !== 'DELETED' && isTarget(object as Pod)),

  // Upstream wakes for Pods alone: where a new scale changes no Pod, its status stays wrong until one does. Not so here.
  wakes(event, snapshot) {
    const { object, previous } = event
    if (object.kind !== 'Pod' && !changesScale(event)) return []
    const budgets = snapshot.list<PodDisruptionBudget>('PodDisruptionBudget', object.metadata.namespace)
    if (budgets.length === 0) return []
    const touched = object.kind === 'Pod' ? (previous ? [object, previous] : [object]) : podsScaledBy(object, snapshot)
    return budgets.filter(({ spec }) => touched.some(({ metadata }) => matches(spec.selector, metadata.labels))).map(refOf)
  },

  plan({ object, snapshot, now }) {
    if (!object) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the object is gone' })
    return object.kind === 'Pod' ? clearStaleTarget(object as Pod, now) : keepStatus(object as PodDisruptionBudget, snapshot, now)
  },
})

interface Numbers {
  readonly expected: number
  readonly desired: number
  readonly unmanaged: readonly string[]
}

function keepStatus(budget: PodDisruptionBudget, snapshot: Snapshot, now: number): Plan {
  const pods = snapshot.labelled<Pod>('Pod', budget.metadata.namespace ?? '', budget.spec.selector?.matchLabels ?? {}).filter(({ metadata }) => matches(budget.spec.selector, metadata.labels))
  let numbers: Numbers
  try {
    numbers = numbersOf(budget, pods, snapshot)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return failSafe(budget, error.message, now)
  }
  const { expected, desired, unmanaged } = numbers
  const disrupted = disruptedPods(budget.status.disruptedPods, pods, now)
  const healthy = healthyPods(pods, disrupted.pods, now)
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired)
  const because = summary(healthy, desired, expected, allowed, Object.keys(disrupted.pods).length)
  const counts = { currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed, observedGeneration: budget.metadata.generation ?? 0 }
  const patch = statusPatch(budget, counts, disrupted.pods, allowedCondition(budget, allowed, counts.observedGeneration, now))
  const steps: Step[] = disrupted.late.map((pod) => note(budget, 'NotDeleted', 'Warning', `${pod.metadata.name} was to be evicted and still stands`, 'two minutes have passed', `Pod was expected by PDB ${budget.metadata.namespace}/${budget.metadata.namespace} to be deleted but it wasn't`, refOf(pod)))
  if (patch) {
    if (pods.length === 0) steps.push(note(budget, 'NoPods', 'Normal', 'no Pod matches', 'the selector finds none', 'No matching pods found'))
    if (unmanaged.length > 0) steps.push(unmanagedNote(budget, unmanaged))
    steps.push(...sharedPods(budget, pods, snapshot))
    steps.push({ do: 'patch', ref: refOf(budget), subresource: 'status', patch, because: { ...because, code: 'StatusUpdated' } })
  }
  return { steps, because, ...(disrupted.nextMs === undefined ? {} : { requeueAt: disrupted.nextMs + 1 }) }
}

/** Upstream: getExpectedPodCount. A whole number in minAvailable needs no scale. */
function numbersOf({ spec }: PodDisruptionBudget, pods: readonly Pod[], snapshot: Snapshot): Numbers {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    const { count: expected, unmanaged } = expectedScale(pods, snapshot)
    return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up')), unmanaged }
  }
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable, unmanaged: [] }
  if (minAvailable === undefined) return { expected: 0, desired: 0, unmanaged: [] }
  const { count: expected, unmanaged } = expectedScale(pods, snapshot)
  return { expected, desired: scaledValue(minAvailable, expected, 'up'), unmanaged }
}

/** Nothing may be evicted while the numbers are unknown. */
function failSafe(budget: PodDisruptionBudget, message: string, now: number): Plan {
  const because: Reason = { code: 'CalculateExpectedPodCountFailed', say: 'allows no eviction', why: message, event: { type: 'Warning', message: `Failed to calculate the number of expected pods: ${message}` } }
  const observedGeneration = budget.status.observedGeneration ?? 0
  const conditions = setCondition(budget.status.conditions ?? [], allowance('False', 'SyncFailed', message, observedGeneration, now))
  const unchanged = (budget.status.disruptionsAllowed ?? 0) === 0 && equal(conditions, budget.status.conditions)
  if (unchanged) return nothing(because)
  return { steps: [{ do: 'patch', ref: refOf(budget), subresource: 'status', patch: { metadata: { resourceVersion: budget.metadata.resourceVersion }, status: { disruptionsAllowed: 0, conditions } }, because }], because }
}

const allowance = (status: 'True' | 'False', reason: string, message: string, observedGeneration: number, now: number): Condition => ({
  type: 'DisruptionAllowed',
  status,
  ...(observedGeneration === 0 ? {} : { observedGeneration }),
  lastTransitionTime: timestamp(now),
  reason,
  message,
})

const allowedCondition = (budget: PodDisruptionBudget, allowed: number, generation: number, now: number): Condition[] =>
  setCondition(budget.status.conditions ?? [], allowance(allowed > 0 ? 'True' : 'False', allowed > 0 ? 'SufficientPods' : 'InsufficientPods', '', generation, now))

/** Undefined where nothing differs. Names that left disruptedPods are taken out one by one, as a merge patch demands. */
function statusPatch(budget: PodDisruptionBudget, counts: Readonly<Record<string, number>>, disrupted: Readonly<Record<string, string>>, conditions: readonly Condition[]): Readonly<Record<string, unknown>> | undefined {
  const { status } = budget
  const before = status.disruptedPods ?? {}
  const same = Object.entries(counts).every(([field, value]) => (status[field as keyof typeof status] ?? 0) === value)
  if (same && equal(before, disrupted) && equal(status.conditions ?? [], conditions)) return undefined
  const left = Object.keys(before).filter((name) => disrupted[name] === undefined)
  const names = Object.keys(disrupted).length === 0 ? null : { ...Object.fromEntries(left.map((name) => [name, null])), ...disrupted }
  const { resourceVersion } = budget.metadata
  return { metadata: { resourceVersion }, status: { ...counts, conditions, ...(names === null && status.disruptedPods === undefined ? {} : { disruptedPods: names }) } }
}

const note = (budget: PodDisruptionBudget, code: string, type: 'Normal' | 'Warning', say: string, why: string, message: string, regarding?: Ref): Step => ({
  do: 'note',
  ref: regarding ?? refOf(budget),
  because: { code, say, why, event: { type, message, ...(regarding ? { regarding } : {}) } },
})

const unmanagedNote = (budget: PodDisruptionBudget, names: readonly string[]): Step =>
  note(
    budget,
    'UnmanagedPods',
    'Warning',
    `cannot count ${count(names.length, 'Pod')}`,
    'nothing controls them, so a share of them means nothing',
    `Pods selected by this PodDisruptionBudget (selector: ${goText(budget.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
  )

/** Upstream chooses one of several budgets; here each is kept right, and the first tells. */
function sharedPods(budget: PodDisruptionBudget, pods: readonly Pod[], snapshot: Snapshot): Step[] {
  const others = snapshot.list<PodDisruptionBudget>('PodDisruptionBudget', budget.metadata.namespace).filter(({ metadata }) => metadata.uid !== budget.metadata.uid)
  if (others.length === 0) return []
  return pods.flatMap((pod) => {
    const names = others.filter(({ spec }) => matches(spec.selector, pod.metadata.labels)).map(({ metadata }) => metadata.name)
    const chosen = [budget.metadata.name, ...names].sort()[0]!
    if (names.length === 0 || chosen !== budget.metadata.name) return []
    const message = `Pod ${JSON.stringify(pod.metadata.namespace)}/${JSON.stringify(pod.metadata.name)} matches multiple PodDisruptionBudgets.  Chose ${JSON.stringify(chosen)} arbitrarily.`
    return [note(budget, 'MultiplePodDisruptionBudgets', 'Warning', `${pod.metadata.name} has ${count(names.length + 1, 'budget')}`, 'the eviction API refuses such a Pod', message, refOf(pod))]
  })
}

/** How Go prints a label selector. */
function goText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],}`)
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.map((text) => `${text},`).join('')}},}`
}

function summary(healthy: number, desired: number, expected: number, allowed: number, granted: number): Reason {
  const say = allowed === 0 ? 'allows no eviction' : `allows ${count(allowed, 'eviction')}`
  const why = expected <= 0 ? 'it covers no Pod' : `${healthy} healthy, ${desired} must be${granted === 0 ? '' : `; ${count(granted, 'granted eviction')} not done yet`}`
  return { code: allowed === 0 ? 'InsufficientPods' : 'SufficientPods', say, why }
}

const isTarget = (pod: Pod): boolean => {
  const condition = podCondition(pod, 'DisruptionTarget')
  return condition?.status === 'True' && condition.reason !== 'TerminationByKubelet' && !isLeaving(pod) && !isFinished(pod)
}

function clearStaleTarget(pod: Pod, now: number): Plan {
  const condition = podCondition(pod, 'DisruptionTarget')
  if (!isTarget(pod) || !condition) return nothing({ code: 'Settled', say: 'nothing to do', why: 'nobody is about to disrupt the Pod' })
  const due = Date.parse(condition.lastTransitionTime ?? timestamp(now)) + staleAfterMs
  if (due > now) return nothing({ code: 'Waiting', say: 'waits for the Pod to leave', why: `it was marked as a target: ${condition.message ?? condition.reason ?? ''}` }, due)
  const cleared = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: timestamp(now), ...(condition.observedGeneration === undefined ? {} : { observedGeneration: condition.observedGeneration }) }
  const conditions = (pod.status.conditions ?? []).map((one) => (one === condition ? cleared : one))
  const because: Reason = { code: 'StaleTargetCleared', say: 'is no longer marked as a target', why: 'two minutes have passed and nobody disrupted it' }
  return { steps: [{ do: 'patch', ref: refOf(pod), subresource: 'status', patch: { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } }, because }], because }
}
