/** ReplicationControllers, whose selector is a plain map. Mirrors pkg/controller/replication, an adapter upstream too. */
import type { ReplicationController } from '../../api/types/core.ts'
import { replicas } from './replicas.ts'

export const replicationController = replicas<ReplicationController>({
  kind: 'ReplicationController',
  name: 'replicationcontroller-controller',
  component: 'replication-controller',
  selectorOf: ({ spec }) => ({ matchLabels: spec.selector ?? {} }),
  countsLeaving: false,
})
