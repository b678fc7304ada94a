/**
 * How a Pod comes to its end on this node, each way in its order: deleted, gone from the API, or ended for good. Upstream:
 * pkg/kubelet/kubelet.go, SyncTerminatingPod and SyncTerminatedPod.
 */
import { isNotFound } from '../../api/status.ts'
import type { Pod } from '../../api/types/core.ts'
import type { NodeContext, Said } from '../node-context.ts'
import type { ContainerProbes } from '../probes/container-probes.ts'
import { atMost } from './at-most.ts'
import type { PodView } from './pod-view.ts'
import type { PodReport } from './report.ts'
import type { Stopper } from './stopper.ts'
import { stoppedWords } from './words.ts'

const beforeStopMs = 1_000

export interface EndingParts {
  view: PodView
  stopper: Stopper
  probes: ContainerProbes
  report: PodReport
  /** Looks at the engine again, and takes note of what is new. */
  look(): Promise<void>
}

export class Ending {
  readonly #context: NodeContext
  readonly #parts: EndingParts

  constructor(context: NodeContext, parts: EndingParts) {
    this.#context = context
    this.#parts = parts
  }

  /** Deleted: stop, tell, take away, let the object go. Finalizers may keep it; the agent is done with it all the same. */
  async terminate(pod: Pod): Promise<void> {
    const { client, clock, beforeStop } = this.#context
    const { view, stopper, probes, report, look } = this.#parts
    const startedMs = clock.now()
    const grace = graceSeconds(pod)
    probes.endingAll()
    if (view.alive.length > 0) {
      // What left the Service may still be on its way: the signal comes after the last rule.
      if (beforeStop) await atMost(beforeStopMs, beforeStop(pod), clock)
      await stopper.stopAll(pod, view.containers, grace)
      await look()
    }
    const said = stoppedWords(pod, clock.now() - startedMs, grace)
    report.end(said)
    probes.stopAll()
    const removed = view.removeAll(pod)
    await report.writer.flush()
    await removed
    try {
      const { namespace = '', name, uid } = pod.metadata
      await client.delete({ kind: 'Pod', namespace, name, uid }, { uid, gracePeriodSeconds: 0, because: report.because(said) })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** The API has it no more: nobody waits for its containers, and nobody is told. */
  async takeAway(pod: Pod): Promise<void> {
    const { view, probes } = this.#parts
    probes.stopAll()
    await Promise.all(view.alive.map((run) => this.#context.runtime.stop(run.id, 1)))
    await view.removeAll(pod)
  }

  /** Ended for good: what is left is stopped, the sandbox goes, logs stay until the object does. */
  async finish(pod: Pod, said: Said): Promise<void> {
    const { view, stopper, probes, report, look } = this.#parts
    probes.endingAll()
    await stopper.stopAll(pod, view.containers, graceSeconds(pod))
    await look()
    report.end(said)
    await this.settle()
  }

  /** What an ended Pod needs no more goes. */
  async settle(): Promise<void> {
    const { view, probes } = this.#parts
    probes.stopAll()
    await Promise.all(view.containers.filter((run) => run.kind === 'sandbox').map((run) => this.#context.runtime.remove(run.id)))
  }
}

export const graceSeconds = ({ metadata, spec }: Pod): number => metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30
