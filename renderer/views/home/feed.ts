/** Stories as rows of the feed: repeated ones folded, steps that a person needs, what goes on right now. Pure. */
import { refKey, type Ref } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { actorOf } from '../../cluster/actors.ts'
import type { Story } from '../../cluster/stories.ts'
import type { AppModel } from '../../graph/model.ts'
import { duration } from '../../../core/api/state/sentences.ts'
import { asVerb, spoken, type Spoken } from '../../words/spoken.ts'
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

/** The story in one sentence: its cause, or what its causes come to. */
export function titleOf(story: Story): Spoken {
  const cause = spoken(story.cause ?? story.steps[0]!)
  return story.beginning ? { who: cause.who, say: 'started the cluster', why: 'Namespaces, accounts and certificates that every cluster has' } : cause
}

export function rowOf(story: Story, times = 1, app?: AppModel): FeedRow {
  const first = story.cause ?? story.steps[0]!
  const { who, say, why } = titleOf(story)
  const { person } = actorOf(first.actor)
  const took = (story.told.at(-1)?.entry.atMs ?? story.lastMs) - story.atMs
  const trouble = app && (app.state.mark === 'failing' || app.state.mark === 'degraded') ? app.state : undefined
  const steps = `${story.told.length} ${story.told.length === 1 ? 'step' : 'steps'}${took < 1_000 ? '' : ` in ${duration(took)}`}`
  const summary = trouble ? [trouble.say, trouble.why].filter(Boolean).join(', ') : person && story.told.length > 0 ? `${why === '' ? '' : `${why}; `}${steps}` : why
  return {
    key: story.root, story, times, subject: who, say, why: times > 1 ? `${summary}${summary === '' ? '' : '; '}${times} times` : summary, person,
    mark: trouble ? trouble.mark : person ? undefined : reach.test(say) ? 'unreachable' : bad.test(`${first.code} ${say}`) ? 'failing' : 'finished', ref: first.ref, atMs: story.atMs,
  }
}

/** What repeats: the same said of the same object, and each run that a CronJob started by its clock. */
function seriesOf({ say, ref }: FeedRow): string {
  const runs = say.replace(runOfCronJob, '')
  return runs === say ? `${say} ${refKey(ref)}` : `${runs} ${ref.kind} ${ref.namespace ?? ''}`
}
/** Its Jobs are named after the minute they were due. */
const runOfCronJob = /-\d{8,}\b/g

/** Newest first; a row that repeats the one below it (same object, same words) is folded into it. */
export function feedOf(stories: readonly Story[], now: number, appOf: ReadonlyMap<string, AppModel>, limit: number): Feed {
  const active: Story[] = []
  const settled: FeedRow[] = []
  const newestOf = new Set<AppModel>()
  for (const story of stories) {
    const cause = story.cause
    if (!cause) continue
    const app = appOf.get(refKey(cause.ref))
    /** What an app does now belongs to the last thing that was asked of it and had consequences. */
    const newest = story.byUser && app !== undefined && story.told.length > 0 && !newestOf.has(app)
    if (newest) newestOf.add(app)
    const shown = story.byUser ? newest || (app === undefined && story.told.length > 0) : !story.beginning && story.told.length > 1
    if (shown && active.length < 3 && isUnderWay(story, now, newest ? app : undefined)) {
      active.push(story)
      continue
    }
    const row = rowOf(story, 1, newest ? app : undefined)
    const same = settled.slice(-foldedWithin).find((one) => !one.person && one.subject === row.subject && seriesOf(one) === seriesOf(row))
    // Machines that joined together came together.
    const before = settled.at(-1)
    if (cause.code === 'Registered' && before?.story.cause?.code === 'Registered') {
      before.subject = `${++before.times} machines`
      continue
    }
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
        const turned = mark === 'moving' && why !== undefined && /^must /.test(why)
        rows.push({ id: pod.id, name: pod.name, mark, say: turned ? why : asVerb(say), why: turned ? say : (why ?? pod.machine ?? ''), ref: pod.ref })
      }
    }
  }
  const worst = rows.filter((row) => row.mark === 'failing' || row.mark === 'degraded')
  return [...worst, ...rows.filter((row) => !worst.includes(row))].slice(0, 3)
}
