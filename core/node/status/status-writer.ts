/**
 * Writes one Pod's status: in order, one request at a time, the newest state wins, only what changed. Conditions of
 * other actors are never touched, because conditions are merged by their type.
 */
import { isNotFound, isTerminal } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Pod, PodStatus } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { becauseOf, type NodeContext, type Said } from '../node-context.ts'

const retryMs = 1_000

export class StatusWriter {
  readonly #context: NodeContext
  readonly #pod: Pod
  /** What the API holds, as far as this agent wrote or saw it. */
  #held: PodStatus
  #wanted: { status: PodStatus; said: Said; led: number } | undefined
  #writing: Promise<void> | undefined
  #lastRevision = 0
  #closed = false

  constructor(context: NodeContext, pod: Pod) {
    this.#context = context
    this.#pod = pod
    this.#held = pod.status ?? {}
  }

  /** The newest state: wanted, or held. */
  get latest(): PodStatus {
    return this.#wanted?.status ?? this.#held
  }

  /** The revision of the last write, which what follows was led by. */
  get lastRevision(): number {
    return this.#lastRevision
  }

  /** The number the container's next run must have at least, by what the API has seen. */
  restarts(container: string): number {
    const { containerStatuses = [], initContainerStatuses = [] } = this.latest
    const old = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container)
    return old?.containerID ? old.restartCount + 1 : 0
  }

  write(status: PodStatus, said: Said, led: number): void {
    if (this.#closed || difference(this.latest, status) === undefined) return
    this.#wanted = { status, said, led }
    this.#writing ??= this.#drain()
  }

  /** Someone else wrote the status: what they changed is what the API holds. */
  seen(status: PodStatus | undefined, revision: number): void {
    // An echo of an own earlier write is older than what is held.
    if (!this.#writing && status && revision >= this.#lastRevision) this.#held = status
  }

  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  close(): void {
    this.#closed = true
    this.#wanted = undefined
  }

  async #drain(): Promise<void> {
    // Leaves the caller's turn first: changes of one turn go out together.
    await Promise.resolve()
    while (this.#wanted && !this.#closed) {
      const { status, said, led } = this.#wanted
      const body = difference(this.#held, status)
      this.#wanted = undefined
      const before = this.#held
      this.#held = status
      if (!body) continue
      try {
        const ref = { kind: 'Pod', namespace: this.#pod.metadata.namespace ?? '', name: this.#pod.metadata.name, uid: this.#pod.metadata.uid }
        const because = becauseOf(said, [Math.max(led, this.#lastRevision)])
        const written = await this.#context.client.patch<KubeObject>(ref, { type: 'strategic', body: { metadata: { uid: this.#pod.metadata.uid }, status: body } }, { subresource: 'status', because })
        this.#lastRevision = Number(written.metadata.resourceVersion)
      } catch (error) {
        if (isNotFound(error)) break
        this.#held = before
        this.#context.log.warn('status not written', { pod: this.#pod.metadata.name, error: error instanceof Error ? error.message : String(error) })
        if (isTerminal(error)) break
        this.#wanted ??= { status, said, led }
        await new Promise<void>((resolve) => void this.#context.clock.after(retryMs, resolve))
      }
    }
    this.#writing = undefined
  }
}

/** A strategic merge patch of the status, or undefined where nothing changed. */
export function difference(before: PodStatus, after: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PodStatus>
  for (const key of keys) {
    if (!own.has(key) || equal(before[key], after[key])) continue
    if (key === 'conditions') {
      const changed = (after.conditions ?? []).filter((condition) => !equal(condition, before.conditions?.find(({ type }) => type === condition.type)))
      const over = (before.conditions ?? []).filter(({ type }) => passing.has(type) && !after.conditions?.some((condition) => condition.type === type))
      if (changed.length + over.length > 0) patch['conditions'] = [...changed, ...over.map(({ type }) => ({ type, $patch: 'delete' }))]
    } else if (after[key] === undefined) {
      patch[key] = null
    } else {
      // Lists of addresses are merged by address; the directive makes it a replacement.
      patch[key] = key === 'podIPs' || key === 'hostIPs' ? [...after[key]!, { $patch: 'replace' }] : after[key]
    }
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

/** Conditions that go when what they tell is over. */
const passing = new Set(['PodResizePending', 'PodResizeInProgress'])

const own = new Set<keyof PodStatus>([
  'observedGeneration', 'phase', 'conditions', 'reason', 'message', 'hostIP', 'hostIPs', 'podIP', 'podIPs', 'startTime', 'qosClass',
  'initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses',
])
