/** One desktop notification for each new failure, in the words of the graph; a click selects what failed. */
import { Notification } from 'electron'
import { refKey } from '../core/api/meta.ts'
import type { Cluster } from '../core/cluster.ts'
import type { ShellEvents } from './shell-events.ts'

/** A failure must stand this long: a Pod that fails once while it starts is not worth a person's attention. */
const standsMs = 5_000

export function watchFailures(options: { cluster: Cluster; show(): void; shell: ShellEvents; enabled(): boolean }): { close(): void } {
  const { cluster, show, shell, enabled } = options
  const since = new Map<string, { atMs: number; told: boolean }>()

  const look = () => {
    const { failing } = cluster.health()
    const now = Date.now()
    const present = new Set(failing.map(({ ref }) => refKey(ref)))
    for (const key of since.keys()) if (!present.has(key)) since.delete(key)
    for (const { ref, say, why } of failing) {
      const key = refKey(ref)
      const entry = since.get(key) ?? { atMs: now, told: false }
      since.set(key, entry)
      if (entry.told || now - entry.atMs < standsMs) continue
      entry.told = true
      if (!enabled() || !Notification.isSupported()) continue
      const notification = new Notification({ title: `${ref.name} ${say}`, body: why ?? '' })
      notification.on('click', () => {
        show()
        shell.send({ select: ref })
      })
      notification.show()
    }
    clearTimeout(timer)
    if ([...since.values()].some((entry) => !entry.told)) timer = setTimeout(look, standsMs)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = cluster.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      look()
    }, 500)
  })
  return {
    close: () => {
      stop()
      clearTimeout(timer)
    },
  }
}
