/** Where nothing fits, Pods of lower priority make room (upstream: plugins/defaultpreemption). */
import type { Pod } from '../../api/types/core.ts'
import type { Attempt, Plugin, Rescue } from '../plugin.ts'
import { searchPreemption } from '../preemption.ts'

const unhelpful = 'Preemption is not helpful for scheduling'

const leavesForPreemption = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined
  && (pod.status?.conditions ?? []).some(({ type, status, reason }) => type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler')

/** Why the Pod may not displace others now. */
function ineligible({ pod, view, isHopeless }: Attempt): { message: string; say: string } | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return { message: 'not eligible due to preemptionPolicy=Never.', say: 'its preemptionPolicy forbids to displace others' }
  const nominated = pod.pod.status?.nominatedNodeName
  if (!nominated || isHopeless(nominated)) return undefined
  for (const other of view.podsOn(nominated)) {
    if (other.priority < pod.priority && leavesForPreemption(other.pod)) return { message: 'not eligible due to a terminating pod on the nominated node.', say: `waits for ${other.pod.metadata.name} to leave ${nominated}` }
  }
  return undefined
}

function rescue(attempt: Attempt): Rescue {
  const { view, pod } = attempt
  const no = ineligible(attempt)
  if (no) return { message: `preemption: ${no.message}`, say: no.say }
  const { best, against } = searchPreemption(attempt)
  if (best) {
    const names = best.victims.map((victim) => victim.pod.metadata.name)
    return { message: '', nominate: best.node, preemption: best, say: `makes room on ${best.node}: evicts ${names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`}` }
  }
  const counts = new Map<string, number>()
  for (const { reasons } of against.values()) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const others = view.nodes.length - against.size
  if (others > 0) counts.set(unhelpful, (counts.get(unhelpful) ?? 0) + others)
  const parts = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
  return {
    message: `preemption: 0/${view.nodes.length} nodes are available: ${parts.join(', ')}.`,
    nominate: '',
    ...(pod.priority > 0 && against.size > 0 ? { say: 'evicting Pods of lower priority would not make it fit' } : {}),
  }
}

/** Nothing wakes for its sake: those plugins that said no know what helps. */
export const defaultPreemption: Plugin = { name: 'DefaultPreemption', rescue, wakesOn: [], helps: () => false }
