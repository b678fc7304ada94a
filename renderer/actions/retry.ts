/** Retry: what a Job asked for, asked for again in a new Job; what the controller wrote into the old one is left out. Pure. */
import { refOf } from '../../core/api/meta.ts'
import type { Job } from '../../core/api/types/batch.ts'
import { kubectlName, nsFlag, type ActionPlan } from './action.ts'
import { createJob, jobName } from './new-job.ts'

/** Labels that the server gives to a Job's Pods; two Jobs with the same would claim each other's. */
const generated: ReadonlySet<string> = new Set(['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name'])
/** Written by the schedule, about the old run. */
const aboutTheRun: ReadonlySet<string> = new Set(['batch.kubernetes.io/cronjob-scheduled-timestamp', 'kubectl.kubernetes.io/last-applied-configuration', 'batch.kubernetes.io/job-tracking'])

const without = (from: Readonly<Record<string, string>> | undefined, left: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(Object.entries(from ?? {}).filter(([key]) => !left.has(key)))

export const canRetry = (job: Job): boolean => job.status?.conditions?.some((one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True') === true

/** "web-again-s1x2y3": a retry of a retry does not grow. */
const rootName = (name: string): string => name.replace(/-again-[0-9a-z]+$/, '')

export function retryPlan(job: Job, nowMs: number): ActionPlan {
  const { metadata, spec } = job
  const name = jobName(rootName(metadata.name), 'again', nowMs)
  const { selector: _selector, manualSelector: _manual, template, ...rest } = spec
  const labels = without(metadata.labels, generated)
  const annotations = without(metadata.annotations, aboutTheRun)
  const owner = metadata.ownerReferences?.filter((one) => one.controller).map(({ blockOwnerDeletion: _block, ...one }) => one)
  const meta = { name, ...(Object.keys(labels).length > 0 ? { labels } : {}), ...(Object.keys(annotations).length > 0 ? { annotations } : {}), ...(owner && owner.length > 0 ? { ownerReferences: owner } : {}) }
  const podLabels = without(template.metadata?.labels, generated)
  return {
    calls: [createJob(job, meta, { ...rest, template: { ...template, metadata: { ...template.metadata, labels: podLabels } } }, `retried ${metadata.name}`)],
    done: `${metadata.name} is tried again, as ${name}`,
    kubectl: `kubectl get ${kubectlName(refOf(job))}${nsFlag(refOf(job))} -o json | jq 'del(.spec.selector, .spec.template.metadata.labels, .status) | .metadata = {name: "${name}"}' | kubectl create${nsFlag(refOf(job))} -f -`,
  }
}
