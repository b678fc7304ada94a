/** What Pods use of a quota. Upstream: pkg/quota/v1/evaluator/core/pods.go. */
import { type Amounts, addTo, one } from '../amounts.ts'
import { qosClass } from '../kinds/pod-spec/qos.ts'
import { isFinished } from '../pod-lifecycle.ts'
import { podLimits, podRequests } from '../pod-resources.ts'
import type { Quantity } from '../quantity.ts'
import { isNative } from '../resource-names.ts'
import type { Affinity, Pod } from '../types/core.ts'
import type { Evaluator } from './evaluator.ts'
import { selects } from './scope-selector.ts'

const countName = 'count/pods'
const compute = ['cpu', 'memory', 'ephemeral-storage']
const names: ReadonlySet<string> = new Set([countName, 'pods', ...compute, ...compute.map((name) => `requests.${name}`), ...compute.map((name) => `limits.${name}`)])
/** Names that every container must say something about where the quota limits them. */
const demanded = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

const podOf = (object: unknown) => object as Pod

export const podEvaluator: Evaluator = {
  kind: 'Pod',
  counts: (name) => names.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-') || (name.startsWith('requests.') && !isNative(name)),
  usage(object, now) {
    const pod = podOf(object)
    const used: Record<string, Quantity> = { [countName]: one }
    if (uses(pod, now)) addTo(used, computed(podRequests(pod), podLimits(pod)))
    return used
  },
  inScope(requirement, object) {
    const pod = podOf(object)
    switch (requirement.scopeName) {
      case 'Terminating':
        return hasDeadline(pod)
      case 'NotTerminating':
        return !hasDeadline(pod)
      case 'BestEffort':
        return qosClass(pod.spec) === 'BestEffort'
      case 'NotBestEffort':
        return qosClass(pod.spec) !== 'BestEffort'
      case 'PriorityClass':
        return selects(requirement, pod.spec.priorityClassName || undefined)
      case 'CrossNamespacePodAffinity':
        return looksAbroad(pod.spec.affinity)
      default:
        return false
    }
  },
  complaint(limited, object) {
    const { spec } = podOf(object)
    if (spec.resources && (Object.keys(spec.resources.requests ?? {}).length > 0 || Object.keys(spec.resources.limits ?? {}).length > 0)) return undefined
    const wanted = demanded.filter((name) => limited.includes(name)).sort()
    if (wanted.length === 0) return undefined
    const missing = new Map<string, Set<string>>()
    for (const { name, resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      const said = saidBy(resources?.requests, resources?.limits)
      for (const resource of wanted) if (!said.has(resource)) missing.set(resource, (missing.get(resource) ?? new Set()).add(name))
    }
    if (missing.size === 0) return undefined
    return `must specify ${[...missing].sort(([a], [b]) => (a < b ? -1 : 1)).map(([resource, containers]) => `${resource} for: ${[...containers].sort().join(',')}`).join('; ')}`
  },
  charges: (subresource, object, old) => subresource === 'resize' || (subresource === undefined && hasDeadline(podOf(object)) !== hasDeadline(podOf(old))),
}

type List = Readonly<Record<string, string>> | undefined

const saidBy = (requests: List, limits: List): ReadonlySet<string> =>
  new Set([...Object.keys(requests ?? {}).flatMap((name) => [name, `requests.${name}`]), ...Object.keys(limits ?? {}).map((name) => `limits.${name}`)])

const hasDeadline = ({ spec }: Pod): boolean => spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0

/** Finished Pods use nothing, nor those whose node should have ended them by now. */
function uses(pod: Pod, now: number): boolean {
  const until = usesUntil(pod)
  return !isFinished(pod) && (until === undefined || now <= until)
}

/** From when on the Pod uses nothing though it is still there; undefined where it is not being deleted. */
export function usesUntil({ metadata: { deletionTimestamp, deletionGracePeriodSeconds } }: Pod): number | undefined {
  return deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined ? undefined : Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

function computed(requests: Amounts, limits: Amounts): Amounts {
  const used: Record<string, Quantity> = { pods: one }
  for (const name in requests) {
    const amount = requests[name]!
    const isHugePages = name.startsWith('hugepages-')
    if (compute.includes(name) || isHugePages) used[name] = amount
    if (compute.includes(name) || isHugePages || !isNative(name)) used[`requests.${name}`] = amount
  }
  for (const name of compute) if (limits[name] !== undefined) used[`limits.${name}`] = limits[name]
  return used
}

function looksAbroad(affinity: Affinity | undefined): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((side) =>
    [
      ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].some(({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined),
  )
}
