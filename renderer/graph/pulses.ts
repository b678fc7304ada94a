/**
 * Causes under way, over the graph: a brass flag where a person changed something, and a comet along each owner edge that
 * a consequence travelled. Far out the orbit flashes once instead. Nothing moves when nothing happens.
 */
import type { Colours } from '../ui/drawing.ts'
import type { Line } from './content.ts'
import type { Pen } from './pen.ts'
import type { Scene } from './scene.ts'

export interface Flag {
  /** Item it stands on. */
  id: string
  who: string
  what: string
}
interface Comet { target: string; startMs: number }
interface Flash { app: string; startMs: number }

const travelMs = 700
const atMost = 12

export class Pulses {
  readonly reducedMotion: () => boolean
  flags: readonly Flag[] = []
  #comets: Comet[] = []
  #flashes: Flash[] = []
  /** Consequences beyond the twelve that are drawn. */
  #more = 0

  constructor(reducedMotion: () => boolean) {
    this.reducedMotion = reducedMotion
  }

  /** A consequence reached this object. */
  reach(target: string, app: string | undefined, now: number): void {
    if (this.#comets.length >= atMost) this.#more++
    else this.#comets.push({ target, startMs: now })
    if (app !== undefined && !this.#flashes.some((flash) => flash.app === app)) this.#flashes.push({ app, startMs: now })
  }

  /** Something still moves: the next frame must be painted. */
  active(now: number): boolean {
    const life = this.reducedMotion() ? 2_000 : travelMs + 250
    this.#comets = this.#comets.filter((comet) => now - comet.startMs < life)
    this.#flashes = this.#flashes.filter((flash) => now - flash.startMs < 900)
    if (this.#comets.length === 0) this.#more = 0
    return this.#comets.length > 0 || this.#flashes.length > 0
  }

  /** In world coordinates. */
  paint(ctx: CanvasRenderingContext2D, pen: Pen, colours: Colours, scene: Scene, now: number): void {
    if (this.flags.length === 0 && this.#comets.length === 0 && this.#flashes.length === 0) return
    const ends = new Map<string, { from: { x: number; y: number }; to: { x: number; y: number }; scale: number }>()
    const wanted = new Set(this.#comets.map((comet) => comet.target))
    if (wanted.size > 0) {
      for (const { box, shown } of scene.apps) {
        for (const line of shown.content?.lines ?? []) {
          if ((line.kind !== 'owns' && line.kind !== 'leaving') || !wanted.has(line.target)) continue
          const at = (point: Line['from']) => ({ x: box.x + shown.dx + point.x * shown.scale, y: box.y + shown.dy + point.y * shown.scale })
          ends.set(line.target, { from: at(line.from), to: at(line.to), scale: shown.scale })
        }
      }
    }
    for (const comet of this.#comets) {
      const edge = ends.get(comet.target)
      if (!edge) continue
      const t = this.reducedMotion() ? 1 : Math.min(1, (now - comet.startMs) / travelMs)
      this.#comet(ctx, colours, edge, t)
    }
    for (const flash of this.#flashes) this.#flash(ctx, colours, scene, flash, now)
    for (const flag of this.flags) this.#flag(ctx, pen, colours, scene, flag)
  }

  #comet(ctx: CanvasRenderingContext2D, colours: Colours, edge: { from: { x: number; y: number }; to: { x: number; y: number }; scale: number }, t: number): void {
    const eased = 1 - (1 - t) ** 2
    const x = edge.from.x + (edge.to.x - edge.from.x) * eased
    const y = edge.from.y + (edge.to.y - edge.from.y) * eased
    const s = edge.scale
    const tail = Math.max(0, eased - 0.9)
    const tx = edge.from.x + (edge.to.x - edge.from.x) * tail
    const ty = edge.from.y + (edge.to.y - edge.from.y) * tail
    const pulse = colours['g-pulse']!
    const gradient = ctx.createLinearGradient(tx, ty, x, y)
    gradient.addColorStop(0, `${pulse}00`)
    gradient.addColorStop(1, pulse)
    ctx.beginPath()
    ctx.moveTo(tx, ty)
    ctx.lineTo(x, y)
    ctx.lineCap = 'round'
    ctx.setLineDash([])
    ctx.lineWidth = 2.4 * s
    ctx.strokeStyle = gradient
    ctx.stroke()
    ctx.fillStyle = pulse
    ctx.globalAlpha = 0.16
    ctx.beginPath()
    ctx.arc(x, y, 7 * s, 0, 2 * Math.PI)
    ctx.fill()
    ctx.globalAlpha = 1
    ctx.beginPath()
    ctx.arc(x, y, 3.2 * s, 0, 2 * Math.PI)
    ctx.fill()
  }

  #flash(ctx: CanvasRenderingContext2D, colours: Colours, scene: Scene, flash: Flash, now: number): void {
    const app = scene.apps.find((one) => one.box.app.key === flash.app)
    if (!app || app.shown.content) return
    const age = (now - flash.startMs) / 900
    const { box } = app
    ctx.beginPath()
    ctx.arc(box.x + box.w / 2, box.y + box.h / 2, Math.min(box.w, box.h) * (0.32 + age * 0.06), 0, 2 * Math.PI)
    ctx.globalAlpha = Math.max(0, 1 - age)
    ctx.lineWidth = Math.min(box.w, box.h) * 0.02
    ctx.setLineDash([])
    ctx.strokeStyle = colours['g-pulse']!
    ctx.stroke()
    ctx.globalAlpha = 1
  }

  #flag(ctx: CanvasRenderingContext2D, pen: Pen, colours: Colours, scene: Scene, flag: Flag): void {
    const spot = scene.spots.get(flag.id)
    if (!spot) return
    const emblem = spot.item.face.type === 'emblem' ? spot.item.face.r : undefined
    const big = emblem !== undefined && emblem > 40
    ctx.save()
    ctx.translate(spot.x, spot.y - (emblem ?? spot.item.h / 2) * spot.scale)
    const s = spot.scale * (big ? 1 : 0.62)
    ctx.scale(s, s)
    const pole = big ? Math.max(26, Math.min(72, spot.item.y - (emblem ?? 0) - 52)) : Math.max(22, Math.min(40, (spot.item.y - (emblem ?? spot.item.h / 2) - 34) / 0.62))
    const foot = emblem === undefined ? 0 : -9
    ctx.beginPath()
    ctx.moveTo(0, foot)
    ctx.lineTo(0, -pole)
    ctx.lineTo(23, -pole)
    ctx.lineTo(16.5, -pole + 8)
    ctx.lineTo(23, -pole + 16)
    ctx.lineTo(0, -pole + 16)
    ctx.lineWidth = 1.6
    ctx.lineJoin = 'round'
    ctx.setLineDash([])
    ctx.strokeStyle = colours['brass-mark']!
    ctx.stroke()
    ctx.fillStyle = colours['brass-mark']!
    ctx.fillRect(0, -pole, 1, 16)
    ctx.beginPath()
    ctx.moveTo(0, -pole)
    ctx.lineTo(23, -pole)
    ctx.lineTo(16.5, -pole + 8)
    ctx.lineTo(23, -pole + 16)
    ctx.lineTo(0, -pole + 16)
    ctx.fill()
    if (big) {
      const what = { size: 11, condensed: true, ink: colours['g-label-2']!, align: 'right', max: 84 } as const
      const tall = pole > 44
      pen.text(flag.what, -9, -pole + (tall ? 25 : 10), what)
      /** A short pole has the emblem below it: one line then. */
      const left = tall || flag.what === '' ? -9 : -14 - Math.min(84, pen.width(flag.what, what))
      pen.text(flag.who, left, -pole + 10, { size: 12, weight: 600, ink: colours['brass-text']!, align: 'right' })
    } else if (emblem !== undefined && spot.scale > 0.8 && spot.item.y - emblem > 92) {
      /** The flag is drawn smaller here, its words are not. */
      pen.text(flag.who, -12, -pole + 6, { size: 12 / 0.62, weight: 600, ink: colours['brass-text']!, align: 'right' })
      pen.text(flag.what, -12, -pole + 29, { size: 11 / 0.62, condensed: true, ink: colours['g-label-2']!, align: 'right', max: 80 / 0.62 })
    }
    ctx.restore()
  }
}
