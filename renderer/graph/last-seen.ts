/** A model while the window is cut off: the words as they were, every mark a dashed square, because nobody knows. Pure. */
import type { StateWords } from '../../core/api/state/words.ts'
import type { EmblemState } from '../ui/emblem-shapes.ts'
import type { AppModel } from './model.ts'

const unknown = <T extends StateWords>(state: T): T => ({ ...state, mark: state.mark === 'finished' ? 'finished' : 'unreachable' })
const unknownEmblem = (emblem: EmblemState): EmblemState =>
  ({ core: emblem.core, mark: 'unreachable', outer: emblem.outer.map(() => 'unreachable'), inner: emblem.inner.map(() => 'unreachable') })

export const lastSeen = (app: AppModel): AppModel => ({
  ...app, state: unknown(app.state), emblem: unknownEmblem(app.emblem), left: undefined, progress: undefined, ticking: false,
  services: app.services.map((service) => ({ ...service, state: unknown(service.state) })),
  workloads: app.workloads.map((workload) => ({
    ...workload, state: unknown(workload.state), emblem: unknownEmblem(workload.emblem),
    needs: workload.needs.map((need) => (need.state ? { ...need, state: unknown(need.state) } : need)),
    podClaims: new Map([...workload.podClaims].map(([pod, claims]) => [pod, claims.map((claim) => ({ ...claim, state: unknown(claim.state) }))])),
    keepers: workload.keepers.map((keeper) => ({ ...keeper, state: unknown(keeper.state) })),
    sets: workload.sets.map((set) => ({ ...set, state: unknown(set.state), pods: set.pods.map((pod) => ({ ...pod, state: unknown(pod.state) })) })),
  })),
})
