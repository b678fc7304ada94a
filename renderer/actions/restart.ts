/** Restart: a workload replaces its Pods by its own strategy, as `kubectl rollout restart` does; a Pod is deleted and replaced by its owner. Pure. */
import { controllerOf, refOf, timestamp, type KubeObject } from '../../core/api/meta.ts'
import { count } from '../words/amounts.ts'
import { shortName } from '../words/world.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'
import { replicasOf } from './scale.ts'

export const canRestart = (object: KubeObject): boolean =>
  (object.kind === 'Deployment' && (object['spec'] as { paused?: boolean } | undefined)?.paused !== true) || (object.kind === 'Pod' && controllerOf(object.metadata) !== undefined)

/** How a Deployment replaces its Pods, with its own numbers. */
export function replacementWords(deployment: KubeObject): string {
  const spec = (deployment['spec'] ?? {}) as { strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } } }
  const wanted = replicasOf(deployment)
  if (wanted === 0) return 'It has no Pods now; the next ones are new.'
  if (spec.strategy?.type === 'Recreate') return `${count(wanted, 'Pod')} stop first, then the new ones start: a gap.`
  const rolling = spec.strategy?.rollingUpdate
  const part = (value: number | string | undefined, up: boolean): number => {
    if (typeof value === 'number') return value
    const percent = Number.parseFloat(value ?? '25%') / 100
    return up ? Math.ceil(wanted * percent) : Math.floor(wanted * percent)
  }
  const surge = part(rolling?.maxSurge, true)
  let missing = part(rolling?.maxUnavailable, false)
  if (surge === 0 && missing === 0) missing = 1
  return `${count(wanted, 'Pod')} ${wanted === 1 ? 'is' : 'are'} replaced, ${Math.max(1, surge + missing)} at a time, never fewer than ${Math.max(0, wanted - missing)} ready.`
}

export function restartPlan(object: KubeObject, nowMs: number): ActionPlan {
  const ref = refOf(object)
  const name = object.metadata.name
  if (object.kind === 'Pod') {
    const owner = controllerOf(object.metadata)
    return {
      calls: [{ call: 'delete', arg: { ref, say: `restarted Pod ${shortName(object)}` } }],
      done: `${shortName(object)} stops; ${owner?.name ?? 'its owner'} starts another`,
      kubectl: `kubectl delete ${kubectlName(ref)}${nsFlag(ref)}`,
      confirm: {
        title: `Replace ${shortName(object)}?`,
        lines: [
          { mark: 'leaving', text: `${name} stops; its files that are not on a volume go with it.` },
          { mark: 'planned', text: `${owner?.kind ?? 'Its owner'} ${owner?.name ?? ''} starts a new Pod in its place at once.` },
        ],
        verb: 'Replace it', keep: 'Keep it', danger: false,
      },
    }
  }
  return {
    calls: [{
      call: 'patch',
      arg: { ref, patch: { type: 'strategic', body: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': timestamp(nowMs) } } } } } }, say: `restarted ${name}` },
    }],
    done: `${name} restarts`,
    kubectl: `kubectl rollout restart ${kubectlName(ref)}${nsFlag(ref)}`,
    confirm: {
      title: `Restart ${name}?`,
      lines: [{ mark: 'moving', text: replacementWords(object) }, { mark: 'finished', text: 'Settings and image stay as they are.' }],
      verb: 'Restart', keep: 'Leave it running', danger: false,
    },
  }
}
