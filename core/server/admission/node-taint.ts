/** A new node takes no Pods before it said that it is ready (upstream: plugin/pkg/admission/nodetaint). */
import type { Node } from '../../api/types/core.ts'
import type { Admission } from './admission.ts'

const notReady = 'node.kubernetes.io/not-ready'

export const nodeTaint: Admission = {
  name: 'TaintNodesByCondition',
  kinds: ['Node'],
  mutate({ operation, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { spec } = draft as unknown as Node
    if (spec.taints?.some(({ key, effect }) => key === notReady && effect === 'NoSchedule')) return
    ;(spec.taints ??= []).push({ key: notReady, effect: 'NoSchedule' })
  },
}
