/**
 * The scene: which plain nodes and edges the painter holds right now, and the difference between two scenes. Apps in view
 * are promoted to the level their size allows; the rest stay a box. Colours are token names. Pure.
 */
import type { Ref } from '../../core/api/meta.ts'
import type { Item, Line } from './content.ts'
import { levelOf, type Level, type Shown } from './levels.ts'
import type { Slot } from './place.ts'
import type { AppBox, World } from './world.ts'

export type Shape = 'box' | 'set' | 'pill' | 'hexagon' | 'tag' | 'cut' | 'bare' | 'disc'
export interface SceneNode {
  id: string
  shape: Shape
  x: number
  y: number
  w: number
  h: number
  fill: string
  line: string
  lineWidth: number
  dashed: boolean
  z: number
  /** Filtered out: stays in place, at 45 %. */
  dim: boolean
  corner: number
}
export interface SceneEdge {
  id: string
  source: string
  target: string
  sourceEnd: string
  targetEnd: string
  ink: string
  width: number
  dash: readonly number[]
  dim: boolean
}
export interface ShownApp { box: AppBox; shown: Shown }
/** An item where it is in the world, for hit-testing, walking and pulses. */
export interface Spot { item: Item; app: AppBox; x: number; y: number; scale: number }
export interface Scene {
  nodes: ReadonlyMap<string, SceneNode>
  edges: ReadonlyMap<string, SceneEdge>
  apps: readonly ShownApp[]
  spots: ReadonlyMap<string, Spot>
  levels: ReadonlyMap<string, Level>
}
export interface SceneOptions {
  traffic: boolean
  storage: boolean
  /** Uids (or item ids) that a change under way has reached: their edges keep a trail. */
  trail: ReadonlySet<string>
  selected: string | undefined
  hovered: string | undefined
  /** False for what the filter leaves out. */
  bright(app: AppBox, ref: Ref | undefined): boolean
}

const boxId = (box: AppBox): string => `app:${box.app.key}`

export function sceneOf(world: World, view: Slot, zoom: number, before: ReadonlyMap<string, Level>, options: SceneOptions): Scene {
  const nodes = new Map<string, SceneNode>()
  const edges = new Map<string, SceneEdge>()
  const spots = new Map<string, Spot>()
  const levels = new Map<string, Level>()
  const apps: ShownApp[] = []
  for (const group of world.groups) {
    const failing = group.apps.some((app) => app.state.mark === 'failing')
    nodes.set(group.key, node(group.key, 'box', group, 'g-box', failing ? 'fail' : 'g-box-line', 1 / Math.max(zoom, 0.05), 0, false, 10 / Math.max(zoom, 0.05)))
  }
  for (const box of world.apps) {
    const key = box.app.key
    const inView = box.x < view.x + view.w && view.x < box.x + box.w && box.y < view.y + view.h && view.y < box.y + box.h
    const last = before.get(key)
    let shown = levelOf(box, zoom, last)
    if (!inView && shown.level > 1) shown = { level: 1, scale: 1, dx: 0, dy: 0 }
    else levels.set(key, shown.level)
    apps.push({ box, shown })
    const bright = options.bright(box, undefined)
    const failing = box.app.state.mark === 'failing'
    const bare = box.cell && shown.level < 2 && box.w * zoom < 140
    const inset = box.cell ? 6 : 0
    nodes.set(boxId(box), {
      ...node(boxId(box), bare ? 'bare' : 'box', { x: box.x + inset, y: box.y + inset, w: box.w - 2 * inset, h: box.h - 2 * inset }, 'g-box', failing ? 'fail' : 'g-box-line', failing ? 1.2 : 1, 1, !bright, 10),
    })
    if (!shown.content) continue
    for (const item of shown.content.items) addItem(item, box, shown, options, nodes, spots)
    for (const line of shown.content.lines) addLine(line, options, spots, edges)
  }
  return { nodes, edges, apps, spots, levels }
}

const node = (id: string, shape: Shape, slot: Slot, fill: string, line: string, lineWidth: number, z: number, dim: boolean, corner: number): SceneNode =>
  ({ id, shape, x: slot.x + slot.w / 2, y: slot.y + slot.h / 2, w: slot.w, h: slot.h, fill, line, lineWidth, dashed: false, z, dim, corner })

function addItem(item: Item, box: AppBox, shown: Shown, options: SceneOptions, nodes: Map<string, SceneNode>, spots: Map<string, Spot>): void {
  const { face } = item
  // What fails is shown whatever is hidden.
  if (!options.storage && (face.type === 'config' || face.type === 'volume') && item.mark !== 'failing' && item.mark !== 'degraded') return
  const x = box.x + shown.dx + item.x * shown.scale
  const y = box.y + shown.dy + item.y * shown.scale
  const s = shown.scale
  spots.set(item.id, { item, app: box, x, y, scale: s })
  const selected = options.selected === item.id
  const hovered = options.hovered === item.id
  const moving = item.mark === 'moving'
  const failing = item.mark === 'failing' || item.mark === 'degraded'
  const leaving = item.mark === 'leaving'
  const off = item.mark === 'unreachable'
  const trouble = item.mark === 'failing' ? 'fail' : 'warn'
  const line = selected ? 'brass-mark' : moving && (face.type === 'pod' || (face.type === 'set' && face.set.newest)) ? 'run' : failing ? trouble : leaving ? 'g-edge' : off ? 'off' : hovered ? 'text-3' : 'g-node-line'
  const fill = face.type === 'pod' ? (moving ? 'run-soft' : item.mark === 'failing' ? 'fail-soft' : leaving || item.mark === 'waiting' ? 'g-box' : 'g-node')
    : face.type === 'set' ? (face.set.newest ? 'g-node' : 'g-box') : face.type === 'config' || face.type === 'keeper' ? 'g-box' : 'g-node'
  const shape: Shape = face.type === 'pod' ? 'pill' : face.type === 'set' || face.type === 'keeper' ? 'set' : face.type === 'service' ? 'hexagon' : face.type === 'way' ? 'tag' : face.type === 'config' ? 'cut' : face.type === 'emblem' ? 'disc' : 'bare'
  nodes.set(item.id, {
    id: item.id, shape, x, y, w: item.w * s, h: item.h * s, fill, line, lineWidth: (selected ? 2 : 1.2) * s, dashed: leaving || off || (item.mark === 'failing' && face.type === 'config'),
    z: 4, dim: !options.bright(box, item.ref), corner: (face.type === 'pod' ? item.h / 2 : face.type === 'keeper' ? 9 : 4) * s,
  })
}

function addLine(line: Line, options: SceneOptions, spots: ReadonlyMap<string, Spot>, edges: Map<string, SceneEdge>): void {
  if (line.kind === 'traffic' && !options.traffic) return
  const source = spots.get(line.source)
  const target = spots.get(line.target)
  if (!source || !target) return
  const s = source.scale
  const end = (spot: Spot, point: { x: number; y: number }) => `${((point.x - spot.item.x) * s).toFixed(2)}px ${((point.y - spot.item.y) * s).toFixed(2)}px`
  const trail = line.kind === 'owns' && options.trail.has(line.target)
  const lit = options.hovered === line.source || options.hovered === line.target
  const off = line.kind === 'traffic' && line.endpoint !== undefined && line.endpoint !== 'ready'
  const ink = line.kind === 'broken' ? 'fail' : trail ? 'brass-line' : line.kind === 'traffic' ? (off ? 'g-traffic-off' : 'g-traffic') : line.kind === 'needs' ? (lit ? 'text-3' : 'g-mount') : lit ? 'text-3' : 'g-edge'
  const width = line.kind === 'traffic' ? (off ? 1.5 : 2) : line.kind === 'needs' || line.kind === 'guards' ? 1 : 1.5
  const dash = line.kind === 'leaving' ? [2, 4] : line.kind === 'broken' ? [5, 5] : line.kind === 'needs' || line.kind === 'guards' ? [1, 3] : off ? (line.endpoint === 'leaving' ? [1, 5] : [5, 5]) : []
  edges.set(line.id, {
    id: line.id, source: line.source, target: line.target, sourceEnd: end(source, line.from), targetEnd: end(target, line.to), ink, width: width * s,
    dash: dash.map((n) => n * s), dim: !options.bright(source.app, source.item.ref) || !options.bright(target.app, target.item.ref),
  })
}

export interface SceneDiff {
  removed: readonly string[]
  addedNodes: readonly SceneNode[]
  addedEdges: readonly SceneEdge[]
  movedNodes: readonly SceneNode[]
  changedNodes: readonly SceneNode[]
  changedEdges: readonly SceneEdge[]
}

const sameNode = (a: SceneNode, b: SceneNode): boolean =>
  a.shape === b.shape && a.w === b.w && a.h === b.h && a.fill === b.fill && a.line === b.line && a.lineWidth === b.lineWidth && a.dashed === b.dashed && a.z === b.z && a.dim === b.dim && a.corner === b.corner
const sameEdge = (a: SceneEdge, b: SceneEdge): boolean =>
  a.sourceEnd === b.sourceEnd && a.targetEnd === b.targetEnd && a.ink === b.ink && a.width === b.width && a.dim === b.dim && a.dash.join() === b.dash.join()

export function diffScenes(before: Pick<Scene, 'nodes' | 'edges'>, after: Pick<Scene, 'nodes' | 'edges'>): SceneDiff {
  const removed: string[] = []
  const addedNodes: SceneNode[] = []
  const addedEdges: SceneEdge[] = []
  const movedNodes: SceneNode[] = []
  const changedNodes: SceneNode[] = []
  const changedEdges: SceneEdge[] = []
  /** An edge whose ends changed is another edge. */
  for (const [id, edge] of before.edges) {
    const next = after.edges.get(id)
    if (!next || next.source !== edge.source || next.target !== edge.target) removed.push(id)
  }
  for (const id of before.nodes.keys()) if (!after.nodes.has(id)) removed.push(id)
  for (const [id, next] of after.nodes) {
    const old = before.nodes.get(id)
    if (!old) addedNodes.push(next)
    else {
      if (old.x !== next.x || old.y !== next.y) movedNodes.push(next)
      if (!sameNode(old, next)) changedNodes.push(next)
    }
  }
  for (const [id, next] of after.edges) {
    const old = before.edges.get(id)
    if (!old || old.source !== next.source || old.target !== next.target) addedEdges.push(next)
    else if (!sameEdge(old, next)) changedEdges.push(next)
  }
  return { removed, addedNodes, addedEdges, movedNodes, changedNodes, changedEdges }
}
