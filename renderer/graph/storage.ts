/**
 * Claims on storage as the graph shows them: those a workload shares below it, those of each Pod (a StatefulSet's, an
 * ephemeral volume's) below that Pod, those nobody uses beside the rest. Pure.
 */
import { refOf, type Ref } from '../../core/api/meta.ts'
import { bytes, quantityValue } from '../../core/api/state/sentences.ts'
import { stateOf } from '../../core/api/state/state-of.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { StateWords } from '../../core/api/state/words.ts'
import { worse } from '../../core/api/state/workload-state.ts'
import { podClaims } from '../../core/api/storage/pod-claims.ts'
import type { PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import { partsOf, templateOf, type Workload } from './workloads.ts'

export interface ClaimView {
  id: string
  ref: Ref
  /** The volume's name in its Pod where the claim is one Pod's own, else the claim's. */
  name: string
  /** Its size; what keeps it, where something does. */
  detail: string
  state: StateWords
}

const kind = 'PersistentVolumeClaim'

/** Names of the claims that all Pods of a workload share. */
const sharedNames = (workload: Workload): string[] => (templateOf(workload).spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? [])

function viewOf(namespace: string | undefined, claim: string, shown: string, owner: string, absent: StateWords, view: StateView, now: number): ClaimView {
  const found = view.get<PersistentVolumeClaim>(kind, namespace, claim)
  const state = found ? stateOf(found, view, now) : absent
  const ref: Ref = found ? refOf(found) : { kind, ...(namespace === undefined ? {} : { namespace }), name: claim }
  return { id: `${owner}/${kind}/${claim}`, ref, name: shown, detail: state.mark === 'ready' && found ? sizeOf(found) : state.say, state }
}

const sizeOf = ({ spec, status }: PersistentVolumeClaim): string => bytes(quantityValue(status?.capacity?.['storage'] ?? spec.resources?.requests?.['storage']))

export const sharedClaims = (workload: Workload, view: StateView, now: number): ClaimView[] =>
  [...new Set(sharedNames(workload))].map((name) => viewOf(workload.metadata.namespace, name, name, workload.metadata.uid, { mark: 'failing', say: 'is missing' }, view, now))

/** Each Pod's own, by the Pod's uid. */
export function ownClaims(workload: Workload, pods: readonly { id: string; ref: Ref }[], view: StateView, now: number): ReadonlyMap<string, readonly ClaimView[]> {
  const found = new Map<string, readonly ClaimView[]>()
  const shared = new Set(sharedNames(workload))
  for (const { id, ref } of pods) {
    const pod = view.get<Pod>('Pod', ref.namespace, ref.name)
    const own = pod?.spec.volumes === undefined ? [] : podClaims(pod).filter(({ claim }) => !shared.has(claim))
    if (own.length > 0) found.set(id, own.map(({ claim, volume }) => viewOf(ref.namespace, claim, volume, id, { mark: 'waiting', say: 'not made yet' }, view, now)))
  }
  return found
}

/** The Pods' own claims in one a volume, for forms without Pods: "data, 3 × 8 GiB". The worst speaks. */
export function summedClaims(workload: string, own: ReadonlyMap<string, readonly ClaimView[]>): ClaimView[] {
  const byVolume = new Map<string, ClaimView[]>()
  for (const claim of [...own.values()].flat()) {
    const list = byVolume.get(claim.name)
    if (list) list.push(claim)
    else byVolume.set(claim.name, [claim])
  }
  return [...byVolume].map(([name, claims]) => {
    const worst = claims.reduce((a, b) => (worse(a.state.mark, b.state.mark) > 0 ? b : a))
    return { ...worst, id: `${workload}/claims/${name}`, name, detail: claims.length > 1 && worst.state.mark === 'ready' ? `${claims.length} × ${worst.detail}` : worst.detail }
  })
}

/** Claims that no Pod and no workload uses, such as those a StatefulSet left behind. */
export function looseClaims(view: StateView, workloads: readonly Workload[]): PersistentVolumeClaim[] {
  const all = view.list<PersistentVolumeClaim>(kind)
  if (all.length === 0) return []
  const used = new Set<string>()
  for (const workload of workloads) for (const name of sharedNames(workload)) used.add(`${workload.metadata.namespace ?? ''}/${name}`)
  for (const pod of view.list<Pod>('Pod')) if (pod.spec.volumes) for (const { claim } of podClaims(pod)) used.add(`${pod.metadata.namespace ?? ''}/${claim}`)
  return all.filter(({ metadata }) => !used.has(`${metadata.namespace ?? ''}/${metadata.name}`))
}

export const looseView = (claim: PersistentVolumeClaim, view: StateView, now: number): ClaimView => {
  const one = viewOf(claim.metadata.namespace, claim.metadata.name, claim.metadata.name, 'loose', { mark: 'leaving', say: 'is gone' }, view, now)
  return one.state.mark === 'ready' ? { ...one, id: claim.metadata.uid, detail: `${one.detail}, not in use` } : { ...one, id: claim.metadata.uid }
}

/** What the words of a workload's claims rest on. */
export function* claimsBehind(workload: Workload, view: StateView): Iterable<PersistentVolumeClaim> {
  if (view.list(kind).length === 0) return
  const names = new Set(sharedNames(workload))
  for (const part of partsOf(workload, view)) if (part.kind === 'Pod' && (part as Pod).spec.volumes) for (const { claim } of podClaims(part as Pod)) names.add(claim)
  for (const name of names) {
    const claim = view.get<PersistentVolumeClaim>(kind, workload.metadata.namespace, name)
    if (claim) yield claim
  }
}
