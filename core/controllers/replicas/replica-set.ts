/** ReplicaSets. Mirrors pkg/controller/replicaset. */
import type { ReplicaSet } from '../../api/types/apps.ts'
import { replicas } from './replicas.ts'

export const replicaSet = replicas<ReplicaSet>({
  kind: 'ReplicaSet',
  name: 'replicaset-controller',
  component: 'replicaset-controller',
  selectorOf: ({ spec }) => spec.selector,
  countsLeaving: true,
})
