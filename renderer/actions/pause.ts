/** Pause and resume: a paused Deployment keeps what runs and starts nothing of a new template. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'

export const isPaused = (object: KubeObject): boolean => (object['spec'] as { paused?: boolean } | undefined)?.paused === true

export function pausePlan(deployment: KubeObject, paused: boolean): ActionPlan {
  const ref = refOf(deployment)
  const name = deployment.metadata.name
  return {
    calls: [{ call: 'patch', arg: { ref, patch: { type: 'merge', body: { spec: { paused: paused ? true : null } } }, say: paused ? `paused the rollout of ${name}` : `resumed the rollout of ${name}` } }],
    done: paused ? `Rollout of ${name} paused; what runs stays` : `Rollout of ${name} goes on`,
    kubectl: `kubectl rollout ${paused ? 'pause' : 'resume'} ${kubectlName(ref)}${nsFlag(ref)}`,
  }
}
