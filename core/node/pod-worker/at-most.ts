import type { Clock } from '../../base/clock.ts'

/** Waits for something that may fail or never come, but not longer than this. */
export function atMost(ms: number, wait: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve)
    const over = () => {
      cancel()
      resolve()
    }
    wait.then(over, over)
  })
}
