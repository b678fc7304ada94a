/**
 * Which objects make an app: by `app.kubernetes.io/instance`, else `…/name`, else `app`, else what hangs together by
 * Services. Config that several apps read never joins them; it appears in each. Pure; objects are looked up by index.
 */
import type { KubeObject } from '../../core/api/meta.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Pod, PodSpec, Service } from '../../core/api/types/core.ts'

export type Workload = Deployment | ReplicaSet | Pod

export interface App {
  /** `namespace/name`: stable, so that its place on the graph is. */
  key: string
  name: string
  namespace: string
  /** By name. */
  workloads: readonly Workload[]
  services: readonly Service[]
}

const appLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'] as const

export const labelOf = (labels: Readonly<Record<string, string>> | undefined): string | undefined => {
  for (const key of appLabels) if (labels?.[key]) return labels[key]
  return undefined
}

export const templateOf = (workload: Workload): { labels: Readonly<Record<string, string>>; spec: PodSpec | undefined } =>
  workload.kind === 'Pod'
    ? { labels: workload.metadata.labels ?? {}, spec: workload.spec }
    : { labels: workload.spec.template.metadata?.labels ?? {}, spec: workload.spec.template.spec }

const hasController = (object: KubeObject): boolean => object.metadata.ownerReferences?.some((owner) => owner.controller) === true

export const selectedBy = (selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean => {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

/** The API server's own Service is the cluster, not an app on it. */
const isClusterItself = (service: Service): boolean => service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes'

export function groupApps(view: StateView): App[] {
  const workloads: Workload[] = [
    ...view.list<Deployment>('Deployment'),
    ...view.list<ReplicaSet>('ReplicaSet').filter((set) => !hasController(set)),
    ...view.list<Pod>('Pod').filter((pod) => !hasController(pod)),
  ]
  const apps = new Map<string, { name: string; namespace: string; workloads: Workload[]; services: Service[] }>()
  const appOf = (namespace: string, name: string) => {
    const key = `${namespace}/${name}`
    let app = apps.get(key)
    if (!app) apps.set(key, (app = { name, namespace, workloads: [], services: [] }))
    return app
  }
  const keyOf = new Map<string, string>()
  const byNamespace = new Map<string, Workload[]>()
  for (const workload of workloads) {
    const namespace = workload.metadata.namespace ?? ''
    const label = labelOf(workload.metadata.labels) ?? labelOf(templateOf(workload).labels)
    if (label !== undefined) keyOf.set(workload.metadata.uid, label)
    const list = byNamespace.get(namespace)
    if (list) list.push(workload)
    else byNamespace.set(namespace, [workload])
  }
  const services = [...view.list<Service>('Service')].filter((service) => !isClusterItself(service)).sort(byName)
  /** A Service without a label of its own joins what it sends to, and so joins unlabelled workloads with each other. */
  const serviceApp = new Map<string, string>()
  for (const service of services) {
    const namespace = service.metadata.namespace ?? ''
    const targets = (byNamespace.get(namespace) ?? []).filter((workload) => selectedBy(service.spec?.selector, templateOf(workload).labels)).sort(byName)
    const label = labelOf(service.metadata.labels)
    const labelled = label !== undefined && (byNamespace.get(namespace) ?? []).some((workload) => keyOf.get(workload.metadata.uid) === label)
    const first = targets.find((workload) => keyOf.has(workload.metadata.uid)) ?? targets[0]
    const name = labelled ? label : first ? (keyOf.get(first.metadata.uid) ?? first.metadata.name) : (label ?? service.metadata.name)
    serviceApp.set(service.metadata.uid, name)
    for (const workload of targets) if (!keyOf.has(workload.metadata.uid)) keyOf.set(workload.metadata.uid, name)
  }
  for (const workload of workloads) {
    appOf(workload.metadata.namespace ?? '', keyOf.get(workload.metadata.uid) ?? workload.metadata.name).workloads.push(workload)
  }
  for (const service of services) appOf(service.metadata.namespace ?? '', serviceApp.get(service.metadata.uid)!).services.push(service)
  return [...apps.entries()]
    .map(([key, app]) => ({ key, ...app, workloads: app.workloads.sort(byName), services: app.services.sort(byName) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
