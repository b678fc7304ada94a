/** Waits until a port accepts a connection, for a short time only. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'

const everyMs = 15
const atMostMs = 1_000

/** Returns the way to give up; `done` is called once, unless given up. */
export function waitForPort({ clock, dial }: { clock: Clock; dial(timeoutMs: number): Promise<Duplex> }, done: (open: boolean) => void): () => void {
  const deadline = clock.now() + atMostMs
  let over = false
  let cancel = () => {}
  const finish = (open: boolean) => {
    if (over) return
    over = true
    done(open)
  }
  const attempt = () => {
    dial(Math.max(1, deadline - clock.now())).then(
      (socket) => {
        socket.destroy()
        finish(true)
      },
      () => {
        if (over) return
        if (clock.now() >= deadline) finish(false)
        else cancel = clock.after(everyMs, attempt)
      },
    )
  }
  attempt()
  return () => {
    over = true
    cancel()
  }
}
