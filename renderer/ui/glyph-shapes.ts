/** Kind glyphs, in a box from -7 to 7, in the ink `glyph` (text-2 unless a view says otherwise). */
import { box, circle, type Shape } from './drawing.ts'

export type Glyph =
  | 'deployment' | 'stateful-set' | 'daemon-set' | 'job' | 'cron-job' | 'replica-set' | 'pod' | 'service' | 'way-in' | 'config' | 'secret'
  | 'volume' | 'machine' | 'image' | 'person' | 'namespace' | 'account' | 'event' | 'lease' | 'object'

const line = (d: string): Shape => ({ d, stroke: 'glyph', width: 1.4 })
const ring = line(circle(5.52))
const cut = line('M-4.8 -2.09l1.79 -1.79h6l1.79 1.79v4.19l-1.79 1.79h-6l-1.79 -1.79z')

export const glyphShapes: Readonly<Record<Glyph, readonly Shape[]>> = {
  deployment: [ring, { d: circle(2.04), fill: 'glyph' }],
  'stateful-set': [ring, { d: 'M-2.04 -2.04h4.08v4.08h-4.08z', fill: 'glyph' }],
  'daemon-set': [ring, { d: 'M-2.52 1.79L0 -2.7L2.52 1.79z', fill: 'glyph' }],
  job: [ring, line('M-2.4 0l1.79 1.79l3 -3.59')],
  'cron-job': [ring, line('M0 -3V0l2.09 1.5')],
  'replica-set': [line(box(-3.71, -3.59, 9.3, 7.19, 1.2)), line('M-5.88 -2.52v5.04')],
  pod: [line(box(-6, -3.3, 12, 6.6, 3.3))],
  service: [line('M-6 0L-3 -3.71H3L6 0L3 3.71H-3z')],
  'way-in': [line('M-6 0L-2.4 -3.71H5.4V3.71H-2.4z')],
  config: [cut],
  secret: [cut, { d: circle(1.2), fill: 'glyph' }],
  volume: [line('M-4.19 -3.3v6.6c0 2.4 8.39 2.4 8.39 0v-6.6'), line('M-4.19 -3.3a4.19 1.79 0 1 0 8.38 0a4.19 1.79 0 1 0 -8.38 0z')],
  machine: [line('M-5.4 -3.9h10.8v6.6h-10.8zM-3 4.8h6')],
  image: [line('M0 -5.4l5.1 2.7v5.4l-5.1 2.7l-5.1 -2.7v-5.4zM-5.1 -2.7l5.1 2.7l5.1 -2.7M0 0v5.4')],
  person: [{ d: 'M-3.59 6V-5.1h8.1l-2.4 3l2.4 3h-8.1', fill: 'brass-mark', stroke: 'brass-mark', width: 1.2 }],
  namespace: [line(box(-5.4, -4.6, 10.8, 9.2, 2)), line('M-5.4 -1.7h10.8')],
  account: [line(circle(2.1, 0, -2.3)), line('M-4.2 4.8c.4 -5 8 -5 8.4 0')],
  event: [line('M1.2 -5.6l-4.6 6.4h3.4l-1 4.8l4.6 -6.4h-3.4z')],
  lease: [ring, line('M0 -3v3h2.4')],
  object: [line('M-3.9 -5.4h5l2.8 2.8v8h-7.8z')],
}
