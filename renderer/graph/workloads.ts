/** Which kinds run Pods, what each makes, and the template it makes them from: one list for grouping, models and stamps. Pure. */
import type { KubeObject } from '../../core/api/meta.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../core/api/types/apps.ts'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Pod, PodSpec, ReplicationController } from '../../core/api/types/core.ts'
import type { Core } from '../ui/emblem-shapes.ts'

export type Workload = Deployment | StatefulSet | DaemonSet | Job | CronJob | ReplicationController | ReplicaSet | Pod

/** What each kind makes, nearest first; `core` is the middle of its emblem. */
const kinds: Readonly<Record<Workload['kind'], { makes: readonly string[]; core: Core }>> = {
  Deployment: { makes: ['ReplicaSet'], core: 'disc' },
  StatefulSet: { makes: ['Pod'], core: 'square' },
  DaemonSet: { makes: ['Pod'], core: 'triangle' },
  CronJob: { makes: ['Job'], core: 'hand' },
  Job: { makes: ['Pod'], core: 'check' },
  ReplicationController: { makes: ['Pod'], core: 'disc' },
  ReplicaSet: { makes: ['Pod'], core: 'disc' },
  Pod: { makes: [], core: 'disc' },
}
export const workloadKinds = Object.keys(kinds) as readonly Workload['kind'][]
const isWorkloadKind = (kind: string): kind is Workload['kind'] => kind in kinds

export const coreOf = (kind: string): Core => (isWorkloadKind(kind) ? kinds[kind].core : 'disc')

/** Between it and its Pods stands a column of what it makes: revisions, or runs. */
export const hasColumn = (kind: string): boolean => kind === 'Deployment' || kind === 'CronJob'

/** Stands at the top: nobody makes it, or somebody the graph does not draw. */
export const isRoot = (object: KubeObject): boolean => !object.metadata.ownerReferences?.some((owner) => owner.controller && isWorkloadKind(owner.kind))

export const rootsOf = (view: StateView): Workload[] => workloadKinds.flatMap((kind) => view.list<Workload>(kind).filter(isRoot))

export function templateOf(workload: Workload): { labels: Readonly<Record<string, string>>; spec: PodSpec | undefined } {
  if (workload.kind === 'Pod') return { labels: workload.metadata.labels ?? {}, spec: workload.spec }
  const template = workload.kind === 'CronJob' ? workload.spec.jobTemplate.spec.template : workload.spec.template
  return { labels: template?.metadata?.labels ?? {}, spec: template?.spec }
}

/** A workload and all that it made, as deep as it goes. */
export function partsOf(workload: KubeObject, view: StateView): KubeObject[] {
  const made = isWorkloadKind(workload.kind) ? kinds[workload.kind].makes : []
  return [workload, ...made.flatMap((kind) => view.ownedBy(workload.metadata.uid, kind).flatMap((part) => partsOf(part, view)))]
}

const condition = (job: Job, type: string): boolean => job.status?.conditions?.some((one) => one.type === type && one.status === 'True') === true
export const isComplete = (job: Job): boolean => condition(job, 'Complete')
export const isFailed = (job: Job): boolean => condition(job, 'Failed')
