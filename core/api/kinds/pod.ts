/** Pod. Upstream: pkg/registry/core/pod/strategy.go, pkg/apis/core/validation. */
import { defineKind, type Prepare } from '../kind.ts'
import { timestamp } from '../meta.ts'
import { isFinished } from '../pod-lifecycle.ts'
import type { Pod } from '../types/core.ts'
import { podColumns } from './pod/columns.ts'
import { defaultPod, defaultPodSpec } from './pod-spec/defaults.ts'
import { podEphemeralContainers } from './pod-spec/ephemeral-containers.ts'
import { mergeLabelKeys } from './pod-spec/label-keys.ts'
import { qosClass } from './pod-spec/qos.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podResize } from './pod-spec/resize.ts'
import { validateNewPod, validatePod } from './pod-spec/validate-pod.ts'
import { validatePodStatusUpdate, validatePodUpdate } from './pod-spec/validate-update.ts'
import { podNameWarnings, podSpecWarnings } from './pod-spec/warnings.ts'

export const pod = defineKind<Pod>({
  kind: 'Pod',
  group: '',
  version: 'v1',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.Pod',
  tracksGeneration: true,
  generationOf: (object) => object.spec,
  deleteReturnsObject: true,
  gracePeriodSeconds(object, requested) {
    if (!object.spec.nodeName || isFinished(object)) return 0
    const seconds = requested ?? object.spec.terminationGracePeriodSeconds ?? 0
    return seconds < 0 ? 1 : seconds
  },
  subresources: { status: true, parts: { ephemeralcontainers: podEphemeralContainers, resize: podResize }, others: ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'proxy'] },

  default(draft) {
    defaultPodSpec(draft.spec)
    defaultPod(draft.spec)
  },
  prepareForCreate(draft, { now }) {
    mergeLabelKeys(draft)
    draft.status = { phase: 'Pending', qosClass: qosClass(draft.spec) }
    if (draft.spec.schedulingGates?.length) {
      draft.status.conditions = [{ type: 'PodScheduled', status: 'False', lastTransitionTime: timestamp(now), reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }]
    }
  },
  prepareForStatusUpdate,
  validateCreate: validateNewPod,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: ({ metadata, spec }) => [...podNameWarnings(metadata.name, "in the Pod's hostname"), ...podSpecWarnings(spec, 'spec', metadata)],

  columns: podColumns,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status.phase ?? '',
    'status.podIP': ({ status }) => status.podIP ?? '',
    'status.podIPs': ({ status }) => (status.podIPs ?? []).map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
  },
  refs: ({ metadata, spec }) => podRefs(metadata, spec),
})

function prepareForStatusUpdate(draft: Pod, old: Pod, _request: Prepare): void {
  const { status } = draft
  status.qosClass ??= old.status.qosClass ?? qosClass(draft.spec)
  // One address has two homes in the API; whichever was written fills the other.
  mirror(status, 'podIP', 'podIPs')
  mirror(status, 'hostIP', 'hostIPs')
  if (status.observedGeneration === undefined && old.status.observedGeneration !== undefined) status.observedGeneration = old.status.observedGeneration
  for (const condition of status.conditions ?? []) {
    const before = old.status.conditions?.find(({ type }) => type === condition.type)?.observedGeneration
    if (condition.observedGeneration === undefined && before !== undefined) condition.observedGeneration = before
  }
}

function mirror<One extends 'podIP' | 'hostIP', Many extends 'podIPs' | 'hostIPs'>(status: Pod['status'], one: One, many: Many): void {
  const single = status[one]
  const first = status[many]?.[0]?.ip
  if (single === undefined && first !== undefined) status[one] = first as Pod['status'][One]
  else if (single !== undefined && first !== single) status[many] = [{ ip: single }] as Pod['status'][Many]
}
