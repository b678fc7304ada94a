/** What every Pod gets: tolerations of a node that is away for five minutes (upstream: plugin/pkg/admission/defaulttolerationseconds). */
import type { Pod, Toleration } from '../../api/types/core.ts'
import type { Admission } from './admission.ts'

const awaySeconds = 300
const awayTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

export const defaultTolerations: Admission = {
  name: 'DefaultTolerationSeconds',
  kinds: ['Pod'],
  // An update that leaves them out gets them again.
  mutate({ draft, subresource }) {
    if (subresource !== undefined) return
    const { spec } = draft as unknown as Pod
    for (const key of awayTaints) {
      if (spec.tolerations?.some((toleration) => tolerates(toleration, key))) continue
      ;(spec.tolerations ??= []).push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: awaySeconds })
    }
  },
}

const tolerates = ({ key, effect }: Toleration, taint: string) => (!key || key === taint) && (!effect || effect === 'NoExecute')
