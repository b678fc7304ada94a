/** The ways out that can be taken in one click, best first. Only what can really be done from here is offered. */
import type { Fix } from '../../../electron/contract.ts'
import { controllerOf, refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { cpuAndMemoryRequests } from '../../api/pod-resources.ts'
import { freeOn } from '../../api/state/unscheduled.ts'
import { replicaSetsOf, revisionOf } from '../../api/state/workload-state.ts'
import { amount, bytes, cpus, quantityValue } from '../../api/state/sentences.ts'
import type { Container, Node, Pod } from '../../api/types/core.ts'
import type { Deployment } from '../../api/types/apps.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { labelFixes } from './label-machine.ts'

const pullReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError'])
const mebibyte = 1024 * 1024

/** The Deployment over a Pod, through its ReplicaSet. */
function deploymentOver(object: KubeObject, snapshot: Snapshot): Deployment | undefined {
  if (object.kind === 'Deployment') return object as Deployment
  const owner = controllerOf(object.metadata)
  const next = owner ? snapshot.byUid(owner.uid) : undefined
  return next ? deploymentOver(next, snapshot) : undefined
}

export function fixesFor(object: KubeObject, pod: Pod | undefined, snapshot: Snapshot): Fix[] {
  if (object.kind === 'Node') return nodeFixes(object as Node)
  if (object.kind === 'Service') return [{ id: 'selector', label: 'Edit the selector', say: 'Point the Service at the labels of Pods that exist', do: 'edit-yaml', ref: refOf(object), path: 'spec.selector' }]
  if (!pod) return []
  const deployment = deploymentOver(pod, snapshot)
  const ref = deployment ? refOf(deployment) : refOf(pod)
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const fixes: Fix[] = []

  const unpulled = statuses.find((status) => pullReasons.has(status.state?.waiting?.reason ?? ''))
  if (unpulled) {
    const suggestion = deployment ? imageThatRan(deployment, unpulled.name, unpulled.image, snapshot) : undefined
    fixes.push({
      id: 'image',
      label: suggestion === undefined ? 'Edit the image' : `Use ${suggestion}`,
      say: suggestion === undefined ? `Give ${unpulled.name} an image that exists` : `${suggestion} ran here before`,
      do: 'set-image',
      ref,
      container: unpulled.name,
      ...(suggestion === undefined ? {} : { suggestion }),
    })
    fixes.push(...rollBack(deployment, snapshot))
    fixes.push({ id: 'retry-pull', label: 'Try again now', say: 'Pull the same image once more without waiting for the next try', do: 'retry-pull', ref: refOf(pod) })
    return fixes
  }

  const unmade = statuses.find((status) => status.state?.waiting?.reason === 'CreateContainerConfigError')
  if (unmade) {
    const missing = /(configmap|secret) "([^"]+)" not found/i.exec(unmade.state?.waiting?.message ?? '')
    if (missing) {
      const kind = missing[1]!.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
      fixes.push({ id: 'create', label: `Create ${kind} ${missing[2]}`, say: 'Empty at first; the keys that are read must be added', do: 'create', object: { apiVersion: 'v1', kind, metadata: { name: missing[2]!, namespace: pod.metadata.namespace ?? 'default' } } })
    }
    fixes.push({ id: 'yaml', label: 'Edit YAML', say: 'Correct what the container is given', do: 'edit-yaml', ref, path: 'spec.template.spec.containers' })
    fixes.push(...rollBack(deployment, snapshot))
    return fixes
  }

  const crashed = statuses.find((status) => status.state?.waiting?.reason === 'CrashLoopBackOff' || (status.state?.terminated && status.state.terminated.exitCode !== 0) || (status.lastState?.terminated && !status.ready))
  if (crashed) {
    fixes.push({ id: 'logs', label: 'Read what it said last', say: `The last lines ${crashed.name} wrote before it ended`, do: 'logs', ref: refOf(pod), previous: true })
    if ((crashed.lastState?.terminated ?? crashed.state?.terminated)?.reason === 'OOMKilled') fixes.push(...moreMemory(pod, crashed.name, ref))
    fixes.push(...rollBack(deployment, snapshot))
    fixes.push({ id: 'yaml', label: 'Edit YAML', say: 'Change its command, environment or image', do: 'edit-yaml', ref })
    return fixes
  }

  if (pod.spec?.nodeName === undefined) return [...schedulingFixes(pod, ref, deployment, snapshot), ...rollBack(deployment, snapshot)]

  const unready = statuses.find((status) => status.state?.running && !status.ready)
  if (unready) {
    fixes.push({ id: 'logs', label: 'Read its log', say: `What ${unready.name} says while it is not ready`, do: 'logs', ref: refOf(pod), previous: false })
    fixes.push({ id: 'yaml', label: 'Edit the check', say: 'Change what counts as ready', do: 'edit-yaml', ref, path: deployment ? 'spec.template.spec.containers' : 'spec.containers' })
    fixes.push(...rollBack(deployment, snapshot))
  }
  return fixes
}

function rollBack(deployment: Deployment | undefined, snapshot: Snapshot): Fix[] {
  if (!deployment) return []
  const [newest, before] = replicaSetsOf(deployment, snapshot)
  if (!newest || !before) return []
  const image = before.spec.template?.spec?.containers?.[0]?.image
  return [{ id: 'roll-back', label: `Roll back to revision ${revisionOf(before)}`, say: image === undefined ? 'The template that ran before' : `The template that ran before, with ${image}`, do: 'roll-back', ref: refOf(deployment), toRevision: revisionOf(before) }]
}

/** The container's image in the newest revision that had another one. */
function imageThatRan(deployment: Deployment, container: string, image: string, snapshot: Snapshot): string | undefined {
  for (const set of replicaSetsOf(deployment, snapshot)) {
    const found = set.spec.template?.spec?.containers?.find((one: Container) => one.name === container)?.image
    if (found !== undefined && found !== image && (set.status?.readyReplicas ?? 0) > 0) return found
  }
  return undefined
}

function moreMemory(pod: Pod, container: string, ref: Ref): Fix[] {
  const limit = pod.spec?.containers.find((one) => one.name === container)?.resources?.limits?.['memory']
  if (limit === undefined) return []
  const doubled = 2 * quantityValue(limit)
  const suggestion = `${Math.ceil(doubled / mebibyte)}Mi`
  return [{ id: 'memory', label: `Allow ${amount('memory', suggestion)} of memory`, say: `It was ended at its limit of ${amount('memory', limit)}`, do: 'set-resources', ref, container, suggestion: { memory: suggestion } }]
}

function schedulingFixes(pod: Pod, ref: Ref, deployment: Deployment | undefined, snapshot: Snapshot): Fix[] {
  // Room is being made for it already.
  if (pod.status?.nominatedNodeName) return []
  const fixes: Fix[] = []
  const nodes = snapshot.list<Node>('Node')
  for (const node of nodes.filter((one) => one.spec?.unschedulable)) fixes.push({ id: `uncordon-${node.metadata.name}`, label: `Let ${node.metadata.name} take Pods again`, say: 'It is cordoned', do: 'uncordon', ref: refOf(node) })
  fixes.push(...labelFixes(pod, nodes, snapshot))
  const wanted = cpuAndMemoryRequests(pod)
  const free = nodes.map((node) => freeOn(node, snapshot))
  const most = { cpu: Math.max(0, ...free.map((one) => one.cpu)), memory: Math.max(0, ...free.map((one) => one.memory)) }
  const container = pod.spec?.containers[0]?.name
  const suggestion: Record<string, string> = {}
  if (wanted.memory > most.memory && most.memory >= mebibyte) suggestion['memory'] = `${Math.floor(most.memory / mebibyte)}Mi`
  if (wanted.cpu > most.cpu && most.cpu >= 0.01) suggestion['cpu'] = `${Math.floor(most.cpu * 1000)}m`
  if (container !== undefined && Object.keys(suggestion).length > 0) {
    const asks = [wanted.memory > most.memory ? `${bytes(wanted.memory)} of memory, most free is ${bytes(most.memory)}` : '', wanted.cpu > most.cpu ? `${cpus(wanted.cpu)} of CPU, most free is ${cpus(most.cpu)}` : ''].filter(Boolean).join('; ')
    fixes.push({ id: 'resources', label: 'Ask for what fits', say: `It asks for ${asks}`, do: 'set-resources', ref, container, suggestion })
  }
  const running = deployment?.status?.readyReplicas ?? 0
  if (deployment && running > 0 && running < (deployment.spec.replicas ?? 1)) fixes.push({ id: 'scale', label: `Scale to ${running}`, say: 'As many as have room now', do: 'scale', ref, replicas: running })
  return fixes
}

const nodeFixes = (node: Node): Fix[] => (node.spec?.unschedulable ? [{ id: 'uncordon', label: 'Let it take Pods again', say: 'It is cordoned', do: 'uncordon', ref: refOf(node) }] : [])
