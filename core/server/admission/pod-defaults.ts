/**
 * What every new Pod gets: tolerations of a node that is away for five minutes, and its priority; and what it can't have.
 * Upstream: plugin/pkg/admission/defaulttolerationseconds, plugin/pkg/admission/priority, plugin/pkg/admission/runtimeclass.
 */
import type { Pod, Toleration } from '../../api/types/core.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../faces.ts'
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

/** There are no RuntimeClasses to find; a Pod that asks for one must not run in another way instead. */
export const runtimeClass: Admission = {
  name: 'RuntimeClass',
  kinds: ['Pod'],
  validate({ operation, face, name, draft, subresource }) {
    const { runtimeClassName } = (draft as unknown as Pod).spec
    if (operation !== 'create' || subresource !== undefined || !runtimeClassName) return
    throw objectForbidden(served(face), name, `pod rejected: RuntimeClass "${runtimeClassName}" not found`)
  },
}

/** The two classes that exist without anybody having made them. */
const systemClasses: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 }

export const priority: Admission = {
  name: 'Priority',
  kinds: ['Pod'],
  mutate({ operation, face, name, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { spec } = draft as unknown as Pod
    const wanted = spec.priorityClassName
    const value = wanted ? systemClasses[wanted] : 0
    if (value === undefined) throw objectForbidden(served(face), name, `no PriorityClass with name ${wanted} was found`)
    if (spec.priority !== undefined && spec.priority !== value) {
      throw objectForbidden(served(face), name, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`)
    }
    spec.priority = value
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}
