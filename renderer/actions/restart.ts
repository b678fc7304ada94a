/** Restart: a workload replaces its Pods by its own strategy, as `kubectl rollout restart` does; a Pod is deleted and replaced by its owner. Pure. */
import { controllerOf, refOf, timestamp, type KubeObject } from '../../core/api/meta.ts'
import type { DaemonSet, StatefulSet } from '../../core/api/types/apps.ts'
import { count } from '../words/amounts.ts'
import { shortName } from '../words/world.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'
import { replicasOf } from './scale.ts'

export const canRestart = (object: KubeObject): boolean =>
  (object.kind === 'Deployment' && (object['spec'] as { paused?: boolean } | undefined)?.paused !== true) || object.kind === 'StatefulSet' || object.kind === 'DaemonSet' || (object.kind === 'Pod' && controllerOf(object.metadata) !== undefined)

/** How a workload replaces its Pods when its template changes, with its own numbers. */
export function replacementWords(workload: KubeObject): string {
  if (workload.kind === 'StatefulSet') return statefulWords(workload as StatefulSet)
  if (workload.kind === 'DaemonSet') return daemonWords(workload as DaemonSet)
  return deploymentWords(workload)
}

const onDelete = 'Nothing is replaced by itself (OnDelete): a Pod that somebody deletes comes back new.'

function statefulWords({ spec }: StatefulSet): string {
  const wanted = spec.replicas ?? 1
  if (spec.updateStrategy?.type === 'OnDelete') return onDelete
  const partition = Math.min(wanted, spec.updateStrategy?.rollingUpdate?.partition ?? 0)
  const replaced = wanted - partition
  if (replaced === 0) return wanted === 0 ? 'It has no Pods now; the next ones are new.' : `Its partition (${partition}) keeps all ${count(wanted, 'Pod')} as they are.`
  return `${count(replaced, 'Pod')} ${replaced === 1 ? 'is' : 'are'} replaced, one after the other from the last; each must be ready before the next.${partition > 0 ? ` The partition keeps the first ${partition}.` : ''}`
}

function daemonWords({ spec, status }: DaemonSet): string {
  const wanted = status?.desiredNumberScheduled ?? 0
  if (spec.updateStrategy?.type === 'OnDelete') return onDelete
  const { maxUnavailable = 1, maxSurge = 0 } = spec.updateStrategy?.rollingUpdate ?? {}
  const part = (value: number | string) => (typeof value === 'number' ? value : Math.ceil((wanted * Number.parseFloat(value)) / 100))
  const surge = part(maxSurge)
  return `${count(wanted, 'Pod')} ${wanted === 1 ? 'is' : 'are'} replaced, ${surge > 0 ? `${surge} at a time, each beside the old one first` : `${Math.max(1, part(maxUnavailable))} at a time; that machine is without meanwhile`}.`
}

function deploymentWords(deployment: KubeObject): string {
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
