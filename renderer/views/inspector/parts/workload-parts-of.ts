/** Parts of a workload's panel and of what scales, guards and ranks workloads, by kind. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { StateView } from '../../../../core/api/state/view.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from '../../../../core/api/types/apps.ts'
import type { HorizontalPodAutoscaler } from '../../../../core/api/types/autoscaling-v2.ts'
import type { CronJob, Job } from '../../../../core/api/types/batch.ts'
import type { PodTemplate } from '../../../../core/api/types/core.ts'
import type { RuntimeClass } from '../../../../core/api/types/node.ts'
import type { PodDisruptionBudget } from '../../../../core/api/types/policy.ts'
import type { PriorityClass } from '../../../../core/api/types/scheduling.ts'
import type { World } from '../../../words/world.ts'
import { cronParts, jobParts } from './batch.ts'
import type { Part } from './part.ts'
import { autoscalerParts, budgetParts, priorityParts, runtimeClassParts } from './scaling.ts'
import { daemonParts, revisionParts, statefulParts, templateParts } from './workloads.ts'

export function workloadPartsOf(world: World, view: StateView, object: KubeObject, now: number): Part[] {
  switch (object.kind) {
    case 'StatefulSet': return statefulParts(world, object as StatefulSet)
    case 'DaemonSet': return daemonParts(world, object as DaemonSet)
    case 'Job': return jobParts(world, object as Job, now)
    case 'CronJob': return cronParts(world, view, object as CronJob, now)
    case 'ControllerRevision': return revisionParts(world, object as ControllerRevision)
    case 'PodTemplate': return templateParts(object as PodTemplate)
    case 'HorizontalPodAutoscaler': return autoscalerParts(object as HorizontalPodAutoscaler)
    case 'PodDisruptionBudget': return budgetParts(world, object as PodDisruptionBudget)
    case 'PriorityClass': return priorityParts(world, object as PriorityClass)
    case 'RuntimeClass': return runtimeClassParts(world, object as RuntimeClass)
    default: return []
  }
}
