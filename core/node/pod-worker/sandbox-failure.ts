/** Says in an Event, in upstream's words, why the engine made no sandbox. */
import type { Pod } from '../../api/types/core.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import { RuntimeError } from '../runtime.ts'

export function tellSandboxFailure(context: NodeContext, pod: Pod, error: unknown): void {
  // The engine's absence is told elsewhere.
  if (error instanceof RuntimeError && error.code === 'EngineUnreachable') return
  recordEvent(context, pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`)
}
