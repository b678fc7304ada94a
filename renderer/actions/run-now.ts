/** Run now: a Job from a CronJob's template beside its schedule, as `kubectl create job --from` writes it. Pure. */
import { refOf } from '../../core/api/meta.ts'
import type { CronJob } from '../../core/api/types/batch.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'

/** Longest name a Job may have, so that its Pods' names fit. */
const longest = 63

/** The same second gives the same name; nobody runs a Job twice in one. */
export const jobName = (from: string, how: string, nowMs: number): string => {
  const end = `-${how}-${Math.floor(nowMs / 1000).toString(36)}`
  return `${from.slice(0, longest - end.length).replace(/[-.]+$/, '')}${end}`
}

export function runNowPlan(cron: CronJob, nowMs: number): ActionPlan {
  const { metadata, spec } = cron
  const name = jobName(metadata.name, 'manual', nowMs)
  const { labels, annotations } = spec.jobTemplate.metadata ?? {}
  return {
    calls: [{
      call: 'create',
      arg: {
        object: {
          apiVersion: 'batch/v1', kind: 'Job',
          metadata: {
            name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), ...(labels ? { labels } : {}),
            annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...annotations },
            ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: metadata.name, uid: metadata.uid, controller: true }],
          },
          spec: spec.jobTemplate.spec,
        },
        say: `ran ${metadata.name} now`,
      },
    }],
    done: `${metadata.name} runs now, as ${name}`,
    kubectl: `kubectl create job ${name} --from=${kubectlName(refOf(cron))}${nsFlag(refOf(cron))}`,
  }
}
