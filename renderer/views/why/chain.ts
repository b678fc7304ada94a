/** The chain as it is drawn: one place an object, oldest first, with what happened there; a person's flag before the first. Pure. */
import { refKey, type Ref } from '../../../core/api/meta.ts'
import type { StateWords } from '../../../core/api/state/words.ts'
import type { Fix, Why, WhyStep } from '../../../electron/contract.ts'
import { actorWords, byPerson } from '../../words/actors.ts'
import { shortNames, spoken } from '../../words/spoken.ts'

export interface ChainNode {
  key: string
  type: 'person' | 'actor' | 'object' | 'obstacle'
  title: string
  /** What happened here, newest last; two lines are drawn. */
  say: string
  note: string
  ref?: Ref
  atMs?: number
  /** The last object: it carries the state. */
  state?: StateWords
}

const most = 5
const ranks: Record<string, number> = { CronJob: 0, Deployment: 0, StatefulSet: 0, DaemonSet: 0, ReplicationController: 0, Job: 1, ReplicaSet: 1, Pod: 2, PersistentVolumeClaim: 3, PersistentVolume: 4 }

/** Shortens a sentence so that it stands under a node. */
export function clipped(text: string, length = 46): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length - 1)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > length / 2 ? space : length - 1)}…`
}

/** In lines of at most that length, broken between words; the last is shortened. */
export function wrapped(text: string, length: number, most: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > length && lines.length < most - 1) {
    const space = rest.lastIndexOf(' ', length)
    if (space <= 0) break
    lines.push(rest.slice(0, space))
    rest = rest.slice(space + 1)
  }
  return rest === '' ? lines : [...lines, clipped(rest, length)]
}

/** `subjectOf` is the object that speaks: the failing Pod of a Deployment, or the object itself. */
export function chainNodes(why: Why, images: readonly string[]): ChainNode[] {
  const nodes: ChainNode[] = []
  const first = why.chain[0]
  if (first) {
    const change = first.changes?.find((c) => /image$/.test(c.path)) ?? first.changes?.[0]
    const tag = (value: unknown) => String(value).split('/').at(-1)!.split(':').at(-1)!
    const note = change && change.before !== undefined && change.after !== undefined && typeof change.after !== 'object' ? (/image$/.test(change.path) ? `tag ${tag(change.before)} to ${tag(change.after)}` : `${change.path.split('.').at(-1) ?? ''} ${String(change.before)} to ${String(change.after)}`) : first.say
    nodes.push({ key: 'cause', type: byPerson(first.actor) ? 'person' : 'actor', title: actorWords(first.actor), say: note, note: '', atMs: first.atMs })
  }
  const byObject = new Map<string, { ref: Ref; steps: WhyStep[] }>()
  for (const step of why.chain) {
    const key = refKey(step.ref)
    const known = byObject.get(key)
    if (known) known.steps.push(step)
    else byObject.set(key, { ref: step.ref, steps: [step] })
  }
  let objects = [...byObject.values()].toSorted((a, b) => (ranks[a.ref.kind] ?? -1) - (ranks[b.ref.kind] ?? -1))
  if (objects.length === 0) objects = [{ ref: why.ref, steps: [] }]
  if (objects.length > most - 1) objects = [...objects.slice(0, 2), ...objects.slice(-(most - 3))]
  for (const [i, { ref, steps }] of objects.entries()) {
    // Of trouble, how it began tells most; where all is well again, how it ended.
    const later = steps.filter((step) => step !== first)
    const telling = (why.state.mark === 'ready' ? later.at(-1) : later[0]) ?? steps[0]
    nodes.push({
      key: refKey(ref), type: 'object', title: ref.kind, ref,
      say: telling && telling !== first ? spoken(telling).say.replace(/^(no node|found no machine) for \S+: /, '$1: ') : ref.kind === 'Deployment' ? 'new template, so a new revision' : (telling?.say ?? ''),
      note: telling && telling !== first ? shortNames(telling.why) : '',
      ...(telling ? { atMs: telling.atMs } : {}),
      ...(i === objects.length - 1 ? { state: why.state } : {}),
    })
  }
  const obstacle = obstacleOf(why.fixes, why.state, images)
  if (obstacle) nodes.push(obstacle)
  return nodes
}

/** What stands in the way, drawn behind a cross: an image that is not to be had, or room on no machine. */
function obstacleOf(fixes: readonly Fix[], state: StateWords, images: readonly string[]): ChainNode | undefined {
  if (fixes.some((fix) => fix.do === 'retry-pull')) return { key: 'obstacle', type: 'obstacle', title: images[0] ?? 'image', say: state.why ?? 'cannot be pulled', note: 'image' }
  if (state.mark === 'waiting' && (fixes.some((fix) => fix.do === 'set-resources' || fix.do === 'uncordon' || fix.do === 'label') || /free|machine/.test(state.say))) return { key: 'obstacle', type: 'obstacle', title: 'no machine', say: state.say, note: 'machine' }
  return undefined
}
