/** Stories as rows of the feed: repeated ones folded, steps that a person needs, what goes on right now. Pure. */
import { refKey, type Ref } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import type { JournalEntry } from '../../../electron/contract.ts'
import { actorOf } from '../../cluster/actors.ts'
import type { Story } from '../../cluster/stories.ts'
import type { AppModel } from '../../graph/model.ts'
import { duration } from '../../../core/api/state/sentences.ts'
import { isUnderWay } from './causes.ts'

export interface FeedRow {
  key: number
  story: Story
  /** Of folded repetitions, how many. */
  times: number
  subject: string
  say: string
  why: string
  mark: Mark | undefined
  person: boolean
  ref: Ref
  atMs: number
}
export interface NowRow { id: string; name: string; say: string; why: string; mark: Mark; ref: Ref }

export interface Feed {
  active: readonly Story[]
  settled: readonly FeedRow[]
}

const bad = /exit|crash|kill|fail|refus|cannot|lost|evict|out of memory|not ready/i
const reach = /out of reach|silent/i

export function rowOf(story: Story, times = 1): FeedRow {
  const first = story.steps[0]!
  const actor = actorOf(first.actor)
  const rest = story.steps.length - 1
  const took = story.lastMs - story.atMs
  const summary = story.byUser && rest > 0 && first.why === '' ? `${rest} ${rest === 1 ? 'step' : 'steps'}, done in ${duration(took)}` : first.why
  return {
    key: story.root, story, times, subject: actor.name, say: first.say, why: times > 1 ? `${summary}${summary === '' ? '' : '; '}${times} times` : summary, person: actor.person,
    mark: actor.person ? undefined : reach.test(first.say) ? 'unreachable' : bad.test(`${first.code} ${first.say}`) ? 'failing' : 'finished', ref: first.ref, atMs: story.atMs,
  }
}

/** Newest first; a row that repeats the one below it (same object, same words) is folded into it. */
export function feedOf(stories: readonly Story[], now: number, appOf: ReadonlyMap<string, AppModel>, limit: number): Feed {
  const active: Story[] = []
  const settled: FeedRow[] = []
  for (const story of stories) {
    const under = isUnderWay(story, now, appOf)
    if (under && active.length < 3 && (story.byUser || story.steps.length > 2)) {
      active.push(story)
      continue
    }
    const row = rowOf(story)
    const same = settled.find((one) => !one.person && one.say === row.say && refKey(one.ref) === refKey(row.ref) && one.subject === row.subject)
    if (same) {
      same.times++
      same.why = `${rowOf(story).why}${row.why === '' ? '' : '; '}${same.times} times`
      continue
    }
    if (settled.length >= limit) break
    settled.push(row)
  }
  return { active, settled }
}

/** Steps worth a line: the same actor saying the same thing to many objects becomes one with a count. */
export function stepsOf(story: Story): { entry: JournalEntry; also: number }[] {
  const steps: { entry: JournalEntry; also: number }[] = []
  for (const entry of story.steps.slice(1)) {
    const last = steps.at(-1)
    if (last && last.entry.actor === entry.actor && last.entry.code === entry.code && last.entry.say === entry.say && last.entry.why === entry.why) last.also++
    else steps.push({ entry, also: 0 })
  }
  return steps
}

/** What the story's app waits for at this moment. */
export function nowRows(story: Story, appOf: ReadonlyMap<string, AppModel>): NowRow[] {
  const app = appOf.get(refKey(story.steps[0]!.ref))
  if (!app) return []
  const rows: NowRow[] = []
  for (const workload of app.workloads) {
    for (const set of workload.sets) {
      for (const pod of set.pods) {
        const { mark, say, why } = pod.state
        if (mark === 'ready' || mark === 'finished' || mark === 'leaving') continue
        rows.push({ id: pod.id, name: pod.name, mark, say: why ?? say, why: why === undefined ? (pod.machine ?? '') : say, ref: pod.ref })
      }
    }
  }
  const worst = rows.filter((row) => row.mark === 'failing' || row.mark === 'degraded')
  return [...worst, ...rows.filter((row) => !worst.includes(row))].slice(0, 3)
}
