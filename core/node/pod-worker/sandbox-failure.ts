/** Says why a sandbox could not be made: the Event in upstream's words, and a sentence where a person can help. */
import type { Pod } from '../../api/types/core.ts'
import { recordEvent, type NodeContext, type Said } from '../node-context.ts'
import { shortName } from '../pod.ts'
import { RuntimeError } from '../runtime.ts'
import { VolumeError } from '../volumes/content.ts'

export function sandboxFailure(context: NodeContext, pod: Pod, error: unknown): Said | undefined {
  if (error instanceof VolumeError) {
    recordEvent(context, pod, 'Warning', 'FailedMount', error.message)
    return { code: 'FailedMount', say: `${shortName(pod)} waits for volume ${error.volume}`, why: plainly(error.message, context.node) }
  }
  // The engine's absence is told elsewhere.
  if (error instanceof RuntimeError && error.code === 'EngineUnreachable') return undefined
  recordEvent(context, pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`)
  return undefined
}

function plainly(message: string, node: string): string {
  const driver = /driver name (\S+) not found in the list of registered CSI drivers$/.exec(message)?.[1]
  return driver === undefined ? (message.split(' : ').at(-1) ?? message) : `its driver ${driver} does not run on ${node}`
}
