/** The apps of the cluster as everything shows them: made once, read by graph, outline, top bar and feed. */
import { createContext } from 'svelte'
import type { Mark } from '../../core/api/state/words.ts'
import { refKey, type Ref } from '../../core/api/meta.ts'
import type { Cluster } from '../cluster/cluster.svelte.ts'
import { groupApps } from '../graph/apps.ts'
import { lastSeen } from '../graph/last-seen.ts'
import { ModelMemo } from '../graph/memo.ts'
import type { AppModel } from '../graph/model.ts'

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)

export class AppModels {
  readonly #cluster: Cluster
  readonly #memo = new ModelMemo()
  #last: readonly AppModel[] = []
  readonly #groups = $derived.by(() => {
    const view = this.#cluster.snapshot
    return groupApps(view)
  })
  readonly #pulls = $derived.by(() => {
    const words = new Map<string, string>()
    for (const pull of this.#cluster.pulls) {
      if (pull.phase === 'failed') continue
      const say = pull.phase === 'extracting' ? 'unpacking the image' : pull.totalBytes > 0 ? `pulling ${megabytes(pull.doneBytes)} of ${megabytes(pull.totalBytes)} MB` : 'pulling the image'
      for (const pod of pull.pods) words.set(`${pod.namespace ?? ''}/${pod.name}`, say)
    }
    return words
  })
  /** By key; the same array, and the same models in it, until something changed. */
  readonly all: readonly AppModel[] = $derived.by(() => (this.#cluster.phase === 'stale' ? this.#known.map(lastSeen) : this.#known))
  readonly #known: readonly AppModel[] = $derived.by(() => {
    const models = this.#memo.models(this.#groups, this.#cluster.snapshot, this.#cluster.now, this.#cluster.ports, this.#pulls)
    if (models.length === this.#last.length && models.every((model, i) => model === this.#last[i])) return this.#last
    return (this.#last = models)
  })
  readonly counts: Readonly<Record<Mark, number>> = $derived.by(() => {
    const counts: Record<Mark, number> = { ready: 0, moving: 0, waiting: 0, degraded: 0, failing: 0, leaving: 0, unreachable: 0, finished: 0, planned: 0 }
    for (const app of this.#known) counts[app.state.mark]++
    return counts
  })
  /** Which app an object belongs to, by uid and by ref. */
  readonly appOf: ReadonlyMap<string, AppModel> = $derived.by(() => {
    const index = new Map<string, AppModel>()
    const add = (ref: Ref, app: AppModel) => {
      if (ref.uid !== undefined) index.set(ref.uid, app)
      index.set(refKey(ref), app)
    }
    for (const app of this.all) {
      for (const service of app.services) add(service.ref, app)
      for (const way of [...app.services.flatMap((service) => service.ways), ...app.loose.ways]) if (way.ref && !index.has(refKey(way.ref))) add(way.ref, app)
      for (const claim of app.loose.claims) add(claim.ref, app)
      for (const workload of app.workloads) {
        add(workload.ref, app)
        for (const need of workload.needs) if (need.ref && !index.has(refKey(need.ref))) index.set(refKey(need.ref), app)
        for (const keeper of workload.keepers) add(keeper.ref, app)
        for (const claims of workload.podClaims.values()) for (const claim of claims) add(claim.ref, app)
        for (const set of workload.sets) {
          add(set.ref, app)
          for (const pod of set.pods) add(pod.ref, app)
        }
      }
    }
    return index
  })

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }
}

export const [getApps, setApps] = createContext<AppModels>()
