/**
 * Loads a part of the window, more than once if need be: a browser drops what it is fetching whenever the machine's networks
 * change (ERR_NETWORK_CHANGED), and a cluster changes them with every Pod. Answers with the last error.
 */
import type { Clock } from '../../core/base/clock.ts'

const tries = 6
const pauseMs = 150

export async function persistently<T>(clock: Clock, load: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load()
    } catch (error) {
      if (attempt === tries) throw error
      await new Promise<void>((resolve) => clock.after(pauseMs * attempt, resolve))
    }
  }
}
