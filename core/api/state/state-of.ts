/** The one state function: any object's state in words, from the object and what it stands on. */
import type { KubeObject } from '../meta.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../types/apps.ts'
import type { HorizontalPodAutoscaler } from '../types/autoscaling-v2.ts'
import type { CronJob, Job } from '../types/batch.ts'
import type { Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicationController, ResourceQuota, Service } from '../types/core.ts'
import type { PodDisruptionBudget } from '../types/policy.ts'
import type { ResourceClaim } from '../types/resource.ts'
import { autoscalerState } from './autoscaler-state.ts'
import { cronJobState } from './cron-job-state.ts'
import type { Ingress } from '../types/networking.ts'
import { daemonSetState } from './daemon-set-state.ts'
import { disruptionBudgetState } from './disruption-budget-state.ts'
import { jobState } from './job-state.ts'
import { ingressState } from './ingress-state.ts'
import { nodeState } from './node-state.ts'
import { podIsReady } from './pod-state.ts'
import { replicationControllerState } from './replication-controller-state.ts'
import { resourceClaimState } from './resource-claim-state.ts'
import { namespaceState, resourceQuotaState } from './resource-quota-state.ts'
import { serviceState } from './service-state.ts'
import { statefulSetState } from './stateful-set-state.ts'
import { claimState, volumeState } from './volume-state.ts'
import type { StateWords } from './words.ts'
import { deploymentState, podStateIn, replicaSetState, worse } from './workload-state.ts'
import type { StateView } from './view.ts'

export function stateOf(object: KubeObject, snapshot: StateView, now: number): StateWords {
  switch (object.kind) {
    case 'Pod': return podStateIn(object as Pod, snapshot, now)
    case 'Deployment': return deploymentState(object as Deployment, snapshot, now)
    case 'ReplicaSet': return replicaSetState(object as ReplicaSet, snapshot, now)
    case 'ReplicationController': return replicationControllerState(object as ReplicationController, snapshot, now)
    case 'StatefulSet': return statefulSetState(object as StatefulSet, snapshot, now)
    case 'DaemonSet': return daemonSetState(object as DaemonSet, snapshot, now)
    case 'Job': return jobState(object as Job, snapshot, now)
    case 'CronJob': return cronJobState(object as CronJob, snapshot, now)
    case 'Ingress': return ingressState(object as Ingress, snapshot)
    case 'Service': return serviceState(object as Service, snapshot)
    case 'Node': return nodeState(object as Node, now)
    case 'HorizontalPodAutoscaler': return autoscalerState(object as HorizontalPodAutoscaler)
    case 'PodDisruptionBudget': return disruptionBudgetState(object as PodDisruptionBudget)
    case 'ResourceQuota': return resourceQuotaState(object as ResourceQuota)
    case 'PersistentVolumeClaim': return claimState(object as PersistentVolumeClaim, snapshot)
    case 'PersistentVolume': return volumeState(object as PersistentVolume)
    case 'ResourceClaim': return resourceClaimState(object as ResourceClaim, snapshot)
    case 'Namespace': return namespaceState(object as Namespace)
  }
  if (object.metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  return { mark: 'ready', say: 'there' }
}

const running: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'])

/** Of an app: its worst part speaks; a Service that merely waits for its Pods adds nothing to what the Pods say. */
export function appState(parts: readonly KubeObject[], snapshot: StateView, now: number): StateWords & { ready: number; wanted: number } {
  let worst: StateWords | undefined
  let ready = 0
  let wanted = 0
  for (const part of parts) {
    if (!running.has(part.kind)) continue
    if (part.kind !== 'Deployment' && part.metadata.ownerReferences?.some((owner) => owner.controller)) continue
    const state = stateOf(part, snapshot, now)
    if (!worst || worse(worst.mark, state.mark) > 0) worst = state
    if (part.kind === 'Pod') {
      if (state.mark !== 'finished') wanted++
      if (state.mark === 'ready') ready++
      continue
    }
    // They speak, but what runs to its end is not among those that serve.
    if (part.kind === 'Job' || part.kind === 'CronJob') continue
    wanted += part.kind === 'DaemonSet' ? ((part as DaemonSet).status?.desiredNumberScheduled ?? 0) : ((part as Deployment | ReplicaSet | StatefulSet).spec.replicas ?? 1)
    ready += readyPods(part, snapshot)
  }
  if (!worst) {
    for (const part of parts) {
      const state = stateOf(part, snapshot, now)
      if (!worst || worse(worst.mark, state.mark) > 0) worst = state
    }
  }
  return { ...(worst ?? { mark: 'ready', say: 'nothing runs' }), ready, wanted }
}

function readyPods(workload: KubeObject, snapshot: StateView): number {
  const sets = workload.kind === 'Deployment' ? snapshot.ownedBy(workload.metadata.uid, 'ReplicaSet') : [workload]
  let ready = 0
  for (const set of sets) for (const pod of snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod')) if (podIsReady(pod)) ready++
  return ready
}
