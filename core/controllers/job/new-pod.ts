/** A Pod of a Job: the template, the finalizer that keeps it until it is counted, and what its index adds. */
import { completionIndex, indexFailureCount, indexIgnoredFailureCount, trackingFinalizer } from '../../api/kinds/job/labels.ts'
import type { NewObject } from '../../api/meta.ts'
import type { Job } from '../../api/types/batch.ts'
import type { Container, Pod, PodTemplateSpec } from '../../api/types/core.ts'
import { podFrom } from '../planning/pod-from-template.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { failuresBefore, hasLimitPerIndex, ignoredFailuresBefore } from './job-pod.ts'

const indexVariable = 'JOB_COMPLETION_INDEX'
/** Leaves room for the random end of a generated name. */
const longestPrefix = 58

/** `index` of an Indexed Job; `replaces` the last Pod of that index, which failed. */
export function newPod(job: Job, index?: number, replaces?: Pod): NewObject {
  const { template } = job.spec
  const finalizers = [...new Set([...(template.metadata?.finalizers ?? []), trackingFinalizer])]
  const plain = { ...template, metadata: { ...template.metadata, finalizers } }
  if (index === undefined) return podFrom(plain, job)
  const pod = podFrom(withIndex(plain, job, index, replaces), job)
  const end = `-${index}-`
  const prefix = `${job.metadata.name}${end}`
  pod.metadata.generateName = prefix.length > longestPrefix ? `${prefix.slice(0, longestPrefix - end.length)}${end}` : prefix
  return pod
}

function withIndex(template: PodTemplateSpec, job: Job, index: number, replaces: Pod | undefined): PodTemplateSpec {
  const { metadata, spec } = template
  const { initContainers, containers } = spec
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, [completionIndex]: String(index) },
      annotations: { ...metadata?.annotations, [completionIndex]: String(index), ...(hasLimitPerIndex(job) ? failureCounts(job, replaces) : {}) },
    },
    spec: {
      ...spec,
      ...(initContainers ? { initContainers: initContainers.map(withIndexVariable) } : {}),
      containers: containers.map(withIndexVariable),
      hostname: `${job.metadata.name}-${index}`,
    },
  }
}

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === indexVariable)) return container
  return { ...container, env: [...(container.env ?? []), { name: indexVariable, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${completionIndex}']` } } }] }
}

/** The failures of its index so far travel from Pod to Pod. */
function failureCounts(job: Job, replaces: Pod | undefined): Record<string, string> {
  let [counted, ignored] = [0, 0]
  if (replaces) {
    const counts = matchFailurePolicy(job.spec.podFailurePolicy, replaces).counts
    counted = failuresBefore(replaces) + (counts ? 1 : 0)
    ignored = ignoredFailuresBefore(replaces) + (counts ? 0 : 1)
  }
  return { [indexFailureCount]: String(counted), ...(ignored > 0 ? { [indexIgnoredFailureCount]: String(ignored) } : {}) }
}
