/** Keeps an app's model until one of its parts changes: 1,000 Pods cost nothing while they stand still. */
import type { StateView } from '../../core/api/state/view.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Node, PersistentVolumeClaim } from '../../core/api/types/core.ts'
import type { App } from './apps.ts'
import { modelOf, type AppModel, type OpenWay } from './model.ts'
import type { PullWords } from './sets.ts'
import { claimsBehind } from './storage.ts'
import { partsOf } from './workloads.ts'

export class ModelMemo {
  readonly #kept = new Map<string, { stamp: string; second: number; model: AppModel }>()

  /** Models in the order of `apps`; those that did not change are the same objects as before. */
  models(apps: readonly App[], view: StateView, now: number, opened: readonly OpenWay[], pulls: PullWords = new Map()): AppModel[] {
    const second = Math.floor(now / 1000)
    const shared = `${machines(view)}#${classes(view)}#${opened.map((way) => `${way.ref.name}${way.url}`).join()}#${[...pulls].join()}`
    const seen = new Set<string>()
    const models = apps.map((app) => {
      seen.add(app.key)
      const stamp = `${stampOf(app, view)}#${shared}`
      const kept = this.#kept.get(app.key)
      if (kept && kept.stamp === stamp && (!kept.model.ticking || kept.second === second)) return kept.model
      const model = modelOf(app, view, now, opened, pulls)
      this.#kept.set(app.key, { stamp, second, model })
      return model
    })
    for (const key of this.#kept.keys()) if (!seen.has(key)) this.#kept.delete(key)
    return models
  }
}

/** Only what of a machine changes a Pod's words; heartbeats and fill levels do not. */
const machines = (view: StateView): string =>
  view.list<Node>('Node').map((node) => `${node.metadata.name}${node.status?.conditions?.find((c) => c.type === 'Ready')?.status ?? ''}${node.spec?.unschedulable ? '!' : ''}`).join()

/** What claims and Ingresses hope for. */
const classes = (view: StateView): string =>
  ['StorageClass', 'IngressClass'].flatMap((kind) => view.list(kind).map(({ metadata }) => `${metadata.name}${metadata.resourceVersion}`)).join()

function stampOf(app: App, view: StateView): string {
  const parts: string[] = []
  /** Pods of other apps behind a Service show in its slices. */
  const add = (object: KubeObject) => parts.push(object.metadata.uid.slice(0, 8), object.metadata.resourceVersion)
  /** A claim that waits says so of its volume. */
  const addClaim = (claim: PersistentVolumeClaim) => {
    add(claim)
    const volume = claim.status?.phase === 'Bound' ? undefined : view.get('PersistentVolume', undefined, claim.spec.volumeName ?? '')
    if (volume) add(volume)
  }
  for (const workload of app.workloads) {
    for (const part of partsOf(workload, view)) add(part)
    for (const claim of claimsBehind(workload, view)) addClaim(claim)
  }
  for (const claim of app.claims) addClaim(claim)
  for (const ingress of app.ingresses) add(ingress)
  for (const keeper of app.keepers) add(keeper)
  for (const service of app.services) {
    add(service)
    for (const slice of view.labelled('EndpointSlice', service.metadata.namespace ?? '', { 'kubernetes.io/service-name': service.metadata.name })) add(slice)
  }
  return parts.join('.')
}
