/**
 * The compact form: an emblem a workload (its Pods are the discs), a strip of cells where they are many, its Services
 * beside it with their address below, storage and config under it. With `pods`, Pods stand as small pills in between.
 * Pure.
 */
import { shortImage } from '../../core/api/state/sentences.ts'
import { size, type Content, type Item, type Line } from './content.ts'
import { claimItem, needItem, stripOf } from './columns.ts'
import type { AppModel, ServiceView, WorkloadView } from './model.ts'

const emblemX = 74
const serviceW = 88
const serviceH = 34
/** Says what is missing, in full. */
const looseWayW = 166
const pillScale = 0.48

export function compact(app: AppModel, pods: boolean): Content {
  const items: Item[] = []
  const lines: Line[] = []
  const left = [...app.services]
  const rows = app.workloads.map((workload) => {
    const own = left.filter((service) => workload.sets.some((set) => set.pods.some((pod) => service.endpoints.has(pod.id))))
    for (const service of own) left.splice(left.indexOf(service), 1)
    return { workload, services: own }
  })
  const strips = rows.some(({ workload }) => podsOf(workload).length >= size.stripFrom)
  const hasServices = app.services.length > 0
  const lone = !hasServices && !strips && app.workloads.length === 1
  const podRoom = strips ? 120 : 0
  const pillRoom = pods && !hasServices && !strips ? 84 : 0
  const width = lone ? 232 : hasServices ? (pods && !strips ? 346 : app.workloads.length > 1 ? 300 : 268) + podRoom : strips ? 270 : 190 + pillRoom
  const x = lone ? (pods ? 74 : 116) : emblemX
  const serviceX = width - 66
  let y = size.header - 4
  for (const { workload, services } of rows) y += workloadRow(workload, services, { x, y, lone, pods, serviceX }, items, lines)
  for (const service of left) {
    const at = y + 24
    items.push(serviceItem(service, rows.length === 0 ? width / 2 : serviceX, at))
    y += 62
  }
  // What belongs to nothing here: beside the rest, in the order it stands in the outline.
  for (const claim of app.loose.claims.slice(0, 3)) {
    items.push(claimItem(claim, rows.length === 0 ? width / 2 : x, y + 14 + size.claimH / 2, 158, size.claimH, true))
    y += size.claimH + 12
  }
  for (const way of app.loose.ways.slice(0, 3)) {
    items.push({ id: way.id, ...(way.ref ? { ref: way.ref } : {}), x: rows.length === 0 ? width / 2 : serviceX, y: y + 34, w: looseWayW, h: size.wayH, mark: way.state?.mark ?? 'ready', face: { type: 'way', way } })
    y += size.wayH + 12
  }
  return { w: width, h: Math.max(y + 16, 150), items, lines }
}

const runsToItsEnd = (workload: WorkloadView): boolean => workload.ref.kind === 'Job' || workload.ref.kind === 'CronJob'

const podsOf = (workload: WorkloadView) => workload.sets.flatMap((set) => set.pods)

const serviceItem = (service: ServiceView, x: number, y: number): Item =>
  ({ id: service.id, ref: service.ref, x, y, w: Math.max(serviceW, Math.min(124, 26 + service.name.length * 6.2)), h: serviceH, mark: service.state.mark, face: { type: 'service', service, below: true } })

interface At { x: number; y: number; lone: boolean; pods: boolean; serviceX: number }

function workloadRow(workload: WorkloadView, services: readonly ServiceView[], at: At, items: Item[], lines: Line[]): number {
  const r = at.lone ? 34 : 22
  const y = at.y + r + 10
  const all = podsOf(workload)
  const trouble = workload.state.mark !== 'ready' && workload.state.mark !== 'finished' && !(runsToItsEnd(workload) && workload.state.mark === 'moving')
  const second = trouble ? workload.state.say : secondLine(workload)
  items.push({ id: workload.id, ref: workload.ref, x: at.x, y, w: 2 * r + 14, h: 2 * r + 14, mark: workload.state.mark, face: { type: 'emblem', r, workload, second } })

  let dotX = at.x + r + 13
  if (all.length >= size.stripFrom) {
    const strip = stripOf(all, 110)
    items.push({ id: `${workload.id}/pods`, x: at.x + r + 24 + strip.w / 2, y, w: strip.w, h: strip.h, mark: workload.state.mark, face: { type: 'strip', pods: all, columns: strip.columns, pitch: size.cell, each: strip.each } })
    dotX = at.x + r + 24 + strip.w + 4
  } else if (at.pods) {
    const w = size.podW * pillScale
    const pitch = 23
    all.forEach((pod, i) => {
      const podY = y + (i - (all.length - 1) / 2) * pitch
      const podX = at.x + r + 14 + w / 2
      items.push({ id: pod.id, ref: pod.ref, x: podX, y: podY, w, h: size.podH * pillScale, mark: pod.state.mark, face: { type: 'pod', pod, scale: pillScale } })
      lines.push({ id: `${workload.id}>${pod.id}`, kind: pod.state.mark === 'leaving' ? 'leaving' : 'owns', source: workload.id, target: pod.id, from: { x: at.x + r + 6, y }, to: { x: podX - w / 2, y: podY } })
    })
    dotX = at.x + r + 14 + w + 2
  }
  services.forEach((service, i) => {
    const serviceY = y + (i - (services.length - 1) / 2) * 58
    const item = serviceItem(service, at.serviceX, serviceY)
    items.push(item)
    const marks = [...service.endpoints.values()]
    const endpoint = marks.includes('ready') ? 'ready' : marks.includes('starting') ? 'starting' : 'leaving'
    const single = at.pods && all.length === 1 ? all[0] : undefined
    const target = single && all.length < size.stripFrom ? single.id : all.length >= size.stripFrom ? `${workload.id}/pods` : workload.id
    lines.push({ id: `${service.id}>${target}`, kind: 'traffic', endpoint, source: service.id, target, from: { x: item.x - item.w / 2, y: serviceY }, to: { x: dotX, y } })
  })
  let bottom = y + r + (trouble && workload.state.why ? 60 : 44)
  let below = y + r + (trouble && workload.state.why ? 52 : 38)
  const line = (id: string, kind: Line['kind'], to: number): void => {
    lines.push({ id: `${id}~`, kind, source: workload.id, target: id, from: { x: at.x, y: below }, to: { x: at.x, y: to } })
  }
  workload.keepers.forEach((keeper, i) => {
    const keeperY = bottom + 5 + size.keeperH / 2
    items.push({ id: keeper.id, ref: keeper.ref, x: at.x, y: keeperY, w: size.keeperW, h: size.keeperH, mark: keeper.state.mark, face: { type: 'keeper', keeper } })
    if (i === 0) line(keeper.id, 'guards', keeperY - size.keeperH / 2)
    bottom = keeperY + size.keeperH / 2 + 2
    below = bottom
  })
  workload.needs.forEach((need, i) => {
    const claim = need.kind === 'PersistentVolumeClaim'
    const w = claim ? 124 : need.kind === 'volume' ? 80 : size.configW
    const h = claim || need.kind === 'volume' ? size.podVolumeH : size.configH
    const needY = bottom + 5 + h / 2
    items.push(needItem(need, at.x, needY, w, h))
    if (i === 0) line(need.id, need.missing ? 'broken' : 'needs', needY - h / 2)
    bottom = needY + h / 2 + 2
    below = bottom
  })
  return bottom - at.y + Math.max(0, (services.length - 1) * 58 - 60)
}

/** "1.24, mini-pc": the version and, of a single Pod, its machine. */
function secondLine(workload: WorkloadView): string {
  if (runsToItsEnd(workload)) return workload.counts
  const pods = podsOf(workload)
  const image = workload.sets[0]?.image ?? ''
  const name = shortImage(image).split(':')[0] ?? ''
  const version = workload.version === 'latest' ? name : workload.name.includes(name) || name === '' ? workload.version : `${name} ${workload.version}`
  const machine = pods.length === 1 ? pods[0]!.machine : undefined
  return machine === undefined ? version : `${version}, ${machine}`
}
