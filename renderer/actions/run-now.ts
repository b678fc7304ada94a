/** Run now: a Job from a CronJob's template beside its schedule, as `kubectl create job --from` writes it. Pure. */
import { refOf } from '../../core/api/meta.ts'
import type { CronJob } from '../../core/api/types/batch.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'
import { createJob, jobName } from './new-job.ts'

export function runNowPlan(cron: CronJob, nowMs: number): ActionPlan {
  const { metadata, spec } = cron
  const name = jobName(metadata.name, 'manual', nowMs)
  const { labels, annotations } = spec.jobTemplate.metadata ?? {}
  const meta = {
    name, ...(labels ? { labels } : {}),
    annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...annotations },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: metadata.name, uid: metadata.uid, controller: true }],
  }
  return {
    calls: [createJob(cron, meta, spec.jobTemplate.spec, `ran ${metadata.name} now`)],
    done: `${metadata.name} runs now, as ${name}`,
    kubectl: `kubectl create job ${name} --from=${kubectlName(refOf(cron))}${nsFlag(refOf(cron))}`,
  }
}
