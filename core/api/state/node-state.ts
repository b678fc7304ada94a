/** State of a machine in words. */
import type { Node } from '../types/core.ts'
import { duration } from './sentences.ts'
import type { StateWords } from './words.ts'

const pressures: Readonly<Record<string, string>> = { MemoryPressure: 'memory', DiskPressure: 'disk space', PIDPressure: 'process numbers' }

export function nodeState(node: Node, now: number): StateWords {
  const conditions = node.status?.conditions ?? []
  const ready = conditions.find((condition) => condition.type === 'Ready')
  const since = ready?.lastTransitionTime === undefined ? undefined : duration(now - Date.parse(ready.lastTransitionTime))
  if (!ready) return { mark: 'moving', say: 'joining' }
  if (ready.status === 'Unknown') return { mark: 'unreachable', say: 'out of reach', ...(since === undefined ? {} : { why: `since ${since}` }) }
  if (ready.status === 'False') return { mark: 'failing', say: 'not ready', ...(ready.message ? { why: ready.message } : {}) }
  const pressed = conditions.filter((condition) => condition.status === 'True' && pressures[condition.type] !== undefined)
  if (pressed.length > 0) return { mark: 'degraded', say: `short of ${pressed.map((condition) => pressures[condition.type]).join(' and ')}` }
  if (node.spec?.unschedulable) return { mark: 'waiting', say: 'takes no new Pods', why: 'someone cordoned it' }
  return { mark: 'ready', say: 'ready' }
}
