/** Stories as rows of the feed: repeated ones folded, steps that a person needs, what goes on right now. Pure. */
import { refKey, type Ref } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { actorOf } from '../../cluster/actors.ts'
import type { Story } from '../../cluster/stories.ts'
import type { AppModel } from '../../graph/model.ts'
import { duration } from '../../../core/api/state/sentences.ts'
import { spoken } from '../../words/spoken.ts'
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
/** Repetitions fold within what a person would call the same trouble. */
const foldedWithin = 60

export function rowOf(story: Story, times = 1, app?: AppModel): FeedRow {
  const first = story.cause ?? story.steps[0]!
  const { who, say, why } = spoken(first)
  const { person } = actorOf(first.actor)
  const steps = story.told
  const took = (steps.at(-1)?.entry.atMs ?? story.lastMs) - story.atMs
  const trouble = app && (app.state.mark === 'failing' || app.state.mark === 'degraded') ? app.state : undefined
  const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`
  const summary = trouble ? [trouble.say, trouble.why].filter(Boolean).join(', ') : person && steps.length > 0 ? `${why === '' ? '' : `${why}; `}${count}, done in ${duration(took)}` : why
  return {
    key: story.root, story, times, subject: who, say, why: times > 1 ? `${summary}${summary === '' ? '' : '; '}${times} times` : summary, person,
    mark: trouble ? trouble.mark : person ? undefined : reach.test(say) ? 'unreachable' : bad.test(`${first.code} ${say}`) ? 'failing' : 'finished', ref: first.ref, atMs: story.atMs,
  }
}

/** Newest first; a row that repeats the one below it (same object, same words) is folded into it. */
export function feedOf(stories: readonly Story[], now: number, appOf: ReadonlyMap<string, AppModel>, limit: number): Feed {
  const active: Story[] = []
  const settled: FeedRow[] = []
  const newestOf = new Set<AppModel>()
  for (const story of stories) {
    const cause = story.cause
    if (!cause) continue
    const app = appOf.get(refKey(cause.ref))
    /** What an app does now belongs to the last thing that was asked of it. */
    const newest = story.byUser && app !== undefined && !newestOf.has(app)
    if (newest) newestOf.add(app)
    if (active.length < 3 && (story.byUser || story.told.length > 1) && isUnderWay(story, now, newest ? app : undefined)) {
      active.push(story)
      continue
    }
    const row = rowOf(story, 1, newest ? app : undefined)
    const same = settled.slice(-foldedWithin).find((one) => !one.person && one.say === row.say && refKey(one.ref) === refKey(row.ref) && one.subject === row.subject)
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
