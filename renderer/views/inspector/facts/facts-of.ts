/** The strip of facts under an object's name, by kind; those of workloads and of storage, network, policy and devices are beside it. Pure. */
import type { KubeObject } from '../../../../core/api/meta.ts'
import { isFinished } from '../../../../core/api/pod-lifecycle.ts'
import type { Deployment, ReplicaSet } from '../../../../core/api/types/apps.ts'
import type { ConfigMap, Node, Pod, Secret, Service } from '../../../../core/api/types/core.ts'
import { bytesInWords, count, cpuInWords, durationInWords, quantityToNumber } from '../../../words/amounts.ts'
import { type World, isReady, podsOf, readersOf, revisionOf } from '../../../words/world.ts'
import type { Fact } from './fact.ts'
import { resourceFacts } from './resource-facts.ts'
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
    default: return [...resourceFacts(world, object), age]
  }
}
