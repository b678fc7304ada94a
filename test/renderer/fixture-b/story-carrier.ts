/** The fake carrier with logs and a terminal that echoes. */
import type { LogBatch, LogLine, StreamName, Streams } from '../../../electron/contract.ts'
import type { Ref } from '../../../core/api/meta.ts'
import type { OpenStream, StreamHandlers } from '../../../renderer/cluster/carrier.ts'
import { FakeCarrier } from '../fixture/fake-carrier.ts'
import { answers } from './answers.ts'
import type { StoryScene } from './typo.ts'

const requests = ['GET /user/events', 'GET /docs/handbook', 'GET /api/healthz', 'GET /api/v1/repos/search?limit=10', 'POST /docs/handbook.git/git-upload-pack', 'GET /docs/handbook/issues/31']

export function logLines(pods: readonly string[], now: number, count: number): LogLine[] {
  const lines: LogLine[] = []
  for (let i = 0; i < count; i++) {
    const at = now - 600_000 + (i * 600_000) / count + ((i * 7919) % 1000) / 1000
    const near = i > count * 0.94 && i < count * 0.965
    const text = near
      ? (i % 3 === 0 ? '2026/11/22 [E] db: ping failed: dial tcp 10.96.14.7:5432: connect: connection refused' : i % 3 === 1 ? '2026/11/22 [E] router: failed GET /docs/handbook for 10.244.0.1:0, 500 Internal Server Error in 31.0ms @ context/repo.go:401: GetUserByName: dial tcp 10.96.14.7:5432: connect: connection refused' : '2026/11/22 [W] queue: worker "notification" paused: storage not reachable')
      : `2026/11/22 [I] router: completed ${requests[i % requests.length]} for 10.244.0.1:0, 200 OK in ${(1 + ((i * 37) % 400) / 10).toFixed(1)}ms @ repo/view.go:${300 + (i % 90)}`
    lines.push({ pod: pods[i % pods.length]!, container: 'main', at, stream: near ? 'stderr' : 'stdout', text, attempt: 0 })
  }
  return lines
}

export class StoryCarrier extends FakeCarrier {
  readonly #scene: StoryScene
  readonly #lines: number

  constructor(scene: StoryScene, lines: number) {
    super(scene, answers(scene) as never)
    this.#scene = scene
    this.#lines = lines
  }

  override open<K extends StreamName>(name: K, arg: Streams[K]['open'], on: StreamHandlers<K>): OpenStream<K> {
    if (name === 'logs') {
      const { ref } = arg as { ref: Ref }
      const pods = this.#scene.objects.filter((o) => o.kind === 'Pod' && o.metadata.name.startsWith(ref.name.slice(0, 12))).map((o) => o.metadata.name)
      const chosen = pods.length > 0 ? pods : [ref.name]
      const message = on.message as unknown as (batch: LogBatch) => void
      queueMicrotask(() => {
        message({ lines: [], joined: chosen.map((pod) => ({ pod, container: 'main', attempt: 0 })) })
        const all = logLines(chosen, this.#scene.nowMs, this.#lines)
        for (let i = 0; i < all.length; i += 2_000) message({ lines: all.slice(i, i + 2_000) })
      })
      return { send: () => {}, close: () => {} }
    }
    if (name === 'terminal') {
      const message = on.message as unknown as (m: { output: string }) => void
      queueMicrotask(() => message({ output: '\u001b[1;32mroot@web\u001b[0m:/# ' }))
      return { send: (m) => { if ('input' in (m as object)) message({ output: (m as unknown as { input: string }).input.replace('\r', '\r\n\u001b[1;32mroot@web\u001b[0m:/# ') }) }, close: () => {} }
    }
    return super.open(name, arg, on)
  }
}
