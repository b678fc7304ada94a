/** Waiting that ends early when a signal aborts. Abort is not an error: callers look at `signal.aborted` afterwards. */
import type { Clock } from './clock.ts'

export function sleep(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const finish = () => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(delayMs, finish)
    signal.addEventListener('abort', finish)
  })
}
