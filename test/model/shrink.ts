/** Leaves out steps of a failing history while it still fails: halves first, then ever smaller parts (delta debugging). */
import { play, type Failure, type Step } from './history.ts'
import type { Model } from './model.ts'

const attemptsAtMost = 300

export async function shrink(model: Model, seed: number, steps: readonly Step[], failure: Failure): Promise<{ steps: readonly Step[]; failure: Failure }> {
  let [best, last] = [steps.slice(0, failure.at + 1), failure]
  let attempts = 0
  for (let part = Math.ceil(best.length / 2); part >= 1; ) {
    let removed = false
    for (let from = 0; from < best.length && attempts < attemptsAtMost; ) {
      const shorter = [...best.slice(0, from), ...best.slice(from + part)]
      attempts++
      const again = await play(model, seed, shorter)
      // Another complaint is another fault: only the one that was found is followed.
      if (again && sameKind(again, failure)) {
        best = shorter.slice(0, again.at + 1)
        last = again
        removed = true
      } else from += part
    }
    if (attempts >= attemptsAtMost || (part === 1 && !removed)) break
    if (!removed) part = Math.ceil(part / 2)
  }
  return { steps: best, failure: last }
}

const sameKind = (a: Failure, b: Failure): boolean => a.during === b.during && withoutNumbers(a.error) === withoutNumbers(b.error)
const withoutNumbers = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!.replace(/[\d]+/g, '#').replace(/-[a-z0-9#]{5}\b/g, '')
