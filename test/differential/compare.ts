/** Two outcomes as lines, one per field, and what only one of them has. */
import { createHash } from 'node:crypto'
import type { Outcome } from './outcome.ts'
import type { Allowed } from './scenario.ts'

export interface Difference {
  line: string
  /** Why it may differ. */
  why: string | undefined
}

/** Of the objects, but for what may differ. */
export function digestOf(outcome: Outcome, allowed: readonly Allowed[]): string {
  const patterns = allowed.map(({ lines }) => new RegExp(lines))
  const lines = linesOf({ ...outcome, events: [], pods: [], answers: [] }, outcome).filter((line) => !patterns.some((pattern) => pattern.test(line)))
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 12)
}

export function differences(real: Outcome, ours: Outcome, allowed: readonly Allowed[]): Difference[] {
  const patterns = allowed.map(({ lines, why }) => ({ pattern: new RegExp(lines), why }))
  const [left, right] = [linesOf(real, ours), linesOf(ours, real)]
  const only = (these: readonly string[], others: readonly string[], sign: string) => {
    const rest = [...others]
    return these.filter((line) => {
      const index = rest.indexOf(line)
      if (index >= 0) rest.splice(index, 1)
      return index < 0
    }).map((line) => `${sign} ${line}`)
  }
  const found = [...only(left, right, 'real:'), ...only(right, left, 'ours:')]
  // Lists of lines are compared in their order once their lines are the same.
  if (found.length === 0 && JSON.stringify(real.pods) !== JSON.stringify(ours.pods)) found.push(`order of Pods: real ${real.pods.join(', ')}; ours ${ours.pods.join(', ')}`)
  return found.map((line) => ({ line, why: patterns.find(({ pattern }) => pattern.test(line))?.why }))
}

/** An object that only one of them has is one line. */
function linesOf({ objects, events, pods, answers }: Outcome, other: Outcome): string[] {
  const lines: string[] = []
  const walk = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) for (const [key, field] of Object.entries(value)) walk(`${path}.${key}`, field)
    else lines.push(`${path} = ${JSON.stringify(value)}`)
  }
  for (const [name, list] of Object.entries(objects)) {
    if (!(name in other.objects)) lines.push(`${name} is there`)
    else for (const [index, object] of list.entries()) walk(list.length === 1 && object.times === 1 ? name : `${name}[${index}]`, object.times === 1 ? object.object : object)
  }
  return [...lines, ...events.map((line) => `event ${line}`), ...pods.map((line) => `Pod ${line}`), ...answers.map((line) => `answer ${line}`)]
}
