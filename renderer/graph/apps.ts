/**
 * Which objects make an app: by `app.kubernetes.io/instance`, else `…/name`, else `app`, else what hangs together by
 * Services. Config that several apps read never joins them; it appears in each. Pure; objects are looked up by index.
 */
import type { KubeObject } from '../../core/api/meta.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { Job } from '../../core/api/types/batch.ts'
import type { PersistentVolumeClaim, Service } from '../../core/api/types/core.ts'
import type { Ingress } from '../../core/api/types/networking.ts'
import { keepersIn, keeps, type Keeper } from './keepers.ts'
import { looseClaims } from './storage.ts'
import { servicesOf } from './ways.ts'
import { isComplete, rootsOf, templateOf, type Workload } from './workloads.ts'

export interface App {
  /** `namespace/name`: stable, so that its place on the graph is. */
  key: string
  name: string
  namespace: string
  /** By name. */
  workloads: readonly Workload[]
  services: readonly Service[]
  /** Autoscalers and budgets of its workloads. */
  keepers: readonly Keeper[]
  /** Those that lead to one of its Services; an Ingress of several apps is in each. */
  ingresses: readonly Ingress[]
  /** Claims on storage that nothing uses. */
  claims: readonly PersistentVolumeClaim[]
}

/** So many Jobs of one name space end without a label before the older of them share a box. */
const finishedAlone = 3

const appLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app'] as const

export const labelOf = (labels: Readonly<Record<string, string>> | undefined): string | undefined => {
  for (const key of appLabels) if (labels?.[key]) return labels[key]
  return undefined
}

export const selectedBy = (selector: Readonly<Record<string, string>> | undefined, labels: Readonly<Record<string, string>>): boolean => {
  const wanted = Object.entries(selector ?? {})
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

/** The API server's own Service is the cluster, not an app on it. */
const isClusterItself = (service: Service): boolean => service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes'

export function groupApps(view: StateView): App[] {
  const workloads = rootsOf(view)
  const apps = new Map<string, { name: string; namespace: string; workloads: Workload[]; services: Service[]; ingresses: Ingress[]; claims: PersistentVolumeClaim[] }>()
  const appOf = (namespace: string, name: string) => {
    const key = `${namespace}/${name}`
    let app = apps.get(key)
    if (!app) apps.set(key, (app = { name, namespace, workloads: [], services: [], ingresses: [], claims: [] }))
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
  const shared = finishedTogether(workloads.filter((workload) => !keyOf.has(workload.metadata.uid)))
  for (const workload of workloads) {
    if (shared.has(workload)) appOf(workload.metadata.namespace ?? '', 'finished Jobs').workloads.push(workload)
    else appOf(workload.metadata.namespace ?? '', keyOf.get(workload.metadata.uid) ?? workload.metadata.name).workloads.push(workload)
  }
  for (const service of services) appOf(service.metadata.namespace ?? '', serviceApp.get(service.metadata.uid)!).services.push(service)
  for (const ingress of [...view.list<Ingress>('Ingress')].sort(byName)) {
    const namespace = ingress.metadata.namespace ?? ''
    const names = new Set(servicesOf(ingress).flatMap((name) => serviceApp.get(view.get<Service>('Service', namespace, name)?.metadata.uid ?? '') ?? []))
    if (names.size === 0) names.add(labelOf(ingress.metadata.labels) ?? ingress.metadata.name)
    for (const name of names) appOf(namespace, name).ingresses.push(ingress)
  }
  for (const claim of looseClaims(view, workloads).sort(byName)) appOf(claim.metadata.namespace ?? '', labelOf(claim.metadata.labels) ?? claim.metadata.name).claims.push(claim)
  const keepers = keepersIn(view)
  return [...apps.entries()]
    .map(([key, app]) => ({
      key, ...app, workloads: app.workloads.sort(byName), services: app.services.sort(byName), keepers: keepers.filter((keeper) => app.workloads.some((workload) => keeps(keeper, workload))).sort(byName),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Complete Jobs that belong to nothing, but for the newest of each namespace: they would be a box each, for ever. */
function finishedTogether(alone: readonly Workload[]): ReadonlySet<Workload> {
  const byNamespace = new Map<string, Job[]>()
  for (const workload of alone) {
    if (workload.kind !== 'Job' || !isComplete(workload)) continue
    const list = byNamespace.get(workload.metadata.namespace ?? '')
    if (list) list.push(workload)
    else byNamespace.set(workload.metadata.namespace ?? '', [workload])
  }
  return new Set([...byNamespace.values()].flatMap((jobs) => jobs.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1)).slice(finishedAlone)))
}

const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
