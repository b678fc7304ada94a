/** The nine status marks, in a box from -7 to 7. Shape, colour and word always come together. */
import type { Mark } from '../../core/api/state/words.ts'
import { box, circle, type Ink, type Shape } from './drawing.ts'

export const markInk: Readonly<Record<Mark, Ink>> = {
  ready: 'ok', moving: 'run', waiting: 'wait', degraded: 'warn', failing: 'fail', leaving: 'text-3', unreachable: 'off', finished: 'text-2', planned: 'g-ghost',
}
export const softInk: Readonly<Record<Mark, Ink>> = {
  ready: 'ok-soft', moving: 'run-soft', waiting: 'wait-soft', degraded: 'warn-soft', failing: 'fail-soft',
  leaving: 'wait-soft', unreachable: 'off-soft', finished: 'wait-soft', planned: 'wait-soft',
}
/** The mark's own word, where no sentence says more. */
export const markWord: Readonly<Record<Mark, string>> = {
  ready: 'ready', moving: 'in motion', waiting: 'waiting', degraded: 'degraded', failing: 'failing',
  leaving: 'leaving', unreachable: 'out of reach', finished: 'finished', planned: 'planned',
}
/** Trouble first. */
export const markOrder: readonly Mark[] = ['failing', 'unreachable', 'degraded', 'moving', 'waiting', 'leaving', 'planned', 'ready', 'finished']

export const markShapes: Readonly<Record<Mark, readonly Shape[]>> = {
  ready: [{ d: circle(5.16), fill: 'ok' }],
  moving: [{ d: circle(4.8), stroke: 'run', width: 1.56 }, { d: 'M0 -4.8a4.8 4.8 0 0 1 0 9.6z', fill: 'run' }],
  waiting: [{ d: circle(4.8), stroke: 'wait', width: 1.56 }],
  degraded: [
    { d: 'M0 -5.69L6 4.8H-6z', fill: 'warn', stroke: 'warn', width: 1.2 },
    { d: 'M0 -1.79v3M0 3.12v.01', stroke: 'ground', width: 1.5 },
  ],
  failing: [
    { d: 'M0 -6.48L6.48 0L0 6.48L-6.48 0z', fill: 'fail', stroke: 'fail', width: 1.08 },
    { d: 'M0 -2.7v3M0 2.76v.01', stroke: 'ground', width: 1.62 },
  ],
  leaving: [{ d: circle(4.8), stroke: 'text-3', width: 1.56, dash: [3, 2.52] }, { d: 'M-2.16 0h4.32', stroke: 'text-3', width: 1.56 }],
  unreachable: [{ d: box(-4.68, -4.68, 9.36, 9.36, 1.5), stroke: 'off', width: 1.56, dash: [3.71, 2.52] }, { d: 'M0 -.89v.01', stroke: 'off', width: 3 }],
  finished: [{ d: 'M-3.59 .3l2.52 2.52l4.92 -5.4', stroke: 'text-2', width: 1.71 }],
  planned: [{ d: circle(4.8), stroke: 'g-ghost', width: 1.56, dash: [2.28, 2.28] }],
}

/** On the graph and in the outline healthy is a shade quieter. */
export const quietReady: readonly Shape[] = [{ d: circle(5.16), fill: 'g-ready' }]
export const marksOf = (mark: Mark, quiet: boolean): readonly Shape[] => (quiet && mark === 'ready' ? quietReady : markShapes[mark])
