/** The objects that an object stands with, by kind; those of storage, network, policy and devices are in neighbours.ts. Pure. */
import { controllerOf, refOf, type KubeObject, type Ref } from '../../../../core/api/meta.ts'
import { isFinished } from '../../../../core/api/pod-lifecycle.ts'
import type { Deployment } from '../../../../core/api/types/apps.ts'
import type { Pod } from '../../../../core/api/types/core.ts'
import { autoscalerOf } from '../../../actions/scale.ts'
import { type LabelSelector, type World, configOf, ownedBy, podsOf, readersOf, replicaSetsOf, scaleTargetOf, selects, servicesFor, templateIn, templateLabels, workloadOf } from '../../../words/world.ts'
import { neighboursOf } from './neighbours.ts'

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
