/**
 * The whole map: which boxes there are and where. Few apps get boxes of their natural size. Many (or groups) get equal
 * cells on a grid inside their group's box, and zooming in fills the cell, so a place never changes with what is in it. Pure.
 */
import { columns } from './columns.ts'
import { compact } from './compact.ts'
import type { Content } from './content.ts'
import type { AppModel } from './model.ts'
import { place, shelves, type Size, type Slot, type Slots } from './place.ts'

export type GroupBy = 'app' | 'namespace'
export interface AppBox extends Slot { app: AppModel; cell: boolean; group: string | undefined }
export interface GroupBox extends Slot { key: string; name: string; apps: readonly AppModel[] }
export interface World {
  apps: readonly AppBox[]
  groups: readonly GroupBox[]
  w: number
  h: number
  dense: boolean
  /** To remember: places of boxes and groups, and the order of cells. */
  slots: Slots
  cells: ReadonlyMap<string, readonly string[]>
}
export interface Kept { slots: Slots; cells: ReadonlyMap<string, readonly string[]> }
export const nothingKept: Kept = { slots: new Map(), cells: new Map() }

export const denseFrom = 25
const gap = 24
const cell = 266
const groupPad = 60
const groupHead = 150
const groupGap = 70

/** An app of single-Pod workloads is small at rest; several Pods or revisions deserve the full form. */
export const wantsColumns = (app: AppModel): boolean =>
  app.workloads.some((workload) => workload.ref.kind === 'CronJob' || (workload.wanted > 1 && workload.ref.kind !== 'Pod') || workload.sets.filter((set) => set.pods.length > 0).length > 1 || workload.emblem.outer.length > 1)

export const naturalContent = (app: AppModel): Content => (wantsColumns(app) ? columns(app) : compact(app, false))

export function worldOf(apps: readonly AppModel[], groupBy: GroupBy, room: Size, kept: Kept): World {
  const dense = apps.length >= denseFrom
  if (!dense && groupBy === 'app') return roomy(apps, room, kept)
  const names = groupBy === 'namespace' ? [...new Set(apps.map((app) => app.namespace))] : ['']
  const cells = new Map<string, readonly string[]>()
  const sizes = new Map<string, Size>()
  const members = new Map<string, readonly AppModel[]>()
  for (const name of names) {
    const inside = groupBy === 'namespace' ? apps.filter((app) => app.namespace === name) : apps
    members.set(name, inside)
    const order = cellOrder(inside, kept.cells.get(name) ?? [])
    cells.set(name, order)
    const { columns: across, rows } = gridOf(order.length)
    sizes.set(`group:${name}`, { w: across * cell + 2 * groupPad, h: groupHead + rows * cell + groupPad })
  }
  const slots = place(kept.slots, sizes, bestWidth(sizes, groupGap, room), groupGap)
  const boxes: AppBox[] = []
  const groups: GroupBox[] = []
  for (const name of names) {
    const slot = slots.get(`group:${name}`)!
    const inside = members.get(name)!
    if (groupBy === 'namespace') groups.push({ key: `group:${name}`, name, apps: inside, ...slot })
    const byKey = new Map(inside.map((app) => [app.key, app]))
    const order = cells.get(name)!
    const across = Math.max(1, Math.floor((slot.w - 2 * groupPad + 1) / cell))
    order.forEach((key, i) => {
      const app = byKey.get(key)
      if (app) boxes.push({ app, cell: true, group: `group:${name}`, x: slot.x + groupPad + (i % across) * cell, y: slot.y + groupHead + Math.floor(i / across) * cell, w: cell, h: cell })
    })
  }
  return { apps: boxes, groups, dense: true, slots, cells, ...extent([...slots.values()]) }
}

/** The shelf width at which everything fits the window at the largest zoom. */
export function bestWidth(sizes: ReadonlyMap<string, Size>, gap: number, room: Size): number {
  const widest = Math.max(1, ...[...sizes.values()].map((size) => size.w))
  const area = [...sizes.values()].reduce((sum, size) => sum + (size.w + gap) * (size.h + gap), 0)
  let best = widest
  let bestZoom = 0
  for (let i = 0; i <= 28; i++) {
    const width = Math.max(widest, Math.sqrt(area * (room.w / room.h)) * (0.8 + i * 0.03))
    const { w, h } = extent([...shelves(sizes, width, gap).values()])
    const zoom = Math.min(room.w / w, room.h / h)
    if (zoom > bestZoom * 1.001) {
      bestZoom = zoom
      best = width
    }
  }
  return best
}

function roomy(apps: readonly AppModel[], room: Size, kept: Kept): World {
  const sizes = new Map<string, Size>()
  for (const app of apps) {
    const content = naturalContent(app)
    sizes.set(app.key, { w: content.w, h: content.h })
  }
  const widest = Math.max(room.w, ...[...sizes.values()].map((size) => size.w))
  /** At 100 % where that fits; else the width that shows most. */
  const tall = extent([...shelves(sizes, widest, gap).values()]).h > room.h * 1.15
  const slots = place(kept.slots, sizes, tall ? bestWidth(sizes, gap, room) : widest, gap)
  const boxes = apps.map((app): AppBox => ({ app, cell: false, group: undefined, ...slots.get(app.key)! }))
  return { apps: boxes, groups: [], dense: false, slots, cells: new Map(), ...extent([...slots.values()]) }
}

const extent = (slots: readonly Slot[]): Size => ({ w: Math.max(0, ...slots.map((slot) => slot.x + slot.w)), h: Math.max(0, ...slots.map((slot) => slot.y + slot.h)) })

/** Kept apps stay in their cells; a cell that became free goes to the next newcomer; newcomers come by name. */
function cellOrder(apps: readonly AppModel[], kept: readonly string[]): string[] {
  const present = new Set(apps.map((app) => app.key))
  const fresh = apps.map((app) => app.key).filter((key) => !kept.includes(key)).sort()
  const order = kept.map((key) => (present.has(key) ? key : (fresh.shift() ?? '')))
  while (order.length > 0 && order.at(-1) === '') order.pop()
  return [...order, ...fresh]
}

export function gridOf(n: number): { columns: number; rows: number } {
  const rows = n >= 9 ? Math.max(3, Math.round(Math.sqrt(n / 2.6))) : n >= 6 ? 2 : 1
  return { columns: Math.max(1, Math.ceil(n / rows)), rows: Math.max(1, Math.ceil(n / Math.max(1, Math.ceil(n / rows)))) }
}

/** Keys of apps in reading order: how the outline lists them. Shelves first, then left to right. */
export const orderOf = (world: World): readonly string[] =>
  [...world.apps].sort((a, b) => Math.round(a.y) - Math.round(b.y) || a.x - b.x).map((box) => box.app.key)
