/** The strip of facts under an object's name, by kind; and the objects it stands with. Pure. */
import { controllerOf, refOf, type KubeObject, type Ref } from '../../../core/api/meta.ts'
import { isFinished } from '../../../core/api/pod-lifecycle.ts'
import type { Deployment, ReplicaSet } from '../../../core/api/types/apps.ts'
import type { ConfigMap, Node, Pod, Secret, Service } from '../../../core/api/types/core.ts'
import { autoscalerOf } from '../../actions/scale.ts'
import { bytesInWords, count, cpuInWords, durationInWords, quantityToNumber } from '../../words/amounts.ts'
import { type LabelSelector, type World, configOf, isReady, ownedBy, podsOf, readersOf, replicaSetsOf, revisionOf, scaleTargetOf, selects, servicesFor, templateIn, templateLabels, workloadOf } from '../../words/world.ts'
import { neighboursOf, stripOf } from './parts/strip.ts'
import type { Fact } from './fact.ts'
import { workloadFacts } from './workload-facts.ts'

const since = (text: string | null | undefined, now: number): string => (text ? durationInWords(now - Date.parse(text)) : 'not yet')
const shortImage = (image: string): string => image.replace(/^docker\.io\/(library\/)?/, '')
const imagesIn = (spec: { containers?: { image?: string }[] } | undefined): string => (spec?.containers ?? []).map((c) => shortImage(c.image ?? '')).join(', ')

export function factsOf(world: World, object: KubeObject, now: number): Fact[] {
  const age: Fact = { label: 'There for', value: since(object.metadata.creationTimestamp, now) }
  switch (object.kind) {
    case 'Pod': {
      const pod = object as Pod
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
      const restarts = statuses.reduce((sum, s) => sum + (s.restartCount ?? 0), 0)
      return [
        { label: 'Running for', value: since(pod.status?.startTime, now) },
        { label: 'Restarts', value: restarts === 0 ? 'none' : String(restarts) },
        { label: 'Address', value: pod.status?.podIP ?? 'none yet', mono: pod.status?.podIP !== undefined },
        { label: 'Image', value: imagesIn(pod.spec) },
        { label: 'CPU', value: '', of: 'cpu' },
        { label: 'Memory', value: '', of: 'memory' },
      ]
    }
    case 'Deployment': {
      const deployment = object as Deployment
      const wanted = deployment.spec?.replicas ?? 1
      const ready = podsOf(world, object).filter(isReady).length
      return [
        { label: 'Ready', value: `${ready} of ${wanted}` },
        { label: 'Revision', value: revisionOf(object) === 0 ? 'none yet' : String(revisionOf(object)) },
        { label: 'Image', value: imagesIn(deployment.spec?.template?.spec) },
        { label: 'Update', value: deployment.spec?.paused ? 'paused' : deployment.spec?.strategy?.type === 'Recreate' ? 'all at once' : 'one after the other' },
        age,
      ]
    }
    case 'ReplicaSet': {
      const set = object as ReplicaSet
      return [{ label: 'Ready', value: `${set.status?.readyReplicas ?? 0} of ${set.spec?.replicas ?? 1}` }, ...(revisionOf(object) > 0 ? [{ label: 'Revision', value: String(revisionOf(object)) }] : []), { label: 'Image', value: imagesIn(set.spec?.template?.spec) }, age]
    }
    case 'StatefulSet': case 'ReplicationController': case 'DaemonSet': case 'Job': case 'CronJob': case 'HorizontalPodAutoscaler': case 'PodDisruptionBudget': return [...workloadFacts(world, object, now), age]
    case 'Service': {
      const service = object as Service
      const pods = podsOf(world, object)
      return [
        { label: 'Reachable', value: service.spec?.clusterIP === 'None' ? 'by Pod names' : service.spec?.type === 'NodePort' ? 'inside, and on each machine' : 'inside the cluster' },
        { label: 'Address', value: service.spec?.clusterIP ?? 'none yet', mono: true },
        { label: 'Ports', value: (service.spec?.ports ?? []).map((p) => `${p.port}${String(p.targetPort ?? p.port) === String(p.port) ? '' : ` to ${String(p.targetPort)}`}${p.nodePort ? `, machine ${p.nodePort}` : ''}`).join('; ') || 'none' },
        { label: 'Pods', value: `${pods.filter(isReady).length} of ${pods.length} ready` },
        age,
      ]
    }
    case 'Node': {
      const node = object as Node
      const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address
      return [
        { label: 'Pods', value: `${podsOf(world, object).filter((pod) => !isFinished(pod as Pod)).length} of ${node.status?.allocatable?.['pods'] ?? '110'}` },
        { label: 'CPU', value: `${cpuInWords(quantityToNumber(node.status?.allocatable?.['cpu']) ?? 0)} CPUs` },
        { label: 'Memory', value: bytesInWords(quantityToNumber(node.status?.allocatable?.['memory']) ?? 0) },
        { label: 'Address', value: address ?? 'none', mono: true },
        { label: 'System', value: `${node.status?.nodeInfo?.osImage ?? ''}${node.status?.nodeInfo?.architecture ? `, ${node.status.nodeInfo.architecture}` : ''}` },
        { label: 'Engine', value: node.status?.nodeInfo?.containerRuntimeVersion ?? '' },
        { label: 'There for', value: age.value },
      ]
    }
    case 'ConfigMap': case 'Secret': {
      const data = { ...(object as ConfigMap).data, ...(object as ConfigMap).binaryData }
      const readers = readersOf(world, object)
      const type = object.kind === 'Secret' ? [{ label: 'Type', value: (object as Secret).type ?? 'Opaque' }] : []
      return [{ label: 'Keys', value: String(Object.keys(data).length) }, ...type, { label: 'Read by', value: readers.length === 0 ? 'no Pod' : count(readers.length, 'Pod') }, age]
    }
    case 'Namespace': return [{ label: 'Pods', value: String(podsOf(world, object).length) }, { label: 'Services', value: String(world.list('Service', object.metadata.name).length) }, age]
    default: return [...stripOf(world, object), age]
  }
}

export interface Relation { say: string; refs: Ref[] }

/** Objects this one stands with: who made it, what it made, who sends it traffic, what it reads, where it runs. */
export function relationsOf(world: World, object: KubeObject): Relation[] {
  const relations: Relation[] = []
  const add = (say: string, objects: readonly (KubeObject | Ref | undefined)[]) => {
    const refs = objects.flatMap((o) => (o === undefined ? [] : 'metadata' in o ? refOf(o as KubeObject) : o))
    if (refs.length > 0) relations.push({ say, refs: refs as Ref[] })
  }
  const namespace = object.metadata.namespace
  const owner = controllerOf(object.metadata)
  if (owner) add('made by', [{ kind: owner.kind, name: owner.name, ...(namespace === undefined ? {} : { namespace }) }])
  const top = workloadOf(world, object)
  if (owner && top !== object && top.metadata.uid !== owner.uid) add('part of', [top])
  switch (object.kind) {
    case 'Pod': {
      const pod = object as Pod
      if (pod.spec?.nodeName) add('runs on', [{ kind: 'Node', name: pod.spec.nodeName }])
      add('gets traffic from', servicesFor(world, namespace, object.metadata.labels))
      add('reads', configOf(pod.spec, namespace))
      if (pod.spec?.serviceAccountName) add('acts as', [{ kind: 'ServiceAccount', name: pod.spec.serviceAccountName, ...(namespace === undefined ? {} : { namespace }) }])
      break
    }
    case 'CronJob': add('runs', ownedBy(world, object, 'Job').toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))); add('reads', configOf(templateIn(object)?.spec, namespace)); break
    case 'HorizontalPodAutoscaler': add('scales', [scaleTargetOf(world, object)]); add('Pods', podsOf(world, object)); break
    case 'PodDisruptionBudget': add('guards', [...new Set(podsOf(world, object).map((pod) => workloadOf(world, pod)))]); break
    case 'Deployment': case 'ReplicaSet': case 'StatefulSet': case 'DaemonSet': case 'Job': case 'ReplicationController': {
      add('scaled by', [autoscalerOf(world, object)])
      add('guarded by', world.list('PodDisruptionBudget', namespace).filter((one) => selects((one['spec'] as { selector?: LabelSelector } | undefined)?.selector, templateLabels(object))))
      if (object.kind === 'Deployment') add('revisions', replicaSetsOf(world, object).slice(0, 6))
      add('Pods', podsOf(world, object))
      add('gets traffic from', servicesFor(world, namespace, templateLabels(object)))
      add('reads', configOf((object as Deployment).spec?.template?.spec, namespace))
      break
    }
    case 'Service': add('sends traffic to', podsOf(world, object)); add('endpoints', world.list('EndpointSlice', namespace).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === object.metadata.name)); break
    case 'Node': add('carries', podsOf(world, object).toSorted((a, b) => Number(isFinished(a as Pod)) - Number(isFinished(b as Pod)))); break
    case 'ConfigMap': case 'Secret': add('read by', readersOf(world, object)); break
    case 'Namespace': add('workloads', world.list('Deployment', object.metadata.name)); break
    default: break
  }
  for (const [say, refs] of neighboursOf(world, object)) add(say, refs)
  return relations
}

export interface EventRow { id: string; atMs: number; type: string; reason: string; message: string; count: number; from: string }
interface EventShape {
  involvedObject?: { uid?: string; kind?: string; name?: string; namespace?: string }; regarding?: { uid?: string; kind?: string; name?: string; namespace?: string }
  reason?: string; message?: string; note?: string; type?: string; count?: number; deprecatedCount?: number; series?: { count?: number; lastObservedTime?: string }
  lastTimestamp?: string | null; firstTimestamp?: string | null; eventTime?: string | null; source?: { component?: string }; reportingComponent?: string; reportingController?: string
}
/** Kubernetes' Events of an object, newest first, whichever API group wrote them. */
export function eventsOf(world: World, object: KubeObject): EventRow[] {
  return world.list('Event').flatMap((raw): EventRow[] => {
    const event = raw as unknown as EventShape
    const about = event.involvedObject ?? event.regarding
    if (!about || (about.uid !== undefined && about.uid !== '' ? about.uid !== object.metadata.uid && !(object.kind === 'Node' && about.uid === object.metadata.name) : about.kind !== object.kind || about.name !== object.metadata.name)) return []
    return [{
      id: raw.metadata.uid,
      atMs: Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? raw.metadata.creationTimestamp),
      type: event.type ?? 'Normal', reason: event.reason ?? '', message: event.message ?? event.note ?? '',
      count: event.series?.count ?? event.count ?? event.deprecatedCount ?? 1,
      from: event.reportingComponent || event.reportingController || event.source?.component || '',
    }]
  }).toSorted((a, b) => b.atMs - a.atMs)
}
