/**
 * A workload as a small orrery: the core says the kind, each disc on an orbit is a Pod. Outer orbit: newest revision;
 * inner: older ones. Disc i sits at -90° + i·360/n and stays there. More than 18 Pods take two orbits; more than 60 become
 * arcs in proportion, on which a failing Pod still keeps a whole diamond.
 */
import type { Mark } from '../../core/api/state/words.ts'
import { arc, box, circle, moved, type Ink, type Shape } from './drawing.ts'
import { marksOf, markInk } from './mark-shapes.ts'

export type Core = 'disc' | 'square' | 'triangle' | 'check' | 'hand'

export interface EmblemState {
  core: Core
  /** The state of the whole: colours the core while something moves or fails. */
  mark: Mark
  /** Pods of the newest revision, in their places; `planned` keeps a place for one that will come. */
  outer: readonly Mark[]
  inner: readonly Mark[]
  /** Share of the rollout that is done. */
  progress?: number
  /** Share of the pause before the next try that is left. */
  countdown?: number
  /** Of a CronJob: how much of the time until the next run has passed. */
  hand?: number
}

/** The same picture has the same key. */
export const emblemKey = (state: EmblemState): string =>
  `${state.core}|${state.mark}|${runs(state.outer)}|${runs(state.inner)}|${step(state.progress)}|${step(state.countdown)}|${step(state.hand)}`
const runs = (marks: readonly Mark[]): string => marks.map((mark) => mark.slice(0, 2)).join('')
const step = (share: number | undefined): string => (share === undefined ? '' : String(Math.round(share * 60)))

/** Below this an emblem is a sign, not a picture: 2 px dots, a coloured orbit. */
const tinyBelow = 17

const discScale = (r: number, n: number): number => Math.min(r < tinyBelow ? 0.43 : 0.858 + (r - 22) * 0.0119, (0.42 * 2 * Math.PI * r) / Math.max(1, n) / 5.16)

/** `turn`: where the first disc sits; inner orbits are turned by half a step, so that discs don't line up. */
function orbit(r: number, marks: readonly Mark[], largest: number, turn = 0): Shape[] {
  const shapes: Shape[] = []
  const scale = Math.min(largest, discScale(r, marks.length))
  marks.forEach((mark, i) => {
    const angle = -Math.PI / 2 + ((i + turn) * 2 * Math.PI) / marks.length
    const x = Math.cos(angle) * r
    const y = Math.sin(angle) * r
    const s = mark === 'failing' || mark === 'degraded' ? Math.max(scale * 1.12, 0.43) : scale
    shapes.push({ d: circle(5.16 * s + 1.75, x, y), fill: 'ground' }, ...moved(marksOf(mark, true), x, y, s))
  })
  return shapes
}

/** More than 60: each state an arc of its share, worst last so that it lies on top; one diamond for all that fail. */
function arcs(r: number, marks: readonly Mark[]): Shape[] {
  const counts = new Map<Mark, number>()
  for (const mark of marks) counts.set(mark, (counts.get(mark) ?? 0) + 1)
  const shapes: Shape[] = []
  let from = 0
  for (const [mark, n] of counts) {
    const share = n / marks.length
    const angle = (from * 2 * Math.PI)
    const start = [r * Math.sin(angle), -r * Math.cos(angle)]
    const end = [r * Math.sin(angle + share * 2 * Math.PI), -r * Math.cos(angle + share * 2 * Math.PI)]
    const d = share >= 0.999 ? circle(r) : `M${start[0]!.toFixed(2)} ${start[1]!.toFixed(2)}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 1 ${end[0]!.toFixed(2)} ${end[1]!.toFixed(2)}`
    shapes.push({ d, stroke: mark === 'ready' ? 'g-ready' : markInk[mark], width: r < 8 ? 2 : Math.max(2, r * 0.16) })
    from += share
  }
  const diamond = r < tinyBelow ? 0.5 : 1
  if (counts.has('failing')) shapes.push({ d: circle(8 * diamond, 0, -r), fill: 'ground' }, ...moved(marksOf('failing', true), 0, -r, diamond))
  return shapes
}

export function emblemShapes(state: EmblemState, r: number): Shape[] {
  const moving = state.mark === 'moving'
  const failing = state.mark === 'failing'
  const tiny = r < tinyBelow
  const large = discScale(r, 1)
  const shapes: Shape[] = []
  if (!tiny) shapes.push({ d: circle(r + 5.16 * large + 3), fill: 'ground' })
  const orbitInk: Ink = !tiny ? 'g-orbit' : failing ? 'fail' : moving ? 'run' : state.mark === 'degraded' ? 'warn' : 'g-orbit'
  const many = state.outer.length > (r < 8 ? 12 : 60)
  if (state.countdown !== undefined && !tiny) {
    shapes.push({ d: circle(r), stroke: 'g-edge-dim', width: 2 }, { d: arc(r, state.countdown), stroke: 'fail', width: 2 })
  } else if (!many) shapes.push({ d: circle(r), stroke: orbitInk, width: tiny ? 1.1 : 1.3 })
  if (state.progress !== undefined && state.progress > 0 && !tiny) shapes.push({ d: arc(r, state.progress), stroke: 'run', width: 2 })
  const innerR = r * 0.62
  let outer = state.outer
  let inner = state.inner
  if (inner.length === 0 && outer.length > 18 && !many) {
    const half = Math.ceil(outer.length * 0.58)
    inner = outer.slice(half)
    outer = outer.slice(0, half)
  }
  if (inner.length > 0) shapes.push({ d: circle(innerR), stroke: 'g-orbit', width: tiny ? 0.9 : 1.3, opacity: 0.75 })
  shapes.push(...(many ? arcs(r, outer) : orbit(r, outer, large)))
  if (inner.length > 0) shapes.push(...(inner.length > 60 ? arcs(innerR, inner) : orbit(innerR, inner, large, 0.5)))
  const core = tiny ? Math.min(2.4, 0.26 * r) : (inner.length > 0 ? 0.2 : 0.26) * r
  const ink: Ink = failing ? 'fail' : moving ? 'run' : state.mark === 'degraded' ? 'warn' : 'text-2'
  shapes.push(...coreShapes(state.core, core, ink, state.hand))
  return shapes
}

function coreShapes(core: Core, size: number, ink: Ink, hand = 1 / 3): Shape[] {
  switch (core) {
    case 'square': return [{ d: box(-size * 0.9, -size * 0.9, size * 1.8, size * 1.8, Math.min(1, size / 4)), fill: ink }]
    case 'triangle': return [{ d: `M0 ${-size * 1.1}L${size * 1.1} ${size * 0.8}H${-size * 1.1}z`, fill: ink }]
    case 'check': return [{ d: `M${-size * 0.8} 0l${size * 0.6} ${size * 0.7}l${size} ${-size * 1.3}`, stroke: ink, width: size * 0.45 }]
    // The short hand points at the last run; the long one goes round until the next.
    case 'hand': {
      const angle = hand * 2 * Math.PI
      const tip = `${(Math.sin(angle) * size * 1.15).toFixed(2)} ${(-Math.cos(angle) * size * 1.15).toFixed(2)}`
      return [{ d: circle(size * 1.5), stroke: ink, width: size * 0.22, opacity: 0.6 }, { d: `M0 ${(-size * 0.7).toFixed(2)}L0 0L${tip}`, stroke: ink, width: size * 0.36 }]
    }
    default: return [{ d: circle(size), fill: ink }]
  }
}
