/** The strip of facts of workloads other than Deployments, of autoscalers and budgets. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import { shortImage } from '../../../../core/api/state/sentences.ts'
import type { DaemonSet, StatefulSet } from '../../../../core/api/types/apps.ts'
import type { HorizontalPodAutoscaler } from '../../../../core/api/types/autoscaling-v2.ts'
import type { CronJob, Job } from '../../../../core/api/types/batch.ts'
import type { PodDisruptionBudget } from '../../../../core/api/types/policy.ts'
import { count, durationInWords } from '../../../words/amounts.ts'
import { inZone, nextRuns, scheduleInWords, scheduleOf } from '../../../words/schedule.ts'
import { isReady, ownedBy, podsOf, templateIn, type World } from '../../../words/world.ts'
import type { Fact } from './fact.ts'

const image = (object: KubeObject): Fact => ({ label: 'Image', value: ((templateIn(object)?.spec as { containers?: { image?: string }[] } | undefined)?.containers ?? []).map((one) => shortImage(one.image ?? '')).join(', ') })

export function workloadFacts(world: World, object: KubeObject, now: number): Fact[] {
  switch (object.kind) {
    case 'StatefulSet': {
      const set = object as StatefulSet
      const revisions = ownedBy(world, set, 'ControllerRevision').map((one) => Number(one['revision'] ?? 0))
      const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
      return [
        { label: 'Ready', value: `${podsOf(world, set).filter(isReady).length} of ${set.spec.replicas ?? 1}` }, { label: 'Revision', value: revisions.length === 0 ? 'none yet' : String(Math.max(...revisions)) }, image(set),
        { label: 'Update', value: set.spec.updateStrategy?.type === 'OnDelete' ? 'when a Pod is deleted' : partition > 0 ? `from ordinal ${partition + (set.spec.ordinals?.start ?? 0)}` : 'the last first' },
      ]
    }
    case 'DaemonSet': {
      const { desiredNumberScheduled: wanted = 0 } = (object as DaemonSet).status ?? {}
      const machines = world.list('Node').length
      return [{ label: 'Ready', value: `${podsOf(world, object).filter(isReady).length} of ${wanted}` }, { label: 'Machines', value: wanted === machines ? `all ${machines}` : `${wanted} of ${machines}` }, image(object)]
    }
    case 'ReplicationController': return [{ label: 'Ready', value: `${podsOf(world, object).filter(isReady).length} of ${(object['spec'] as { replicas?: number }).replicas ?? 1}` }, image(object)]
    case 'Job': {
      const { spec, status } = object as Job
      const from = Date.parse(status?.startTime ?? '')
      const to = Date.parse(status?.completionTime ?? status?.conditions?.find((one) => one.type === 'Failed' && one.status === 'True')?.lastTransitionTime ?? '')
      return [
        { label: 'Done', value: spec.completions === undefined ? String(status?.succeeded ?? 0) : `${status?.succeeded ?? 0} of ${spec.completions}` }, { label: 'Failed', value: (status?.failed ?? 0) === 0 ? 'none' : String(status?.failed) },
        { label: Number.isNaN(to) ? 'Runs for' : 'Took', value: Number.isNaN(from) ? 'not begun' : durationInWords((Number.isNaN(to) ? now : to) - from) }, image(object),
      ]
    }
    case 'CronJob': {
      const cron = object as CronJob
      const schedule = scheduleOf(cron)
      const [next] = nextRuns(cron, now, 1)
      return [
        { label: 'Runs', value: schedule ? scheduleInWords(schedule) : cron.spec.schedule }, { label: 'Next', value: next === undefined ? (cron.spec.suspend ? 'suspended' : 'never') : inZone(next, cron.spec.timeZone ?? 'UTC') },
        { label: 'Zone', value: cron.spec.timeZone ?? 'UTC' }, { label: 'Under way', value: (cron.status?.active?.length ?? 0) === 0 ? 'none' : count(cron.status.active!.length, 'Job') }, image(cron),
      ]
    }
    case 'HorizontalPodAutoscaler': {
      const { spec, status } = object as HorizontalPodAutoscaler
      const source = spec.metrics?.[0]?.resource ?? spec.metrics?.[0]?.containerResource
      const measured = (status?.currentMetrics?.[0]?.resource ?? status?.currentMetrics?.[0]?.containerResource)?.current
      return [
        { label: 'Scales', value: `${spec.scaleTargetRef.kind} ${spec.scaleTargetRef.name}` }, { label: 'Pods', value: `${status?.currentReplicas ?? 0}, within ${spec.minReplicas ?? 1} to ${spec.maxReplicas}` },
        ...(source ? [{ label: source.name === 'cpu' ? 'CPU' : source.name, value: measured === undefined ? `not measured yet, ${source.target.averageUtilization === undefined ? (source.target.averageValue ?? '') : `${source.target.averageUtilization} %`} wanted` : source.target.averageUtilization === undefined ? `${measured.averageValue ?? ''}, ${source.target.averageValue ?? ''} wanted` : `${measured.averageUtilization ?? '?'} %, ${source.target.averageUtilization} % wanted` }] : []),
      ]
    }
    case 'PodDisruptionBudget': {
      const { spec, status = {} } = object as PodDisruptionBudget
      return [
        { label: 'Allows', value: (status.disruptionsAllowed ?? 0) === 0 ? 'no eviction' : count(status.disruptionsAllowed ?? 0, 'eviction') }, { label: 'Healthy', value: `${status.currentHealthy ?? 0} of ${status.expectedPods ?? 0}` },
        { label: 'Rule', value: spec.minAvailable !== undefined ? `at least ${spec.minAvailable}` : `at most ${spec.maxUnavailable ?? 0} missing` },
      ]
    }
    default: return []
  }
}
