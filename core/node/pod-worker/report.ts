/**
 * What the agent tells of one Pod: its status as it stands now, with the best words for what changed. Keeps what the
 * containers there are don't show: why others wait, that the Pod failed, that it ended.
 */
import type { Pod } from '../../api/types/core.ts'
import { becauseOf, type NodeContext, type Said } from '../node-context.ts'
import type { ContainerProbes } from '../probes/container-probes.ts'
import { podStatus, type StatusFacts } from '../status/status.ts'
import { StatusWriter } from '../status/status-writer.ts'
import type { PodView } from './pod-view.ts'
import { changeWords } from './words.ts'

/** `led`: the revision of the Pod that its agent acts on. */
export interface Subject extends Pick<StatusFacts, 'pod' | 'resize'> {
  led: number
}

const isReady = (status: Pod['status']): boolean => status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

export class PodReport {
  readonly waiting = new Map<string, { reason: string; message?: string }>()
  readonly writer: StatusWriter
  failed: { reason: string; message: string } | undefined
  finished = false
  readonly #context: NodeContext
  readonly #view: PodView
  readonly #probes: ContainerProbes
  readonly #subject: () => Subject
  #said: Said | undefined

  constructor(context: NodeContext, pod: Pod, view: PodView, probes: ContainerProbes, subject: () => Subject) {
    this.#context = context
    this.#view = view
    this.#probes = probes
    this.#subject = subject
    this.writer = new StatusWriter(context, pod)
  }

  /** The words for the next change, until newer ones come. */
  note(said: Said | undefined): void {
    this.#said = said ?? this.#said
  }

  /** Nothing of this Pod waits or is to be told any more but its end. */
  end(said: Said): void {
    this.finished = true
    this.waiting.clear()
    this.#said = undefined
    this.tell(said)
  }

  /** Writes the status where it differs from what was written. */
  tell(said?: Said): void {
    const { pod, resize, led } = this.#subject()
    const { clock, hostIP, runtime } = this.#context
    const status = podStatus({
      pod,
      before: this.writer.latest,
      containers: this.#view.containers,
      nowMs: clock.now(),
      hostIP,
      scheme: runtime.scheme,
      waiting: this.waiting,
      ready: (_, id) => this.#probes.verdict(id, 'readiness') === 'success',
      started: (_, id) => this.#probes.verdict(id, 'startup') === 'success',
      terminationMessage: (id) => this.#view.terminationMessage(id),
      finished: this.finished,
      ...(resize ? { resize } : {}),
      ...(this.failed ? { failed: this.failed } : {}),
    })
    this.writer.write(status, said ?? this.#said ?? this.#seen(pod, isReady(status)), led)
    if (!said) this.#said = undefined
  }

  /** Why something is done that follows from what was told last. */
  because(said: Said): ReturnType<typeof becauseOf> {
    return becauseOf(said, [Math.max(this.#subject().led, this.writer.lastRevision)])
  }

  /** No deed explains the change: a probe may. */
  #seen(pod: Pod, ready: boolean): Said {
    return changeWords(pod, isReady(this.writer.latest), ready, this.#probes.words('readiness') ?? this.#probes.words('startup'))
  }
}
