/** Tells of containers that wait out a crash delay: once each time the delay is a new one. */
import type { Pod } from '../../api/types/core.ts'
import { recordEvent, type NodeContext, type Said } from '../node-context.ts'
import { latestByName, type PodPlan } from './plan.ts'
import type { RuntimeContainer } from '../runtime.ts'
import { crashWords } from './words.ts'

export function sayCrashes(context: NodeContext, pod: Pod, plan: PodPlan, known: Map<string, { reason: string; message?: string }>, containers: readonly RuntimeContainer[]): Said | undefined {
  let said: Said | undefined
  for (const waiting of plan.waiting) {
    const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === waiting.name)
    const fresh = known.get(waiting.name)?.message !== waiting.message
    known.set(waiting.name, { reason: waiting.reason, message: waiting.message })
    if (!fresh || !container) continue
    recordEvent(context, pod, 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`, container)
    said = crashWords(waiting, latestByName(containers).get(waiting.name), context.clock.now())
  }
  return said
}
