/** What of the journal the graph shows: a flag on each object that a person changed lately, and where its consequences got to. Pure. */
import type { Story } from '../../cluster/stories.ts'
import type { Flag } from '../../graph/pulses.ts'
import type { AppModel } from '../../graph/model.ts'
import { refKey } from '../../../core/api/meta.ts'
import { actorOf } from '../../cluster/actors.ts'

const settlesAfterMs = 12_000

/** A story goes on while it was heard of lately, or while the app it changed still moves. */
export function isUnderWay(story: Story, now: number, appOf: ReadonlyMap<string, AppModel>): boolean {
  if (now - story.lastMs < settlesAfterMs) return true
  const app = appOf.get(refKey(story.steps[0]!.ref))
  return story.byUser && app !== undefined && app.state.mark === 'moving' && now - story.lastMs < 600_000
}

export function causesOf(stories: readonly Story[], now: number, appOf: ReadonlyMap<string, AppModel>): { flags: Flag[]; trail: ReadonlySet<string> } {
  const flags: Flag[] = []
  const trail = new Set<string>()
  const flagged = new Set<string>()
  for (const story of stories.slice(0, 40)) {
    if (!story.byUser || !isUnderWay(story, now, appOf)) continue
    const first = story.steps[0]!
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
