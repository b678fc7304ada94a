/** Scale: how many Pods a workload keeps. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import { count } from '../words/amounts.ts'
import { servicesFor, templateLabels, type World } from '../words/world.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'

export const replicasOf = (workload: KubeObject): number => (workload['spec'] as { replicas?: number } | undefined)?.replicas ?? 1
const scaled: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicationController', 'ReplicaSet'])
export const canScale = (object: KubeObject): boolean => scaled.has(object.kind) && !object.metadata.ownerReferences?.some((o) => o.controller)

/** The autoscaler that will set the number again, if there is one. */
export const autoscalerOf = (world: World, workload: KubeObject): KubeObject | undefined =>
  world.list('HorizontalPodAutoscaler', workload.metadata.namespace).find((one) => {
    const target = (one['spec'] as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef
    return target?.kind === workload.kind && target.name === workload.metadata.name
  })

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
export function scaleWords(from: number, to: number, kind = 'Deployment'): string {
  if (kind === 'StatefulSet' && to !== from) {
    const n = Math.abs(to - from)
    return to > from ? `${count(n, 'Pod')} more, one after the other, each with volumes of its own.` : to === 0 ? 'All Pods stop, the last first; their volume claims stay.' : `${count(n, 'Pod')} ${n === 1 ? 'stops' : 'stop'}, the last first; ${n === 1 ? 'its' : 'their'} volume claims stay.`
  }
  if (to === from) return `${count(from, 'Pod')} now.`
  if (to > from) return `${count(to - from, 'Pod')} more; the ${from === 1 ? 'one that runs stays' : 'others stay as they are'}.`
  return to === 0 ? 'All Pods stop.' : `${count(from - to, 'Pod')} ${from - to === 1 ? 'stops' : 'stop'}: those not ready first, then the youngest.`
}
