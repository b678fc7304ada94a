/** activeDeadlineSeconds of one Pod (upstream: pkg/kubelet/active_deadline.go). */
import type { Pod } from '../../api/types/core.ts'
import type { Clock } from '../../base/clock.ts'

export const deadlineFailure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }

export class Deadline {
  readonly #clock: Clock
  readonly #passed: () => void
  #cancel = () => {}

  constructor(clock: Clock, passed: () => void) {
    this.#clock = clock
    this.#passed = passed
  }

  /** The deadline may have been set or moved. */
  watch(pod: Pod, startTime: string | undefined): void {
    this.stop()
    const seconds = pod.spec.activeDeadlineSeconds
    if (seconds === undefined) return
    const nowMs = this.#clock.now()
    const startMs = startTime === undefined ? nowMs : Date.parse(startTime)
    this.#cancel = this.#clock.after(Math.max(0, startMs + seconds * 1000 - nowMs), this.#passed)
  }

  stop(): void {
    this.#cancel()
  }
}
