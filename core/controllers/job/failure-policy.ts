/** What a Job's podFailurePolicy says about a failed Pod (pkg/controller/job/pod_failure_policy.go). */
import type { PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement } from '../../api/types/batch.ts'
import type { ContainerStatus, Pod } from '../../api/types/core.ts'

export interface FailureMatch {
  /** False where the failure is to be ignored. */
  readonly counts: boolean
  readonly action?: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore'
  /** Of a FailJob rule: what the Job's condition says. */
  readonly message?: string
}

export function matchFailurePolicy(policy: PodFailurePolicy | undefined, pod: Pod): FailureMatch {
  for (const [i, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const place = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
    let message: string | undefined
    if (onExitCodes) {
      const container = firstMatching(pod.status?.containerStatuses, onExitCodes) ?? firstMatching(pod.status?.initContainerStatuses, onExitCodes)
      if (container) message = `Container ${container.name} for pod ${place} failed with exit code ${container.state?.terminated?.exitCode} matching ${action} rule at index ${i}`
    } else {
      const condition = (pod.status?.conditions ?? []).find(({ type, status }) => onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status))
      if (condition) message = `Pod ${place} has condition ${condition.type} matching ${action} rule at index ${i}`
    }
    if (message !== undefined) return { counts: action !== 'Ignore', action, ...(action === 'FailJob' ? { message } : {}) }
  }
  return { counts: true }
}

function firstMatching(statuses: readonly ContainerStatus[] | undefined, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  return statuses?.find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode
    if (exitCode === undefined || exitCode === 0 || (containerName !== undefined && containerName !== name)) return false
    return values.includes(exitCode) === (operator === 'In')
  })
}
