/** Taints that the Pod does not tolerate keep it away; PreferNoSchedule only costs points (upstream: plugins/tainttoleration). */
import type { Taint } from '../../api/types/core.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, normalise, sayNames, type Plugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { tolerates } from '../../api/node-selector.ts'
import { sayTaint } from '../selectors.ts'

const rejection = { reasons: ['node(s) had untolerated taint(s)'], unresolvable: true }

const hard = (pod: PodInfo, node: NodeInfo): Taint | undefined =>
  node.taints.length === 0 ? undefined : node.taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.pod.spec.tolerations, taint))

function soft(pod: PodInfo, node: NodeInfo): number {
  if (node.taints.length === 0) return 0
  const tolerations = pod.pod.spec.tolerations?.filter((toleration) => !toleration.effect || toleration.effect === 'PreferNoSchedule')
  return node.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)).length
}

/** What the well-known taints mean, for people. */
const meanings: Readonly<Record<string, string>> = {
  'node.kubernetes.io/not-ready': 'is not ready',
  'node.kubernetes.io/unreachable': 'does not answer',
  'node.kubernetes.io/memory-pressure': 'is short of memory',
  'node.kubernetes.io/disk-pressure': 'is short of disk space',
  'node.kubernetes.io/pid-pressure': 'has too many processes',
  'node.kubernetes.io/network-unavailable': 'has no network yet',
  'node.kubernetes.io/unschedulable': 'is cordoned',
}
const meaning = (taint: Taint): string => meanings[taint.key] ?? `has the taint ${sayTaint(taint)}, which the Pod does not tolerate`

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter: (pod) => ({
    test: (node) => (hard(pod, node) ? rejection : undefined),
    tell(node) {
      const taint = hard(pod, node)
      if (taint) return meaning(taint)
      return node.taints.length === 0 ? 'no taints' : `tolerates ${node.taints.filter((one) => one.effect !== 'PreferNoSchedule').map(sayTaint).join(', ') || 'its taints'}`
    },
    summary(nodes) {
      const taints = new Map<string, string[]>()
      for (const node of nodes) {
        const taint = hard(pod, node)
        if (taint) taints.set(meaning(taint), [...(taints.get(meaning(taint)) ?? []), node.name])
      }
      return [...taints].map(([text, names]) => (names.length === 1 ? `${names[0]} ${text}` : `each of ${sayNames(names)} ${text}`)).join('; ')
    },
  }),
  score: (pod) => ({
    raw: (node) => soft(pod, node),
    normalise: (scores) => normalise(scores, true),
    tell: (node) => {
      const n = soft(pod, node)
      return n === 0 ? 'no taint asks to stay away' : `${n} ${n === 1 ? 'taint asks' : 'taints ask'} to stay away`
    },
  }),
  wakesOn: ['Node'],
  helps(pod, change) {
    const node = changedNode(change, 'added', 'taints')
    return node !== undefined && hard(pod, node) === undefined
  },
}
