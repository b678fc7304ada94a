/**
 * The full form of an app: columns (who keeps it |) workload | revisions or runs | Pods | Services | ways in, config and storage below their
 * workload. What was asked comes from the left, traffic from the right; with straight edges none passes behind a node.
 * Deterministic: the same app gives the same picture. Pure.
 */
import { size, type Content, type Item, type Line } from './content.ts'
import type { AppModel, ServiceView, WorkloadView } from './model.ts'
import type { PodView, SetView } from './sets.ts'
import type { ClaimView } from './storage.ts'
import type { WayIn } from './ways.ts'
import { hasColumn } from './workloads.ts'

/** Claims in a row that nothing uses; the rest is in the table. */
const looseShown = 5
const emblemX = 98
const setX = 204 + size.setW / 2
const podX = 370 + size.podW / 2
const serviceX = 580 + size.serviceW / 2
const wayX = 724 + size.wayW / 2
/** Room left of the emblems, where an autoscaler or a budget stands. */
const keeperRoom = 132
const setRoom = 118
const keeperX = 20 + size.keeperW / 2
const top = 70
const bottom = 32

interface Row { items: Item[]; lines: Line[]; height: number }

export function columns(app: AppModel): Content {
  const items: Item[] = []
  const lines: Line[] = []
  const podAt = new Map<string, { x: number; y: number; item: string }>()
  let y = top
  for (const workload of app.workloads) {
    const row = workloadRow(workload, y, podAt)
    items.push(...row.items)
    lines.push(...row.lines)
    y += row.height + size.setGap
  }
  const height = Math.max(y - size.setGap, top + 60)
  const right = services(app.services, podAt, top, height, items, lines)
  const loose = looseRow(app, height, items)
  return withKeepers(app, drawnIn(app, { w: Math.max(right, loose.right), h: height + loose.height + bottom, items, lines }))
}

/** Where nothing stands between workloads and Pods, that column's room is given back. */
function drawnIn(app: AppModel, content: Content): Content {
  if (app.loose.claims.length > 0 || app.workloads.length === 0 || app.workloads.some(({ ref }) => hasColumn(ref.kind))) return content
  const left = <T extends { x: number }>(point: T): T => (point.x > setX ? { ...point, x: point.x - setRoom } : point)
  return { ...content, w: Math.max(content.w - setRoom, 250), items: content.items.map(left), lines: content.lines.map((line) => ({ ...line, from: left(line.from), to: left(line.to) })) }
}

/** Autoscalers and budgets come from the left, like all that is asked; only apps that have some make room. */
function withKeepers(app: AppModel, content: Content): Content {
  if (!app.workloads.some((workload) => workload.keepers.length > 0)) return content
  const right = ({ x, y }: { x: number; y: number }) => ({ x: x + keeperRoom, y })
  const items = content.items.map((item): Item => ({ ...item, x: item.x + keeperRoom }))
  const lines = content.lines.map((line): Line => ({ ...line, from: right(line.from), to: right(line.to) }))
  let floor = top - 16
  let bottomY = content.h
  for (const workload of app.workloads) {
    const emblem = items.find((item) => item.id === workload.id)
    if (!emblem || emblem.face.type !== 'emblem') continue
    const pitch = size.keeperH + 10
    let y = Math.max(floor + size.keeperH / 2, emblem.y - ((workload.keepers.length - 1) * pitch) / 2)
    for (const keeper of workload.keepers) {
      items.push({ id: keeper.id, ref: keeper.ref, x: keeperX, y, w: size.keeperW, h: size.keeperH, mark: keeper.state.mark, face: { type: 'keeper', keeper } })
      const { from } = ray(emblem.x, emblem.y, emblem.face.r + 9.4, keeperX + size.keeperW / 2, y)
      lines.push({ id: `${keeper.id}>`, kind: keeper.ref.kind === 'PodDisruptionBudget' ? 'guards' : 'owns', source: keeper.id, target: workload.id, from: { x: keeperX + size.keeperW / 2, y }, to: from })
      floor = y + size.keeperH / 2 + 10
      y += pitch
    }
    bottomY = Math.max(bottomY, floor + bottom - 10)
  }
  return { w: content.w + keeperRoom, h: bottomY, items, lines }
}

/** Claims that nothing uses stand in a row at the foot, ways that lead nowhere in their column. */
function looseRow(app: AppModel, y: number, items: Item[]): { right: number; height: number } {
  const { claims, ways } = app.loose
  if (claims.length + ways.length === 0) return { right: 0, height: 0 }
  claims.slice(0, looseShown).forEach((claim, i) => items.push(claimItem(claim, emblemX + i * (size.claimW + 12), y + size.setGap + size.claimH / 2, size.claimW, size.claimH, true)))
  ways.forEach((way, i) => items.push(wayItem(way, y + size.setGap + size.claimH / 2 + i * size.wayPitch)))
  return {
    right: Math.max(emblemX + Math.min(claims.length, looseShown) * (size.claimW + 12) - size.claimW / 2 + size.pad, ways.length > 0 ? 724 + size.wayW + 14 : 0),
    height: size.setGap + Math.max(claims.length > 0 ? size.claimH : 0, ways.length * size.wayPitch),
  }
}

const wayItem = (way: WayIn, y: number): Item =>
  ({ id: way.id, ...(way.ref ? { ref: way.ref } : {}), x: wayX, y, w: size.wayW, h: size.wayH, mark: way.state?.mark ?? 'ready', face: { type: 'way', way } })

export const claimItem = (claim: ClaimView, x: number, y: number, w: number, h: number, tall: boolean): Item =>
  ({ id: claim.id, ref: claim.ref, x, y, w, h, mark: claim.state.mark, face: { type: 'volume', name: claim.name, detail: claim.detail, mark: claim.state.mark, tall } })

function workloadRow(workload: WorkloadView, y0: number, podAt: Map<string, { x: number; y: number; item: string }>): Row {
  const items: Item[] = []
  const lines: Line[] = []
  const single = workload.ref.kind === 'Pod'
  /** By what is wanted, so that the form does not change while the Pods come. */
  const strips = workload.wanted >= size.stripFrom
  const blocks = workload.sets.map((set) => ({ set, height: blockHeight(set, strips, workload.podClaims) }))
  // Below each Pod, or one for all where these are a strip.
  const needs = workload.needs.filter((need) => !need.perPod || workload.sets.some((set) => isStrip(set, strips)))
  const podsHeight = blocks.reduce((sum, block) => sum + block.height, 0) + Math.max(0, blocks.length - 1) * size.setGap
  const pods = workload.sets.reduce((n, set) => n + set.pods.length, 0)
  const r = podsHeight >= 130 || pods > 2 ? 50 : 30
  const needsHeight = needs.reduce((sum, need) => sum + 16 + needSize(need).h, 0)
  const emblemHeight = r + 8 + r + 42 + (needsHeight > 0 ? needsHeight + 16 : 0)
  const height = Math.max(podsHeight, emblemHeight)
  const emblemY = emblemHeight < podsHeight ? Math.max(y0 + r + 8, Math.min(y0 + height / 2 - 13, y0 + height - emblemHeight + r + 10)) : y0 + r + 8

  if (!single) {
    items.push({ id: workload.id, ref: workload.ref, x: emblemX, y: emblemY, w: 2 * r + 18, h: 2 * r + 18, mark: workload.state.mark,
      face: { type: 'emblem', r, workload, second: workload.ref.kind === 'Job' && workload.state.mark === 'failing' ? workload.state.say : workload.counts } })
  }
  let needY = emblemY + r + 58
  for (const need of needs) {
    const { w, h } = needSize(need)
    needY += 16 + h / 2
    items.push(needItem(need, emblemX, needY, w, h))
    if (need === needs[0]) lines.push({ id: `${need.id}~`, kind: need.missing ? 'broken' : 'needs', source: workload.id, target: need.id, from: { x: emblemX, y: emblemY + r + 50 }, to: { x: emblemX, y: needY - h / 2 } })
    needY += h / 2
  }

  let y = y0 + Math.max(0, (height - podsHeight) / 2)
  if (emblemHeight >= podsHeight) y = Math.max(y0, emblemY - podsHeight / 2)
  for (const { set, height: blockH } of blocks) {
    const middle = y + blockH / 2
    if (hasColumn(workload.ref.kind)) {
      items.push({ id: set.id, ref: set.ref, x: setX, y: middle, w: size.setW, h: size.setH, mark: set.state.mark, face: { type: 'set', set } })
      lines.push({ id: `${workload.id}>${set.id}`, kind: 'owns', source: workload.id, target: set.id, ...ray(emblemX, emblemY, r + 9.4, setX - size.setW / 2 - 5, middle) })
    }
    const ownerId = hasColumn(workload.ref.kind) ? set.id : workload.id
    const from = hasColumn(workload.ref.kind) ? { x: setX + size.setW / 2, y: middle } : undefined
    placePods(set, y, blockH, ownerId, from ?? { x: emblemX + r + 9.4, y: emblemY }, single, isStrip(set, strips), workload.podClaims, items, lines, podAt)
    y += blockH + size.setGap
  }
  return { items, lines, height }
}

type Claims = ReadonlyMap<string, readonly ClaimView[]>
const podGap = size.podPitch - size.podH
const claimsAcross = 2

const blockHeight = (set: SetView, strips: boolean, claims: Claims): number => {
  if (isStrip(set, strips)) return Math.max(size.setH, stripOf(set.pods).h)
  return Math.max(size.setH, set.pods.reduce((sum, pod) => sum + size.podPitch + claimsHeight(claims.get(pod.id)), 0) - podGap)
}

const claimsHeight = (claims: readonly ClaimView[] | undefined): number => Math.ceil((claims?.length ?? 0) / claimsAcross) * (size.podVolumeH + 10)

type NeedView = WorkloadView['needs'][number]
const needSize = ({ kind }: NeedView): { w: number; h: number } =>
  kind === 'PersistentVolumeClaim' ? { w: size.claimW, h: size.claimH } : kind === 'volume' ? { w: size.volumeW, h: size.volumeH } : { w: size.configW, h: size.configH }

export function needItem(need: NeedView, x: number, y: number, w: number, h: number): Item {
  const mark = need.state?.mark ?? (need.missing ? 'failing' : 'ready')
  const volume = need.kind === 'volume' || need.kind === 'PersistentVolumeClaim'
  return {
    id: need.id, ...(need.ref ? { ref: need.ref } : {}), x, y, w, h, mark,
    face: volume ? { type: 'volume', name: need.name, detail: need.detail ?? '', mark, tall: h >= size.claimH } : { type: 'config', name: need.name, secret: need.kind === 'Secret', missing: need.missing },
  }
}

const isStrip = (set: SetView, strips: boolean): boolean => set.pods.length >= size.stripFrom || (strips && set.pods.length > 0)

/** Pods as cells of one node: 8 px each, 200 at most; beyond that a cell stands for several and shows the worst of them. */
export function stripOf(pods: readonly PodView[], width: number = size.podW): { columns: number; rows: number; each: number; w: number; h: number } {
  const each = Math.ceil(pods.length / size.stripMost)
  const cells = Math.ceil(pods.length / each)
  const columns = Math.min(cells, Math.max(6, Math.floor((width - 12) / size.cell)))
  const rows = Math.ceil(cells / columns)
  return { columns, rows, each, w: columns * size.cell + 12, h: rows * size.cell + 12 }
}

function placePods(
  set: SetView, y: number, blockH: number, ownerId: string, from: { x: number; y: number }, single: boolean, strips: boolean, claims: Claims,
  items: Item[], lines: Line[], podAt: Map<string, { x: number; y: number; item: string }>,
): void {
  const { pods } = set
  const left = podX - size.podW / 2
  if (strips) {
    const strip = stripOf(pods)
    const id = `${set.id}/pods`
    const middle = y + blockH / 2
    items.push({ id, x: podX, y: middle, w: size.podW, h: strip.h, mark: set.state.mark, face: { type: 'strip', pods, columns: strip.columns, pitch: size.cell, each: strip.each } })
    lines.push({ id: `${ownerId}>${id}`, kind: 'owns', source: ownerId, target: id, from, to: { x: left, y: middle } })
    for (const pod of pods) podAt.set(pod.id, { x: podX + size.podW / 2 + 3.5, y: middle, item: id })
    return
  }
  let podY = y + size.podH / 2
  for (const pod of pods) {
    const own = claims.get(pod.id) ?? []
    const middle = pods.length === 1 && own.length === 0 ? y + blockH / 2 : podY
    podY += size.podPitch + claimsHeight(own)
    items.push({ id: pod.id, ref: pod.ref, x: podX, y: middle, w: size.podW, h: size.podH, mark: pod.state.mark, face: { type: 'pod', pod, scale: 1 } })
    podAt.set(pod.id, { x: podX + size.podW / 2 + 3.5, y: middle, item: pod.id })
    if (!single) lines.push({ id: `${ownerId}>${pod.id}`, kind: pod.state.mark === 'leaving' ? 'leaving' : 'owns', source: ownerId, target: pod.id, from, to: { x: left, y: middle } })
    const across = Math.min(own.length, claimsAcross)
    own.forEach((claim, n) => {
      const w = across === 1 ? 126 : 80
      const x = podX + ((n % claimsAcross) - (across - 1) / 2) * (w + 8)
      const claimY = middle + size.podH / 2 + 10 + size.podVolumeH / 2 + Math.floor(n / claimsAcross) * (size.podVolumeH + 10)
      items.push(claimItem(claim, x, claimY, w, size.podVolumeH, false))
      if (n < claimsAcross) lines.push({ id: `${claim.id}~`, kind: claim.state.mark === 'failing' ? 'broken' : 'needs', source: pod.id, target: claim.id, from: { x, y: middle + size.podH / 2 }, to: { x, y: claimY - size.podVolumeH / 2 } })
    })
  }
}

/** Services stand beside the middle of their Pods, in their order; answers with the content's width. */
function services(list: readonly ServiceView[], podAt: ReadonlyMap<string, { x: number; y: number; item: string }>, y0: number, height: number, items: Item[], lines: Line[]): number {
  if (list.length === 0) return items.some((item) => item.face.type === 'pod' || item.face.type === 'strip') ? 370 + size.podW + size.pad : 370
  const placed = list
    .map((service) => {
      const ys = [...new Set([...service.endpoints.keys()].flatMap((uid) => podAt.get(uid)?.y ?? []))]
      const span = Math.max(size.serviceH + 16, service.ways.length * size.wayPitch)
      return { service, y: ys.length > 0 ? (Math.min(...ys) + Math.max(...ys)) / 2 : y0 + height / 2, span }
    })
    .sort((a, b) => a.y - b.y)
  let floor = y0 - 10
  for (const one of placed) {
    one.y = Math.max(one.y, floor + one.span / 2)
    floor = one.y + one.span / 2
  }
  let hasWays = false
  for (const { service, y } of placed) {
    items.push({ id: service.id, ref: service.ref, x: serviceX, y, w: size.serviceW, h: size.serviceH, mark: service.state.mark, face: { type: 'service', service, below: false } })
    const done = new Set<string>()
    for (const [uid, endpoint] of service.endpoints) {
      const pod = podAt.get(uid)
      if (!pod || (done.has(pod.item) && pod.item !== uid)) continue
      done.add(pod.item)
      lines.push({ id: `${service.id}>${pod.item}`, kind: 'traffic', endpoint, source: service.id, target: pod.item, from: { x: serviceX - size.serviceW / 2, y }, to: { x: pod.x, y: pod.y } })
    }
    service.ways.forEach((way, i) => {
      hasWays = true
      const wayY = y + (i - (service.ways.length - 1) / 2) * size.wayPitch
      items.push(wayItem(way, wayY))
      const answers = way.state === undefined || way.state.mark === 'ready'
      lines.push({ id: `${way.id}>`, kind: 'traffic', ...(answers ? {} : { endpoint: 'starting' as const }), source: way.id, target: service.id, from: { x: wayX - size.wayW / 2, y: wayY }, to: { x: serviceX + size.serviceW / 2, y } })
    })
  }
  return (hasWays ? 724 + size.wayW : 580 + size.serviceW) + 14
}

/** From a circle's edge towards a point, at the angle the pictures have. */
function ray(cx: number, cy: number, r: number, x: number, y: number): { from: { x: number; y: number }; to: { x: number; y: number } } {
  const angle = Math.atan2(y - cy, x - cx)
  return { from: { x: cx + Math.cos(angle) * r, y: cy + Math.sin(angle) * r }, to: { x, y } }
}
