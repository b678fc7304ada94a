/**
 * A drawing is a list of painted paths whose inks are design tokens. The same drawing becomes SVG in the page and strokes
 * on the canvas, so that a mark, a glyph or an emblem is drawn in one place only.
 */
/** A token name without its dashes; `ground` is whatever the drawing stands on. */
export type Ink = string

export interface Shape {
  d: string
  fill?: Ink
  stroke?: Ink
  width?: number
  dash?: readonly number[]
  opacity?: number
  /** Moves and scales the path. */
  at?: { x: number; y: number; scale: number }
}

export type Colours = Readonly<Record<string, string>>

const round = (n: number): number => Math.round(n * 1000) / 1000

export const circle = (r: number, cx = 0, cy = 0): string =>
  `M${round(cx - r)} ${round(cy)}a${round(r)} ${round(r)} 0 1 1 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 1 1 ${round(-2 * r)} 0z`

/** Part of a circle, clockwise from the top; `share` of 0 to 1. */
export function arc(r: number, share: number): string {
  if (share >= 1) return circle(r)
  const angle = share * 2 * Math.PI
  return `M0 ${round(-r)}A${round(r)} ${round(r)} 0 ${share > 0.5 ? 1 : 0} 1 ${round(r * Math.sin(angle))} ${round(-r * Math.cos(angle))}`
}

export const box = (x: number, y: number, w: number, h: number, r: number): string =>
  `M${x + r} ${y}h${w - 2 * r}q${r} 0 ${r} ${r}v${h - 2 * r}q0 ${r} ${-r} ${r}h${-(w - 2 * r)}q${-r} 0 ${-r} ${-r}v${-(h - 2 * r)}q0 ${-r} ${r} ${-r}z`

const paths = new WeakMap<Shape, Path2D>()

/** Paints at the context's origin. Colours are resolved by the caller once a theme. */
export function paint(ctx: CanvasRenderingContext2D, shapes: readonly Shape[], colours: Colours, ground: string): void {
  const ink = (name: Ink): string => (name === 'ground' ? ground : (colours[name] ?? name))
  for (const shape of shapes) {
    let path = paths.get(shape)
    if (!path) paths.set(shape, (path = new Path2D(shape.d)))
    ctx.save()
    if (shape.at) {
      ctx.translate(shape.at.x, shape.at.y)
      ctx.scale(shape.at.scale, shape.at.scale)
    }
    if (shape.opacity !== undefined) ctx.globalAlpha *= shape.opacity
    if (shape.fill !== undefined) {
      ctx.fillStyle = ink(shape.fill)
      ctx.fill(path)
    }
    if (shape.stroke !== undefined) {
      ctx.strokeStyle = ink(shape.stroke)
      ctx.lineWidth = shape.width ?? 1
      ctx.lineJoin = 'round'
      ctx.lineCap = shape.dash ? 'butt' : 'round'
      ctx.setLineDash(shape.dash ? [...shape.dash] : [])
      ctx.stroke(path)
    }
    ctx.restore()
  }
}

export const moved = (shapes: readonly Shape[], x: number, y: number, scale: number): Shape[] =>
  shapes.map((shape) => ({ ...shape, at: { x: round(x), y: round(y), scale: round(scale) } }))
