/** The API server refused to make or to delete a Pod: what is said of it. Upstream: pkg/controller/controller_utils.go, RealPodControl. */
import { plainRefusal } from '../../api/state/quota-words.ts'
import type { Reason, Step } from '../../loop/plan.ts'

export interface RefusedPod extends Reason {
  readonly code: 'FailedCreate' | 'FailedDelete'
}

/** Undefined where the step was neither. */
export function refusedPod(step: Step, message: string): RefusedPod | undefined {
  const refused = (code: RefusedPod['code'], say: string, doing: string): RefusedPod => ({ code, say, why: plainRefusal(message), event: { type: 'Warning', message: `Error ${doing}: ${message}` } })
  if (step.do === 'create' && step.object.kind === 'Pod') return refused('FailedCreate', 'could not make a Pod', 'creating')
  if (step.do === 'delete' && step.ref.kind === 'Pod') return refused('FailedDelete', `could not stop ${step.ref.name}`, 'deleting')
  return undefined
}
