/** State of a ReplicationController in words: a ReplicaSet's, but nobody keeps it for going back. */
import type { ReplicationController } from '../types/core.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'
import { replicasState } from './workload-state.ts'

export const replicationControllerState = (rc: ReplicationController, snapshot: StateView, now: number): StateWords => replicasState(rc, 'scaled to 0', snapshot, now)
