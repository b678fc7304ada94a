/** Suspend and go on: a CronJob starts no more Jobs, a Job stops its Pods and keeps what is done. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { Job } from '../../core/api/types/batch.ts'
import { count } from '../words/amounts.ts'
import { kubectlName, nsFlag, shellWord, type ActionPlan } from './action.ts'

const ended = (object: KubeObject): boolean => (object as Job).status?.conditions?.some((one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True') === true

export const isSuspended = (object: KubeObject): boolean => (object['spec'] as { suspend?: boolean } | undefined)?.suspend === true
export const canSuspend = (object: KubeObject): boolean => object.metadata.deletionTimestamp === undefined && (object.kind === 'CronJob' || (object.kind === 'Job' && !ended(object)))

export function suspendPlan(object: KubeObject, on: boolean): ActionPlan {
  const ref = refOf(object)
  const { name } = ref
  const running = object.kind === 'Job' ? ((object as Job).status?.active ?? 0) : 0
  return {
    calls: [{ call: 'patch', arg: { ref, patch: { type: 'merge', body: { spec: { suspend: on } } }, say: on ? `suspended ${name}` : `let ${name} go on` } }],
    done: on ? (object.kind === 'CronJob' ? `${name} starts no more Jobs` : `${name} is suspended`) : object.kind === 'CronJob' ? `${name} follows its schedule again` : `${name} goes on`,
    kubectl: `kubectl patch ${kubectlName(ref)} -p ${shellWord(JSON.stringify({ spec: { suspend: on } }))}${nsFlag(ref)}`,
    ...(on && running > 0 ? {
      confirm: {
        title: `Suspend ${name}?`,
        lines: [
          { mark: 'leaving', text: `${count(running, 'Pod')} ${running === 1 ? 'stops' : 'stop'} now; what ${running === 1 ? 'it has' : 'they have'} done so far is done again later.` },
          { mark: 'finished', text: `${count((object as Job).status?.succeeded ?? 0, 'completion')} ${(object as Job).status?.succeeded === 1 ? 'stays' : 'stay'} counted.` },
          { mark: 'returns', text: '“Go on” starts its Pods again; its deadline begins anew.' },
        ],
        verb: `Suspend, ${count(running, 'Pod')} ${running === 1 ? 'stops' : 'stop'}`, keep: 'Let it run', danger: false,
      },
    } : {}),
  }
}
