/** Delete: what stops, what stays, how to return; for one object or many. Pure. */
import { controllerOf, refOf, type KubeObject } from '../../core/api/meta.ts'
import { count, listInWords } from '../words/amounts.ts'
import { isWorkload } from '../kinds/runs.ts'
import { claimsOf, configOf, isReady, ownedBy, podsOf, readersOf, replicaSetsOf, selects, servicesFor, shortName, templateIn, templateLabels, type World } from '../words/world.ts'
import { kubectlName, nsFlag, type ActionPlan, type ConfirmLine } from './action.ts'
import { dataLost, storageLines } from './delete-storage.ts'

const names = (objects: readonly KubeObject[], most = 3): string =>
  objects.length <= most ? listInWords(objects.map((o) => o.metadata.name)) : `${objects.slice(0, most).map((o) => o.metadata.name).join(', ')} and ${objects.length - most} more`

/** Services that have no other ready Pod left when these go. */
function silenced(world: World, namespace: string | undefined, labels: Record<string, string> | undefined, going: ReadonlySet<string>): KubeObject[] {
  return servicesFor(world, namespace, labels).filter((service) => !podsOf(world, service).some((pod) => isReady(pod) && !going.has(pod.metadata.uid)))
}

function workloadLines(world: World, object: KubeObject): ConfirmLine[] {
  const pods = podsOf(world, object)
  const going = new Set(pods.map((p) => p.metadata.uid))
  const services = silenced(world, object.metadata.namespace, templateLabels(object), going)
  const spec = templateIn(object)?.spec
  const fronts = servicesFor(world, object.metadata.namespace, templateLabels(object))
  const kept = [...fronts.map((s) => `Service ${s.metadata.name}`), ...configOf(spec, object.metadata.namespace).filter((ref) => world.get(ref)).map((ref) => `${ref.kind} ${ref.name}`)]
  const answering = services.length === 0 ? '' : `, Service ${names(services)} ${services.length === 1 ? 'stops' : 'stop'} answering`
  const sets = object.kind === 'Deployment' ? replicaSetsOf(world, object).length : 0
  const jobs = object.kind === 'CronJob' ? ownedBy(world, object, 'Job').length : 0
  const claims = object.kind === 'StatefulSet' ? claimsOf(world, object) : []
  return [
    { mark: 'leaving', text: pods.length === 0 ? `It has no Pods now.` : `${count(pods.length, 'Pod')} ${pods.length === 1 ? 'stops' : 'stop'} now${answering}.` },
    ...(jobs > 0 ? [{ mark: 'leaving', text: `${count(jobs, 'Job')} of it ${jobs === 1 ? 'goes' : 'go'} with it.` } as const] : []),
    ...(claims.length > 0 ? [{ mark: 'finished', text: `${count(claims.length, 'volume claim')} ${claims.length === 1 ? 'stays' : 'stay'}, with ${claims.length === 1 ? 'its' : 'their'} data: ${names(claims)}.` } as const] : []),
    ...(sets > 0 ? [{ mark: 'leaving', text: `${count(sets, 'revision')} ${sets === 1 ? 'goes' : 'go'} with it.` } as const] : []),
    ...(kept.length > 0 ? [{ mark: 'finished', text: `${listInWords([...new Set(kept)])} ${new Set(kept).size === 1 ? 'stays' : 'stay'}.` } as const] : []),
  ]
}

function podLines(world: World, pod: KubeObject): ConfirmLine[] {
  const owner = controllerOf(pod.metadata)
  const services = silenced(world, pod.metadata.namespace, pod.metadata.labels, new Set([pod.metadata.uid]))
  const stops: ConfirmLine = { mark: 'leaving', text: `It stops now${services.length === 0 ? '' : `; until another Pod is ready, ${names(services)} ${services.length === 1 ? 'does' : 'do'} not answer`}.` }
  if (owner) return [stops, { mark: 'planned', text: `${owner.kind} ${owner.name} starts another in its place at once.` }]
  return [stops, { mark: 'degraded', text: 'No controller owns it: nothing brings it back, and its files go with it.' }]
}

function configLines(world: World, object: KubeObject): ConfirmLine[] {
  const readers = readersOf(world, object)
  if (readers.length === 0) return [{ mark: 'finished', text: 'No Pod reads it.' }]
  return [{ mark: 'degraded', text: `${count(readers.length, 'Pod')} ${readers.length === 1 ? 'reads' : 'read'} it: ${names(readers)}. They go on, but new ones cannot start without it.` }]
}

function serviceLines(world: World, object: KubeObject): ConfirmLine[] {
  const pods = podsOf(world, object)
  const spec = (object['spec'] ?? {}) as { ports?: { port: number }[] }
  const ports = (spec.ports ?? []).map((p) => p.port)
  return [
    { mark: 'leaving', text: `${object.metadata.name}${ports.length === 0 ? '' : `:${ports.join(', ')}`} stops answering; its name and address are free again.` },
    ...(pods.length > 0 ? [{ mark: 'finished', text: `${count(pods.length, 'Pod')} behind it ${pods.length === 1 ? 'stays' : 'stay'}.` } as const] : []),
  ]
}

function namespaceLines(world: World, object: KubeObject): ConfirmLine[] {
  const name = object.metadata.name
  const inside = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Pod', 'Service', 'Ingress', 'PersistentVolumeClaim', 'ConfigMap', 'Secret'].map((kind) => [kind, world.list(kind, name).filter((o) => o.metadata.name !== 'kube-root-ca.crt').length] as const).filter(([, n]) => n > 0)
  return [
    { mark: 'leaving', text: inside.length === 0 ? 'It is empty.' : `Everything in it goes: ${listInWords(inside.map(([kind, n]) => count(n, kind)))}.` },
    ...(world.list('PersistentVolumeClaim', name).some((claim) => dataLost(world, claim) !== undefined) ? [{ mark: 'failing', text: 'The data of its volumes goes with it. That is final.' } as const] : []),
    { mark: 'degraded', text: 'A namespace and what was in it do not come back in one step: undo restores one object at a time.' },
  ]
}

function linesFor(world: World, object: KubeObject): ConfirmLine[] {
  switch (object.kind) {
    case 'Deployment': case 'StatefulSet': case 'DaemonSet': case 'ReplicationController': case 'Job': case 'CronJob': return workloadLines(world, object)
    case 'ReplicaSet': {
      const owner = controllerOf(object.metadata)
      const wanted = (object['spec'] as { replicas?: number } | undefined)?.replicas ?? 0
      if (!owner) return workloadLines(world, object)
      return wanted === 0
        ? [{ mark: 'leaving', text: `Revision ${object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? ''} is forgotten: ${owner.name} cannot roll back to it.` }]
        : [...workloadLines(world, object), { mark: 'planned', text: `${owner.kind} ${owner.name} makes it again at once.` }]
    }
    case 'Pod': return podLines(world, object)
    case 'Service': return serviceLines(world, object)
    case 'ConfigMap': case 'Secret': return configLines(world, object)
    case 'Namespace': return namespaceLines(world, object)
    case 'Node': return [{ mark: 'leaving', text: 'The machine leaves the list; Pods on it are given up. Its node agent may report it again.' }]
    default: return storageLines(world, object) ?? [{ mark: 'leaving', text: `${object.kind} ${object.metadata.name} goes.` }]
  }
}

/** Namespaces that hold the cluster together, and what the server refuses to delete. */
export const canDelete = (object: KubeObject): boolean =>
  object.metadata.deletionTimestamp === undefined &&
  !(object.kind === 'Namespace' && ['default', 'kube-system', 'kube-public', 'kube-node-lease'].includes(object.metadata.name))

const isKept = (object: KubeObject) => object.kind !== 'Pod' && object.kind !== 'Namespace' && object.kind !== 'Node'

export function deletePlan(world: World, objects: readonly KubeObject[]): ActionPlan {
  const [first] = objects
  if (objects.length === 1 && first) {
    const ref = refOf(first)
    const name = first.kind === 'Pod' ? shortName(first) : first.metadata.name
    return {
      calls: [{ call: 'delete', arg: { ref, propagationPolicy: 'Background', say: `deleted ${first.kind} ${name}` } }],
      done: `${name} deleted`,
      kubectl: `kubectl delete ${kubectlName(ref)}${nsFlag(ref)}`,
      confirm: {
        title: `Delete ${name}?`,
        lines: [...linesFor(world, first), ...(isKept(first) && storageLines(world, first) === undefined ? [{ mark: 'returns', text: 'Undo writes it again as it is now.' } as const] : [])],
        verb: `Delete ${name}${dataLost(world, first) === undefined ? '' : ' and its data'}`, keep: 'Keep it', danger: true,
      },
    }
  }
  const kind = first !== undefined && objects.every((o) => o.kind === first.kind) ? first.kind : 'object'
  const pods = new Map(objects.flatMap((o) => (o.kind === 'Pod' || isWorkload(o.kind) ? podsOf(world, o) : [])).map((p) => [p.metadata.uid, p]))
  const services = new Set(world.list('Service').filter((service) => {
    const selector = (service['spec'] as { selector?: Record<string, string> } | undefined)?.selector
    if (!selector || !objects.some((o) => selects({ matchLabels: selector }, o.kind === 'Pod' ? o.metadata.labels : templateLabels(o)) && o.metadata.namespace === service.metadata.namespace)) return false
    return !podsOf(world, service).some((pod) => isReady(pod) && !pods.has(pod.metadata.uid))
  }).map((s) => s.metadata.name))
  const lost = objects.filter((one) => dataLost(world, one) !== undefined)
  return {
    calls: objects.map((o) => ({ call: 'delete', arg: { ref: refOf(o), propagationPolicy: 'Background', say: `deleted ${o.kind} ${o.metadata.name}` } })),
    done: `${count(objects.length, kind)} deleted`,
    kubectl: objects.length === 0 ? '' : `kubectl delete ${objects.slice(0, 6).map((o) => kubectlName(refOf(o))).join(' ')}${objects.length > 6 ? ' …' : ''}${nsFlag(refOf(first!))}`,
    tolerant: true,
    confirm: {
      title: `Delete ${count(objects.length, kind)}?`,
      lines: [
        { mark: 'leaving', text: `${names(objects, 6)}.` },
        ...(pods.size > 0 ? [{ mark: 'leaving', text: `${count(pods.size, 'Pod')} ${pods.size === 1 ? 'stops' : 'stop'} now${services.size === 0 ? '' : `, ${listInWords([...services])} ${services.size === 1 ? 'stops' : 'stop'} answering`}.` } as const] : []),
        ...(lost.length > 0 ? [{ mark: 'failing', text: `${count(lost.length, 'volume')} ${lost.length === 1 ? 'goes' : 'go'} with all data. That is final: undo does not bring it back.` } as const] : []),
        ...(objects.some(isKept) ? [{ mark: 'returns', text: 'Each can be undone in Changes, one at a time.' } as const] : []),
      ],
      verb: `Delete ${count(objects.length, kind)}`, keep: 'Keep them', danger: true,
    },
  }
}
