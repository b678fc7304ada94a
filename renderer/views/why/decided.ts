/**
 * What every planner decided about an object and what it stands on, as rows: who, what, why, and until when it waits.
 * And the scheduler's queue in a sentence. Pure; countdowns follow the clock that is handed in.
 */
import { controllerOf, refKey, refOf, type KubeObject, type Ref } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { podClaims } from '../../../core/api/storage/pod-claims.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import type { Ingress } from '../../../core/api/types/networking.ts'
import type { DecisionRecord, QueuePlace } from '../../../electron/contract.ts'
import { actorWords } from '../../words/actors.ts'
import { count, durationInWords, listInWords } from '../../words/amounts.ts'
import { ingressServices } from '../../words/ingress.ts'
import { shortNames } from '../../words/spoken.ts'
import { podsOf, selects, templateLabels, type LabelSelector, type World } from '../../words/world.ts'

export interface DecidedRow {
  key: string
  who: string
  /** Set where the decision is about another object than the one asked about. */
  about: Ref | undefined
  mark: Mark
  say: string
  why: string
  /** "next try in 12 s" */
  due: string | undefined
  error: string | undefined
  /** What was done in that pass. */
  steps: readonly string[]
  atMs: number
  times: number
}

const most = 12
const schedulerActor = 'scheduler'

/** The object, what owns it, what it waits for, and what watches over it: those whose planners decide about it. */
export function concerned(world: World, object: KubeObject): Ref[] {
  const found = new Map<string, Ref>()
  const add = (one: KubeObject | Ref | undefined) => {
    if (!one || found.size >= most) return
    const ref: Ref = 'metadata' in one ? refOf(one as KubeObject) : one
    found.set(refKey(ref), ref)
  }
  const { namespace } = object.metadata
  const named = (kind: string, name: string): Ref => ({ kind, name, ...(namespace === undefined ? {} : { namespace }) })
  add(object)
  for (let owner = controllerOf(object.metadata); owner;) {
    const above = world.get(named(owner.kind, owner.name))
    add(above)
    owner = above && controllerOf(above.metadata)
  }
  if (object.kind === 'Pod') for (const { claim } of podClaims(object as Pod)) add(world.get(named('PersistentVolumeClaim', claim)))
  const labels = object.kind === 'Pod' ? object.metadata.labels : templateLabels(object)
  if (labels) for (const budget of world.list('PodDisruptionBudget', namespace)) if (selects((budget['spec'] as { selector?: LabelSelector } | undefined)?.selector, labels)) add(budget)
  for (const scaler of world.list('HorizontalPodAutoscaler', namespace)) {
    const target = (scaler['spec'] as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef
    if (target?.kind === object.kind && target.name === object.metadata.name) add(scaler)
  }
  if (object.kind === 'Deployment') for (const set of world.list('ReplicaSet', namespace)) if (controllerOf(set.metadata)?.uid === object.metadata.uid && ((set['spec'] as { replicas?: number } | undefined)?.replicas ?? 0) > 0) add(set)
  if (object.kind === 'PersistentVolumeClaim') {
    const volume = (object['spec'] as { volumeName?: string } | undefined)?.volumeName
    if (volume) add(world.get({ kind: 'PersistentVolume', name: volume }))
  }
  if (object.kind === 'Ingress') for (const service of ingressServices(object as Ingress)) add(world.get(named('Service', service)))
  if (object.kind !== 'Pod' && object.kind !== 'Node' && object.kind !== 'Namespace') for (const pod of podsOf(world, object)) if ((pod['spec'] as { nodeName?: string } | undefined)?.nodeName === undefined) add(pod)
  return [...found.values()]
}

/** The newest word of each planner about each object; those that wait or failed first, then the newest. What the scheduler waited for is past once a Pod has its machine. */
export function decidedRows(records: readonly DecisionRecord[], subject: Ref, now: number, isPlaced: (pod: Ref) => boolean = () => false): DecidedRow[] {
  const newest = new Map<string, DecisionRecord>()
  for (const record of records) {
    const key = `${record.actor} ${refKey(record.ref)}`
    const known = newest.get(key)
    if (!known || record.lastMs >= known.lastMs) newest.set(key, record)
  }
  return [...newest].map(([key, record]) => { const row = rowOf(key, record, subject, now); return row.mark === 'waiting' && record.actor === schedulerActor && isPlaced(record.ref) ? { ...row, mark: 'finished' as const } : row }).toSorted((a, b) => weight(a) - weight(b) || b.atMs - a.atMs || (a.key < b.key ? -1 : 1))
}

const weight = ({ mark }: DecidedRow): number => (mark === 'failing' ? 0 : mark === 'waiting' ? 1 : mark === 'moving' ? 2 : 3)

const idle = /^(nothing|everything|no change|settled)\b/i
const waits = /\b(wait|waits|waiting|back-off|blocked|paused|suspended|not before|next try|next run|retr)/i
const refused = /\b(cannot|blocked|refused|no node|missing|fails?|failed)\b/i

function rowOf(key: string, record: DecisionRecord, subject: Ref, now: number): DecidedRow {
  const { because, error, steps, dueMs, lastMs, count: times, ref } = record
  const say = shortNames(because.say)
  const ahead = dueMs !== undefined && dueMs > now
  const mark: Mark = error !== undefined ? 'failing' : steps.length > 0 && !waits.test(say) ? 'moving' : !idle.test(say) && (ahead || waits.test(say) || refused.test(say)) ? 'waiting' : 'finished'
  return {
    key, who: actorWords(record.actor), about: refKey(ref) === refKey(subject) ? undefined : ref, mark, say, why: shortNames(because.why),
    due: ahead ? `${error !== undefined || /back-off|retr/i.test(say) ? 'next try' : 'looks again'} in ${durationInWords(dueMs - now)}` : undefined,
    error, atMs: lastMs, times,
    steps: [...new Set(steps.map((step) => shortNames(step.say)))].filter((one) => one !== say),
  }
}

/** Rows worth a place in a panel: what waits, failed, or was done in the last minute. */
export const telling = (rows: readonly DecidedRow[], now: number): DecidedRow[] =>
  rows.filter(({ mark, atMs }) => mark === 'failing' || mark === 'waiting' || (mark === 'moving' && now - atMs < 60_000)).slice(0, 4)

const wakes: Readonly<Record<string, string>> = {
  Node: 'a machine joins or changes', Pod: 'a Pod changes', 'Pod removed': 'a Pod goes', 'Pod placed': 'a Pod is placed', 'Pod labels': 'a Pod’s labels change', 'Pod freed': 'a Pod asks for less', Namespace: 'a namespace changes',
}

/** Where it stands in the queue, and until when. */
export function queueWords(place: QueuePlace, now: number): { mark: Mark; say: string; detail: string } {
  const tries = place.attempts === 0 ? 'Not tried yet' : place.attempts === 1 ? 'Tried once' : `Tried ${place.attempts} times`
  const since = `in the queue for ${durationInWords(now - place.sinceMs)}, priority ${place.priority.toLocaleString('en')}`
  const detail = `${tries}; ${since}.`
  const left = place.dueMs === undefined ? '' : place.dueMs > now ? `in ${durationInWords(place.dueMs - now)}` : 'now'
  switch (place.state) {
    case 'gated': return { mark: 'waiting', say: `Held by ${count(place.gates.length, 'scheduling gate')}: ${listInWords(place.gates)}. Nothing is tried until ${place.gates.length === 1 ? 'it is' : 'they are'} lifted.`, detail }
    case 'backing-off': return { mark: 'waiting', say: `In back-off; next try ${left}, sooner where no other Pod waits.`, detail }
    case 'waiting': {
      const helps = [...new Set(place.wakesOn.map((wake) => wakes[wake] ?? `a ${wake} changes`))]
      return { mark: 'waiting', say: `Waits until something helps${helps.length === 0 ? '' : `: ${helps.slice(0, 5).join(', ')}`}. Tried again ${left} in any case.`, detail: `${detail}${place.rejectedBy.length === 0 ? '' : ` Said no: ${listInWords(place.rejectedBy)}.`}` }
    }
    case 'held': return { mark: 'waiting', say: 'Room is being made: it is tried again once the Pods that go were told.', detail }
    case 'placed': return { mark: 'moving', say: 'It has a machine and is being bound to it.', detail }
    default: return { mark: 'moving', say: 'Its turn comes next.', detail }
  }
}
