/**
 * How views and actions read the cluster's present state: by name and by kind, nothing more. The window's collections
 * implement it; tests hand in plain arrays. Relations (who owns, who selects) are worked out from it here, by rules the
 * API server itself uses (labels, owner references, names in the Pod's spec). Pure.
 */
import { controllerOf, refKey, type KubeObject, type Ref } from '../../core/api/meta.ts'

export interface World {
  get(ref: Ref): KubeObject | undefined
  list(kind: string, namespace?: string): readonly KubeObject[]
}

export const worldOf = (objects: readonly KubeObject[]): World => {
  const byKey = new Map(objects.map((o) => [refKey({ kind: o.kind, name: o.metadata.name, ...(o.metadata.namespace === undefined ? {} : { namespace: o.metadata.namespace }) }), o]))
  return {
    get: (ref) => byKey.get(refKey(ref)),
    list: (kind, namespace) => objects.filter((o) => o.kind === kind && (namespace === undefined || o.metadata.namespace === namespace)),
  }
}

export interface LabelSelector { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] }

export function selects(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): boolean {
  if (!selector) return false
  const has = labels ?? {}
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (has[key] !== value) return false
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = has[key]
    if (operator === 'In' && (value === undefined || !values.includes(value))) return false
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false
    if (operator === 'Exists' && value === undefined) return false
    if (operator === 'DoesNotExist' && value !== undefined) return false
  }
  return true
}

const ns = (object: KubeObject): string | undefined => object.metadata.namespace

/** Children by controller reference. */
export const ownedBy = (world: World, owner: KubeObject, kind: string): KubeObject[] =>
  world.list(kind, ns(owner)).filter((o) => o.metadata.ownerReferences?.some((r) => r.uid === owner.metadata.uid))

export const replicaSetsOf = (world: World, deployment: KubeObject): KubeObject[] =>
  ownedBy(world, deployment, 'ReplicaSet').toSorted((a, b) => revisionOf(b) - revisionOf(a))

export const revisionOf = (object: KubeObject): number => Number(object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)

/** The Pods an object stands for: itself, its workload's, its selector's, or those a machine carries. */
export function podsOf(world: World, object: KubeObject): KubeObject[] {
  switch (object.kind) {
    case 'Pod': return [object]
    case 'Deployment': {
      const sets = new Set(replicaSetsOf(world, object).map((rs) => rs.metadata.uid))
      return world.list('Pod', ns(object)).filter((pod) => { const owner = controllerOf(pod.metadata); return owner !== undefined && sets.has(owner.uid) })
    }
    case 'Service': {
      const selector = (object['spec'] as { selector?: Record<string, string> } | undefined)?.selector
      return selector === undefined || Object.keys(selector).length === 0 ? [] : world.list('Pod', ns(object)).filter((pod) => selects({ matchLabels: selector }, pod.metadata.labels))
    }
    case 'CronJob': return ownedBy(world, object, 'Job').flatMap((job) => ownedBy(world, job, 'Pod'))
    case 'HorizontalPodAutoscaler': {
      const target = scaleTargetOf(world, object)
      return target ? podsOf(world, target) : []
    }
    case 'PodDisruptionBudget': return world.list('Pod', ns(object)).filter((pod) => selects((object['spec'] as { selector?: LabelSelector } | undefined)?.selector, pod.metadata.labels))
    case 'Node': return world.list('Pod').filter((pod) => (pod['spec'] as { nodeName?: string } | undefined)?.nodeName === object.metadata.name)
    case 'Namespace': return [...world.list('Pod', object.metadata.name)]
    default: return ownedBy(world, object, 'Pod')
  }
}

/** Pods that name a PriorityClass or a RuntimeClass. */
export const podsOfClass = (world: World, field: 'priorityClassName' | 'runtimeClassName', { metadata }: { metadata: { name: string } }): KubeObject[] =>
  world.list('Pod').filter((pod) => (pod['spec'] as Partial<Record<typeof field, string>> | undefined)?.[field] === metadata.name)

/** What an autoscaler scales, where it is there. */
export function scaleTargetOf(world: World, autoscaler: KubeObject): KubeObject | undefined {
  const target = (autoscaler['spec'] as { scaleTargetRef?: { kind: string; name: string } } | undefined)?.scaleTargetRef
  return target && world.get({ kind: target.kind, name: target.name, ...(autoscaler.metadata.namespace === undefined ? {} : { namespace: autoscaler.metadata.namespace }) })
}

/** Claims that a StatefulSet made for its Pods: `<template>-<set>-<ordinal>`, kept or not. */
export function claimsOf(world: World, set: KubeObject): KubeObject[] {
  const templates = ((set['spec'] as { volumeClaimTemplates?: { metadata?: { name?: string } }[] } | undefined)?.volumeClaimTemplates ?? []).map((one) => `${one.metadata?.name ?? ''}-${set.metadata.name}-`)
  return world.list('PersistentVolumeClaim', ns(set)).filter((claim) => templates.some((start) => claim.metadata.name.startsWith(start) && /^\d+$/.test(claim.metadata.name.slice(start.length))))
}

/** Services whose selector takes Pods with these labels. */
export const servicesFor = (world: World, namespace: string | undefined, labels: Record<string, string> | undefined): KubeObject[] =>
  world.list('Service', namespace).filter((service) => {
    const selector = (service['spec'] as { selector?: Record<string, string> } | undefined)?.selector
    return selector !== undefined && Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels)
  })

interface TemplateShape { metadata?: { labels?: Record<string, string> }; spec?: unknown }
/** The Pod template of a workload; of a CronJob, that of its Jobs. */
export function templateIn(workload: KubeObject): TemplateShape | undefined {
  const spec = workload['spec'] as { template?: TemplateShape; jobTemplate?: { spec?: { template?: TemplateShape } } } | undefined
  return spec?.template ?? spec?.jobTemplate?.spec?.template
}
export const templateLabels = (workload: KubeObject): Record<string, string> | undefined => templateIn(workload)?.metadata?.labels

/** The topmost controller that is here: Pod → ReplicaSet → Deployment. */
export function workloadOf(world: World, object: KubeObject): KubeObject {
  const owner = controllerOf(object.metadata)
  if (!owner) return object
  const above = world.get({ kind: owner.kind, name: owner.name, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) })
  return above && above.metadata.uid === owner.uid ? workloadOf(world, above) : object
}

interface VolumeShape { configMap?: { name?: string }; secret?: { secretName?: string }; projected?: { sources?: { configMap?: { name?: string }; secret?: { name?: string } }[] } }
interface EnvShape { envFrom?: { configMapRef?: { name?: string }; secretRef?: { name?: string } }[]; env?: { valueFrom?: { configMapKeyRef?: { name?: string }; secretKeyRef?: { name?: string } } }[] }

/** ConfigMaps and Secrets a Pod spec reads, as files or environment. */
export function configOf(spec: unknown, namespace: string | undefined): Ref[] {
  const shape = (spec ?? {}) as { volumes?: VolumeShape[]; containers?: EnvShape[]; initContainers?: EnvShape[]; imagePullSecrets?: { name?: string }[] }
  const found = new Map<string, Ref>()
  const add = (kind: string, name: string | undefined) => {
    if (name === undefined || name === 'kube-root-ca.crt') return
    const ref = { kind, name, ...(namespace === undefined ? {} : { namespace }) }
    found.set(refKey(ref), ref)
  }
  for (const volume of shape.volumes ?? []) {
    add('ConfigMap', volume.configMap?.name)
    add('Secret', volume.secret?.secretName)
    for (const source of volume.projected?.sources ?? []) { add('ConfigMap', source.configMap?.name); add('Secret', source.secret?.name) }
  }
  for (const container of [...(shape.containers ?? []), ...(shape.initContainers ?? [])]) {
    for (const from of container.envFrom ?? []) { add('ConfigMap', from.configMapRef?.name); add('Secret', from.secretRef?.name) }
    for (const variable of container.env ?? []) { add('ConfigMap', variable.valueFrom?.configMapKeyRef?.name); add('Secret', variable.valueFrom?.secretKeyRef?.name) }
  }
  for (const secret of shape.imagePullSecrets ?? []) add('Secret', secret.name)
  return [...found.values()]
}

/** Pods that read this ConfigMap or Secret. */
export const readersOf = (world: World, object: KubeObject): KubeObject[] =>
  world.list('Pod', ns(object)).filter((pod) => configOf(pod['spec'], ns(pod)).some((ref) => ref.kind === object.kind && ref.name === object.metadata.name))

export const isReady = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  ((pod['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True')

/** A Pod among those of others: "web s68tz", and "db-1" where its name tells of what it is. */
export function podTitle(world: World, pod: KubeObject): string {
  const top = workloadOf(world, pod)
  const own = shortName(pod)
  return top === pod || own.startsWith(top.metadata.name) ? own : `${top.metadata.name} ${own}`
}

/** "nginx-deployment-5c8d7f9b64-p9x4k" → "p9x4k" where a controller made it. */
export const shortName = (object: KubeObject): string =>
  object.kind === 'Pod' && controllerOf(object.metadata)?.kind === 'ReplicaSet' ? (object.metadata.name.split('-').at(-1) ?? object.metadata.name) : object.metadata.name
