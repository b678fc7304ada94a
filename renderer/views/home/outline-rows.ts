/** The graph as a tree, in layout order: the rows of the outline, and the graph's accessible names. Pure. */
import type { Ref } from '../../../core/api/meta.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { firstOf, type AppModel, type WorkloadView } from '../../graph/model.ts'
import type { ClaimView } from '../../graph/storage.ts'
import type { EmblemState } from '../../ui/emblem-shapes.ts'
import { lookOf } from '../../kinds/look.ts'
import type { Glyph } from '../../ui/glyph-shapes.ts'

export interface Row {
  key: string
  depth: number
  name: string
  /** Right of the name. */
  count: string
  bad: boolean
  mark?: Mark
  glyph?: Glyph
  emblem?: EmblemState
  ref?: Ref
  app?: AppModel
  /** Undefined: a leaf. */
  open?: boolean
  /** Kind, name, state and reason, for who can't see the rest. */
  label: string
}

const said = (kind: string, name: string, state: { say: string; why?: string }): string => `${kind} ${name}, ${state.say}${state.why ? `, ${state.why}` : ''}`

export interface OutlineOptions {
  byNamespace: boolean
  isOpen(key: string): boolean
  /** False leaves the row out. */
  keeps(app: AppModel): boolean
}

export function outlineRows(apps: readonly AppModel[], options: OutlineOptions): Row[] {
  const shown = apps.filter((app) => options.keeps(app))
  if (!options.byNamespace) return shown.flatMap((app) => appRows(app, 0, options))
  const groups = new Map<string, AppModel[]>()
  for (const app of shown) {
    const group = groups.get(app.namespace)
    if (group) group.push(app)
    else groups.set(app.namespace, [app])
  }
  return [...groups.entries()]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .flatMap(([name, inside]) => {
      const key = `ns:${name}`
      const open = options.isOpen(key)
      const mark = worst(inside.map((app) => app.state.mark))
      const pods = inside.reduce((sum, app) => sum + app.pods, 0)
      const row: Row = { key, depth: 0, name, count: `${inside.length} ${inside.length === 1 ? 'app' : 'apps'}, ${pods}`, bad: false, mark, open, ref: { kind: 'Namespace', name }, label: `Namespace ${name}, ${inside.length} apps, ${mark}` }
      return [row, ...(open ? inside.flatMap((app) => appRows(app, 1, options)) : [])]
    })
}

const order: readonly Mark[] = ['failing', 'unreachable', 'degraded', 'moving', 'waiting', 'leaving', 'planned', 'ready', 'finished']
const worst = (marks: readonly Mark[]): Mark => order.find((mark) => marks.includes(mark)) ?? 'ready'

function appRows(app: AppModel, depth: number, options: OutlineOptions): Row[] {
  const key = `app:${app.key}`
  const open = options.isOpen(key)
  const first = firstOf(app)
  const row: Row = {
    key, depth, name: app.name, count: app.wanted > 0 ? `${app.ready}/${app.wanted}` : '', bad: app.state.mark === 'failing', emblem: app.emblem, app, open,
    ...(first ? { ref: first } : {}), label: `app ${app.name}, ${app.counts}, ${app.state.say}${app.state.why ? `, ${app.state.why}` : ''}`,
  }
  if (!open) return [row]
  const rows = [row]
  for (const workload of app.workloads) rows.push(...workloadRows(workload, depth + 1, options))
  for (const service of app.services) {
    rows.push({ key: service.id, depth: depth + 1, name: service.name, count: '', bad: service.state.mark === 'degraded', glyph: 'service', ref: service.ref, label: said('Service', service.name, service.state) })
  }
  const seen = new Set<string>()
  const once = (key: string): boolean => seen.size < seen.add(key).size
  for (const way of [...app.services.flatMap((service) => service.ways), ...app.loose.ways]) {
    if (!way.ref || !once(`Ingress/${way.ref.name}`)) continue
    rows.push({ key: `in:${app.key}/${way.ref.name}`, depth: depth + 1, name: way.ref.name, count: '', bad: isBad(way.state?.mark), glyph: 'way-in', ref: way.ref, label: said('Ingress', way.ref.name, way.state ?? { say: way.title }) })
  }
  for (const workload of app.workloads) {
    const own = [...workload.podClaims.values()].flat()
    for (const need of workload.needs) {
      if (!need.ref || (need.perPod && own.length <= claimsShown) || !once(`${need.kind}/${need.name}`)) continue
      const claim = need.kind === 'PersistentVolumeClaim'
      rows.push({ key: need.id, depth: depth + 1, name: claim ? `${need.name}, ${need.detail ?? ''}` : need.name, count: need.missing && !claim ? 'missing' : '', bad: need.missing, glyph: claim ? 'volume' : need.kind === 'Secret' ? 'secret' : 'config', ref: need.ref, label: claim && need.state ? said('claim', need.name, need.state) : `${need.kind} ${need.name}${need.missing ? ', missing' : ''}` })
    }
    if (own.length <= claimsShown) for (const claim of own) if (once(`PersistentVolumeClaim/${claim.ref.name}`)) rows.push(claimRow(claim, depth + 1))
  }
  for (const claim of app.loose.claims) if (once(`PersistentVolumeClaim/${claim.ref.name}`)) rows.push(claimRow(claim, depth + 1))
  return rows
}

/** More claims of single Pods than these add up in one row a volume. */
const claimsShown = 6
const isBad = (mark: Mark | undefined): boolean => mark === 'failing' || mark === 'degraded'

const claimRow = (claim: ClaimView, depth: number): Row =>
  ({ key: claim.id, depth, name: `${claim.ref.name}, ${claim.detail}`, count: '', bad: isBad(claim.state.mark), glyph: 'volume', ref: claim.ref, label: said('claim', claim.ref.name, claim.state) })

function workloadRows(workload: WorkloadView, depth: number, options: OutlineOptions): Row[] {
  const key = `w:${workload.id}`
  const sets = workload.sets.filter((set) => set.pods.length > 0 || set.count > 0)
  const pods = sets.flatMap((set) => set.pods)
  if (workload.ref.kind === 'Pod') return [{ key, depth, name: workload.name, count: '', bad: workload.state.mark === 'failing', mark: workload.state.mark, ref: workload.ref, label: said('Pod', workload.name, workload.state) }]
  const open = pods.length > 0 || workload.keepers.length > 0 || (workload.ref.kind === 'CronJob' && sets.length > 0) ? options.isOpen(key) : undefined
  const { glyph } = lookOf(workload.ref.kind)
  const rows: Row[] = [{ key, depth, name: workload.name, count: '', bad: false, glyph, ref: workload.ref, ...(open === undefined ? {} : { open }), label: said(workload.ref.kind, workload.name, workload.state) }]
  if (open !== true) return rows
  const podRow = (pod: (typeof pods)[number], at: number): Row =>
    ({ key: pod.id, depth: at, name: pod.name, count: '', bad: pod.state.mark === 'failing', mark: pod.state.mark, ref: pod.ref, label: said('Pod', pod.name, pod.state) })
  for (const keeper of workload.keepers) {
    rows.push({ key: keeper.id, depth: depth + 1, name: keeper.ref.name, count: '', bad: keeper.state.mark === 'failing', glyph: lookOf(keeper.ref.kind).glyph, ref: keeper.ref, label: said(keeper.ref.kind, keeper.ref.name, keeper.state) })
  }
  if (sets.length < 2 && workload.ref.kind !== 'CronJob') return [...rows, ...pods.map((pod) => podRow(pod, depth + 1))]
  for (const set of sets) {
    const setKey = `s:${set.id}`
    const setOpen = set.pods.length > 0 ? options.isOpen(setKey) : undefined
    const version = set.image.split(':')[1] ?? set.image
    rows.push({ key: setKey, depth: depth + 1, name: set.revision > 0 ? `${set.title}, ${version}` : set.title, count: set.revision > 0 ? String(set.count) : '', bad: set.state.mark === 'failing', ...(set.ref.kind === 'ReplicaSet' ? { glyph: 'replica-set' as const } : { mark: set.state.mark }), ref: set.ref, ...(setOpen === undefined ? {} : { open: setOpen }), label: said(set.ref.kind, set.ref.name, set.state) })
    if (setOpen) rows.push(...set.pods.map((pod) => podRow(pod, depth + 2)))
  }
  return rows
}
