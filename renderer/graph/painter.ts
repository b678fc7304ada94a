/**
 * Paints what the graph library's plain nodes do not carry: words, marks, emblems, cells, titles, and over them causes
 * under way (flags, comets). One canvas above the library's, in the same pan and zoom; only what is in view.
 */
import type { Mark } from '../../core/api/state/words.ts'
import { emblemKey, emblemShapes, type EmblemState } from '../ui/emblem-shapes.ts'
import { markInk, marksOf, markWord } from '../ui/mark-shapes.ts'
import { paint, type Colours } from '../ui/drawing.ts'
import { paintFace } from './faces.ts'
import { paintLabels } from './labels.ts'
import { Pen } from './pen.ts'
import type { Pulses } from './pulses.ts'
import type { Scene, ShownApp } from './scene.ts'
import type { Viewport } from './viewport.ts'
import type { World } from './world.ts'

export interface PaintState {
  scene: Scene
  world: World
  viewport: Viewport
  pulses: Pulses
  now: number
  selected: string | undefined
  hoveredApp: string | undefined
  /** Zoom is changing: emblems are drawn from the nearest kept size. */
  zooming: boolean
  /** Below 1 while something fades in. */
  alphaOf(id: string): number
}

const keptEmblems = 600

export class Painter {
  readonly #context: CanvasRenderingContext2D
  readonly #pen: Pen
  #emblems = new Map<string, HTMLCanvasElement>()
  #colours: Colours

  constructor(context: CanvasRenderingContext2D, colours: Colours) {
    this.#context = context
    this.#colours = colours
    this.#pen = new Pen(context)
  }

  setColours(colours: Colours): void {
    this.#colours = colours
    this.#emblems.clear()
    this.#pen.forget()
  }

  paint(state: PaintState): void {
    const ctx = this.#context
    const { zoom, panX, panY, width, height, ratio } = state.viewport
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    ctx.clearRect(0, 0, width, height)
    this.#pen.reset()
    const view = { x: -panX / zoom, y: -panY / zoom, w: width / zoom, h: height / zoom }
    const near = state.scene.apps.filter(({ box }) => box.x < view.x + view.w && view.x < box.x + box.w && box.y < view.y + view.h && view.y < box.y + box.h)
    const toScreen = (x: number, y: number) => ({ x: x * zoom + panX, y: y * zoom + panY })
    for (const group of state.world.groups) this.#groupTitle(group, toScreen(group.x, group.y), zoom)
    for (const app of near) {
      if (app.shown.content) this.#detailed(app, state)
      else if (app.shown.level === 1) this.#card(app, state, toScreen(app.box.x, app.box.y))
      else this.#dot(app, state, toScreen(app.box.x, app.box.y))
    }
    paintLabels(this.#pen, this.#colours, near.filter((app) => app.shown.level === 0), state.viewport, state.hoveredApp)
    ctx.setTransform(ratio * zoom, 0, 0, ratio * zoom, panX * ratio, panY * ratio)
    state.pulses.paint(ctx, this.#pen, this.#colours, state.scene, state.now)
  }

  #groupTitle(group: World['groups'][number], at: { x: number; y: number }, zoom: number): void {
    const pen = this.#pen
    /** The title stays in sight while any of its group is. */
    const left = Math.min(Math.max(at.x, 0), Math.max(at.x, at.x + group.w * zoom - 220))
    const room = at.x + group.w * zoom - left - 24
    const failing = group.apps.find((app) => app.state.mark === 'failing')
    const scale = Math.min(1.6, Math.max(1, zoom * 3))
    const size = 13 * scale
    const y = at.y + (8 + size * 0.9)
    let x = left + 12
    x += pen.text(group.name, x, y, { size, weight: 600, ink: this.#colours['g-label']!, max: room * 0.5 }) + 9
    const counts = `${group.apps.length} ${group.apps.length === 1 ? 'app' : 'apps'}`
    const right = at.x + group.w * zoom - 12
    if (failing) {
      this.#mark('failing', x + 6, y - size * 0.33, 0.9 * scale, 'g-box')
      x += 16 * scale
      x += pen.text(failing.name, x, y, { size: 12 * scale, weight: 600, ink: this.#colours['fail']!, condensed: true, max: right - x - 4 }) + 7
      pen.text(failing.state.say, x, y, { size: 12 * scale, ink: this.#colours['g-label']!, condensed: true, max: right - x - (room > 300 ? 60 : 0) })
      if (room <= 300) return
    }
    pen.text(counts, right, y, { size: 11 * scale, ink: this.#colours['g-label-2']!, align: 'right' })
  }

  /** L2 and L3: the title line, then every face. */
  #detailed(app: ShownApp, state: PaintState): void {
    const ctx = this.#context
    const { box, shown } = app
    const { zoom, panX, panY, ratio } = state.viewport
    const dim = state.scene.nodes.get(`app:${box.app.key}`)?.dim === true
    ctx.globalAlpha = dim ? 0.45 : 1
    this.#title(app, state)
    const s = ratio * zoom * shown.scale
    ctx.setTransform(s, 0, 0, s, ratio * (panX + zoom * (box.x + shown.dx)), ratio * (panY + zoom * (box.y + shown.dy)))
    const pixels = zoom * shown.scale
    for (const item of shown.content!.items) {
      const node = state.scene.nodes.get(item.id)
      if (!node) continue
      ctx.globalAlpha = (node.dim ? 0.45 : 1) * state.alphaOf(item.id)
      if (item.face.type === 'emblem') {
        const { workload, r } = item.face
        this.#emblem(workload.emblem, item.x, item.y, r, pixels * ratio, state.zooming, 'g-box')
      }
      paintFace(this.#pen, this.#colours, item, pixels, app.shown.level, state.selected === item.id)
    }
    for (const line of shown.content!.lines) {
      if (line.kind !== 'traffic' || line.endpoint === undefined || line.endpoint === 'leaving' || !state.scene.edges.has(line.id)) continue
      const ready = line.endpoint === 'ready'
      ctx.beginPath()
      ctx.arc(line.to.x, line.to.y, 3.4, 0, 2 * Math.PI)
      ctx.fillStyle = this.#colours[ready ? 'g-traffic' : 'g-box']!
      ctx.fill()
      if (!ready) {
        ctx.lineWidth = 1.5
        ctx.setLineDash([])
        ctx.strokeStyle = this.#colours['g-traffic-off']!
        ctx.stroke()
      }
    }
    ctx.globalAlpha = 1
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  #title({ box, shown }: ShownApp, state: PaintState): void {
    const ctx = this.#context
    const pen = this.#pen
    const { zoom, panX, panY, ratio } = state.viewport
    const { app } = box
    const wide = shown.level === 3 && shown.content!.w > 400
    /** Titles stay readable while the rest shrinks. */
    const s = box.cell ? Math.max(shown.scale, 10.5 / 13 / zoom) : Math.max(1, 10.5 / 13 / zoom)
    ctx.setTransform(ratio * zoom * s, 0, 0, ratio * zoom * s, ratio * (panX + zoom * (box.x + (box.cell ? 6 : 0))), ratio * (panY + zoom * (box.y + (box.cell ? 6 : 0))))
    const w = (box.w - (box.cell ? 12 : 0)) / s
    const colours = this.#colours
    const { mark, say, why } = app.state
    const inkName = markInk[mark]
    this.#mark(mark, wide ? 23.5 : 19.5, wide ? 25.5 : 22.5, wide ? 1 : 0.9, 'g-box')
    let x = wide ? 37.5 : 32.5
    const y = wide ? 30.5 : 27
    const count = mark === 'failing' || !wide ? app.counts : (app.left ?? (mark === 'moving' ? '' : app.counts))
    const right = w - (wide ? 18 : 16)
    const countText = app.workloads.length === 0 ? '' : count
    const nameStyle = { size: wide ? 14 : 13, weight: 600, ink: colours['g-label']! } as const
    const fits = x + pen.width(app.name, nameStyle) + pen.width(countText, { size: wide ? 12 : 11, ink: '' }) + 14 < right
    const rightWidth = countText === '' || !fits ? 0 : pen.text(countText, right, y, { size: wide ? 12 : 11, ink: mark === 'failing' ? colours['fail']! : colours['g-label-2']!, align: 'right', max: w * 0.45 })
    const room = right - rightWidth - 12
    x += pen.text(app.name, x, y, { ...nameStyle, max: room - x }) + 9
    if (mark === 'ready' || mark === 'finished' || !wide) return
    if (x < room - 30) x += pen.text(say, x, y, { size: 12, weight: 500, ink: colours[inkName]!, max: room - x }) + 9
    if (why && x < room - 30) pen.text(why, x, y, { size: 12, ink: colours['g-label-2']!, max: room - x })
    if (app.progress !== undefined && mark === 'moving') {
      const width = 9.5 + Math.max(0.04, app.progress) * (w - 19)
      ctx.beginPath()
      ctx.moveTo(9.5, 0)
      ctx.lineTo(width, 0)
      ctx.lineWidth = 2
      ctx.setLineDash([])
      ctx.strokeStyle = colours['run']!
      ctx.stroke()
    }
  }

  /** L1: emblem, name, ready of wanted, worst words. */
  #card({ box }: ShownApp, state: PaintState, at: { x: number; y: number }): void {
    const { zoom } = state.viewport
    const pen = this.#pen
    const colours = this.#colours
    const { app } = box
    const w = box.w * zoom
    const h = box.h * zoom
    const trouble = app.state.mark !== 'ready' && app.state.mark !== 'finished'
    const square = w < h * 1.5
    const r = square ? Math.min(w * 0.21, h * 0.2, 40) : Math.min(h * 0.3, w * 0.13, 44)
    const cx = square ? at.x + w / 2 : at.x + r + Math.min(28, w * 0.08)
    const cy = square ? at.y + h * 0.36 : at.y + h / 2
    this.#context.globalAlpha = state.scene.nodes.get(`app:${app.key}`)?.dim ? 0.45 : 1
    if (box.cell && app.state.mark === 'failing') this.#halo(cx, cy, r * 1.5)
    this.#emblemOnScreen(app.emblem, cx, cy, r, state, box.cell ? 'g-box' : 'g-box')
    const words = trouble ? app.state.say : app.counts.replace(/ ready$/, '')
    const ink = trouble && app.state.mark !== 'moving' ? colours[markInk[app.state.mark]]! : colours['g-label-2']!
    if (square) {
      const y = cy + r + 20
      pen.text(app.name, cx, y, { size: 12, weight: 600, ink: colours['g-label']!, align: 'center', condensed: true, max: w - 12 })
      if (h > 84) pen.text(words, cx, y + 15, { size: 11, ink, align: 'center', condensed: true, max: w - 12 })
    } else {
      const x = cx + r + 16
      pen.text(app.name, x, cy - 1, { size: 12.5, weight: 600, ink: colours['g-label']!, max: at.x + w - x - 10 })
      const style = { size: 11, ink, condensed: true, max: at.x + w - x - 10 }
      // The beginning of a sentence says less than the word for its state.
      pen.text(pen.width(words, style) > style.max * 1.3 ? markWord[app.state.mark] : words, x, cy + 14, style)
    }
    this.#context.globalAlpha = 1
  }

  #dot({ box }: ShownApp, state: PaintState, at: { x: number; y: number }): void {
    const { zoom } = state.viewport
    const w = box.w * zoom
    const h = box.h * zoom
    const cx = at.x + w / 2
    const cy = at.y + (box.cell ? h * 0.5 : h / 2)
    const r = Math.max(4, Math.min(14.5, Math.min(w, h) * 0.28))
    const n = box.app.pods
    const size = box.cell ? r * (n <= 2 ? 0.66 : n <= 6 ? 0.8 : n > 18 ? 1.15 : 1) : r
    this.#context.globalAlpha = state.scene.nodes.get(`app:${box.app.key}`)?.dim ? 0.45 : 1
    if (box.app.state.mark === 'failing') this.#halo(cx, cy, r + 4.5)
    this.#emblemOnScreen(box.app.emblem, cx, cy, size, state, box.app.state.mark === 'failing' ? 'fail-soft' : 'g-box')
    this.#context.globalAlpha = 1
  }

  #halo(x: number, y: number, r: number): void {
    const ctx = this.#context
    ctx.beginPath()
    ctx.arc(x, y, r, 0, 2 * Math.PI)
    ctx.fillStyle = this.#colours['fail-soft']!
    ctx.fill()
    ctx.lineWidth = 1.5
    ctx.setLineDash([])
    ctx.strokeStyle = this.#colours['fail']!
    ctx.stroke()
  }

  #mark(mark: Mark, x: number, y: number, scale: number, ground: string): void {
    const ctx = this.#context
    ctx.save()
    ctx.translate(x, y)
    ctx.scale(scale, scale)
    paint(ctx, marksOf(mark, true), this.#colours, this.#colours[ground]!)
    ctx.restore()
  }

  #emblemOnScreen(emblem: EmblemState, x: number, y: number, r: number, state: PaintState, ground: string): void {
    this.#emblem(emblem, x, y, r, state.viewport.ratio, state.zooming, ground)
  }

  /** `pixels`: device pixels a unit. The picture is kept by state, radius and size. */
  #emblem(emblem: EmblemState, x: number, y: number, r: number, pixels: number, zooming: boolean, ground: string): void {
    const exact = Math.max(0.2, pixels)
    const density = zooming ? 2 ** (Math.ceil(Math.log2(exact) * 3) / 3) : exact
    /** Small emblems that grow and shrink on screen share pictures by their rounded radius. */
    const drawn = Math.round(r * 4) / 4
    const key = `${emblemKey(emblem)}|${drawn}|${Math.round(density * 100)}|${ground}`
    let picture = this.#emblems.get(key)
    const half = drawn + 14
    if (!picture) {
      picture = document.createElement('canvas')
      picture.width = picture.height = Math.ceil(2 * half * density)
      const own = picture.getContext('2d')
      if (!own) return
      own.scale(density, density)
      own.translate(half, half)
      paint(own, emblemShapes(emblem, drawn), this.#colours, this.#colours[ground]!)
      if (this.#emblems.size >= keptEmblems) this.#emblems.delete(this.#emblems.keys().next().value!)
      this.#emblems.set(key, picture)
    }
    const side = picture.width / density
    this.#context.drawImage(picture, x - half, y - half, side, side)
  }
}
