/** Scale: how many Pods a workload keeps. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import { count } from '../words/amounts.ts'
import { servicesFor, templateLabels, type World } from '../words/world.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'

export const replicasOf = (workload: KubeObject): number => (workload['spec'] as { replicas?: number } | undefined)?.replicas ?? 1
export const canScale = (object: KubeObject): boolean =>
  object.kind === 'Deployment' || (object.kind === 'ReplicaSet' && !object.metadata.ownerReferences?.some((o) => o.controller))

export function scalePlan(world: World, workload: KubeObject, to: number): ActionPlan {
  const ref = refOf(workload)
  const from = replicasOf(workload)
  const name = workload.metadata.name
  const services = servicesFor(world, workload.metadata.namespace, templateLabels(workload)).map((s) => s.metadata.name)
  return {
    calls: [{ call: 'patch', arg: { ref, subresource: 'scale', patch: { type: 'merge', body: { spec: { replicas: to } } }, say: `scaled ${name} from ${from} to ${to}` } }],
    done: `${name} scaled from ${from} to ${to}`,
    kubectl: `kubectl scale ${kubectlName(ref)} --replicas=${to}${nsFlag(ref)}`,
    ...(to > 0 || from === 0 ? {} : {
      confirm: {
        title: `Stop all Pods of ${name}?`,
        lines: [
          { mark: 'leaving', text: `${count(from, 'Pod')} ${from === 1 ? 'stops' : 'stop'}${services.length === 0 ? '' : `, ${services.join(' and ')} ${services.length === 1 ? 'stops' : 'stop'} answering`}.` },
          { mark: 'finished', text: `${name} and its settings stay.` },
          { mark: 'returns', text: `Undo, or scale to ${from} again.` },
        ],
        verb: 'Scale to 0', keep: `Keep ${count(from, 'Pod')}`, danger: true,
      },
    }),
  }
}

/** What the scale dialog says under the number. */
export function scaleWords(from: number, to: number): string {
  if (to === from) return `${count(from, 'Pod')} now.`
  if (to > from) return `${count(to - from, 'Pod')} more; the ${from === 1 ? 'one that runs stays' : 'others stay as they are'}.`
  return to === 0 ? 'All Pods stop.' : `${count(from - to, 'Pod')} ${from - to === 1 ? 'stops' : 'stop'}: those not ready first, then the youngest.`
}
