/** What of the journal the graph shows: a flag on each object that a person changed lately, and where its consequences got to. Pure. */
import type { Story } from '../../cluster/stories.ts'
import type { Flag } from '../../graph/pulses.ts'
import type { AppModel } from '../../graph/model.ts'
import { refKey } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { actorOf } from '../../cluster/actors.ts'

const settlesAfterMs = 12_000
const longestMs = 600_000
const unsettled = new Set<Mark>(['moving', 'waiting', 'failing', 'degraded'])

/** A story goes on while it was heard of lately, or while the app whose newest cause it is (`app`) has not come to rest. */
export function isUnderWay(story: Story, now: number, app: AppModel | undefined): boolean {
  if (now - story.lastMs >= longestMs) return false
  const last = story.told.at(-1)?.entry.atMs ?? story.atMs
  return now - last < settlesAfterMs || (story.byUser && app !== undefined && unsettled.has(app.state.mark) && now - last < longestMs)
}

export function causesOf(stories: readonly Story[], now: number, appOf: ReadonlyMap<string, AppModel>): { flags: Flag[]; trail: ReadonlySet<string> } {
  const flags: Flag[] = []
  const trail = new Set<string>()
  const flagged = new Set<string>()
  const apps = new Set<AppModel>()
  for (const story of stories.slice(0, 40)) {
    if (!story.byUser) continue
    const first = story.steps[0]!
    const app = appOf.get(refKey(first.ref))
    const newest = app !== undefined && !apps.has(app)
    if (newest) apps.add(app)
    if (!isUnderWay(story, now, newest ? app : undefined)) continue
    const id = first.ref.uid
    if (id !== undefined && !flagged.has(id) && first.verb !== 'delete') {
      flagged.add(id)
      flags.push({ id, who: actorOf(first.actor).name, what: whatChanged(first) })
    }
    /** The chain that this change still works on: what it made, not what it took away. */
    for (const step of story.steps.slice(1)) if (step.ref.uid !== undefined && step.verb !== 'delete') trail.add(step.ref.uid)
    for (const step of story.steps) if (step.verb === 'delete' && step.ref.uid !== undefined) trail.delete(step.ref.uid)
  }
  return { flags, trail }
}

function whatChanged(entry: Story['steps'][number]): string {
  if (entry.verb === 'create') return 'new'
  const image = entry.changes.find((change) => /\.image$/.test(change.path))
  const tag = (value: unknown) => String(value ?? '').split(':').at(-1) ?? ''
  if (image) return `${tag(image.before)} to ${tag(image.after)}`
  const replicas = entry.changes.find((change) => change.path === 'spec.replicas')
  if (replicas) return `${String(replicas.before ?? 1)} to ${String(replicas.after ?? 1)}`
  return ''
}
