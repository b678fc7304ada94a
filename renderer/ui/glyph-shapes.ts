/** Kind glyphs, in a box from -7 to 7, in the ink `glyph` (text-2 unless a view says otherwise). */
import { box, circle, type Shape } from './drawing.ts'

export type Glyph =
  | 'deployment' | 'stateful-set' | 'daemon-set' | 'job' | 'cron-job' | 'replica-set' | 'pod' | 'service' | 'way-in' | 'config' | 'secret'
  | 'volume' | 'machine' | 'image' | 'person' | 'namespace' | 'account' | 'event' | 'lease' | 'object'
  | 'disk' | 'storage-class' | 'attachment' | 'sliders' | 'driver' | 'driver-node' | 'fill-level' | 'gauge' | 'limits' | 'way-in-class' | 'address-range' | 'address'
  | 'device-class' | 'device-claim' | 'device-template' | 'device-slice' | 'key'
  | 'autoscaler' | 'budget' | 'priority' | 'runtime' | 'revision' | 'template'

const line = (d: string): Shape => ({ d, stroke: 'glyph', width: 1.4 })
const ring = line(circle(5.52))
const cut = line('M-4.8 -2.09l1.79 -1.79h6l1.79 1.79v4.19l-1.79 1.79h-6l-1.79 -1.79z')

const dot = (r: number, x: number, y: number): Shape => ({ d: circle(r, x, y), fill: 'glyph' })
const barrel = line('M-4.19 -3.3v6.6c0 2.4 8.39 2.4 8.39 0v-6.6')
const lid = (y: number): Shape => line(`M-4.19 ${y}a4.19 1.79 0 1 0 8.38 0a4.19 1.79 0 1 0 -8.38 0z`)
const bow = (y: number): Shape => line(`M-4.19 ${y}c0 2.4 8.39 2.4 8.39 0`)
const tag = line('M-6 0L-2.4 -3.71H5.4V3.71H-2.4z')
const screen = line('M-5.4 -3.9h10.8v6.6h-10.8zM-3 4.8h6')
const pins = line('M-1.5 -5.9v2.2M1.5 -5.9v2.2M-1.5 3.7v2.2M1.5 3.7v2.2M-5.9 -1.5h2.2M-5.9 1.5h2.2M3.7 -1.5h2.2M3.7 1.5h2.2')
const chip = line(box(-3.7, -3.7, 7.4, 7.4, 1))

export const glyphShapes: Readonly<Record<Glyph, readonly Shape[]>> = {
  deployment: [ring, { d: circle(2.04), fill: 'glyph' }],
  'stateful-set': [ring, { d: 'M-2.04 -2.04h4.08v4.08h-4.08z', fill: 'glyph' }],
  'daemon-set': [ring, { d: 'M-2.52 1.79L0 -2.7L2.52 1.79z', fill: 'glyph' }],
  job: [ring, line('M-2.4 0l1.79 1.79l3 -3.59')],
  'cron-job': [ring, line('M0 -3V0l2.09 1.5')],
  'replica-set': [line(box(-3.71, -3.59, 9.3, 7.19, 1.2)), line('M-5.88 -2.52v5.04')],
  pod: [line(box(-6, -3.3, 12, 6.6, 3.3))],
  service: [line('M-6 0L-3 -3.71H3L6 0L3 3.71H-3z')],
  'way-in': [tag],
  config: [cut],
  secret: [cut, { d: circle(1.2), fill: 'glyph' }],
  volume: [barrel, lid(-3.3)],
  machine: [screen],
  image: [line('M0 -5.4l5.1 2.7v5.4l-5.1 2.7l-5.1 -2.7v-5.4zM-5.1 -2.7l5.1 2.7l5.1 -2.7M0 0v5.4')],
  person: [{ d: 'M-3.59 6V-5.1h8.1l-2.4 3l2.4 3h-8.1', fill: 'brass-mark', stroke: 'brass-mark', width: 1.2 }],
  namespace: [line(box(-5.4, -4.6, 10.8, 9.2, 2)), line('M-5.4 -1.7h10.8')],
  account: [line(circle(2.1, 0, -2.3)), line('M-4.2 4.8c.4 -5 8 -5 8.4 0')],
  event: [line('M1.2 -5.6l-4.6 6.4h3.4l-1 4.8l4.6 -6.4h-3.4z')],
  lease: [ring, line('M0 -3v3h2.4')],
  object: [line('M-3.9 -5.4h5l2.8 2.8v8h-7.8z')],
  disk: [barrel, lid(-3.3), bow(0.2)],
  'storage-class': [lid(-3.6), bow(-0.4), bow(2.8)],
  attachment: [line(circle(2, -3.7)), line(circle(2, 3.7)), line('M-1.7 0h3.4')],
  sliders: [line('M-5.4 -2.7h10.8M-5.4 2.7h10.8'), dot(1.7, -1.8, -2.7), dot(1.7, 2, 2.7)],
  driver: [line('M-2.2 -5.6v2.8M2.2 -5.6v2.8M-4.2 -2.8h8.4v2.2a4.2 4 0 0 1 -8.4 0zM0 3.4v2.4')],
  'driver-node': [screen, dot(1.4, 0, -0.6)],
  'fill-level': [line(box(-3.3, -5.4, 6.6, 10.8, 1.2)), { d: 'M-3.3 0.4h6.6v4h-6.6z', fill: 'glyph' }],
  gauge: [line('M-4.4 4.2a5.7 5.7 0 1 1 8.8 0'), line('M0 0.6l2.6 -3'), dot(1.2, 0, 0.8)],
  limits: [line('M-5.6 -4.2v8.4M5.6 -4.2v8.4M-3.3 0h6.6M-1.7 -1.8l-1.8 1.8l1.8 1.8M1.7 -1.8l1.8 1.8l-1.8 1.8')],
  'way-in-class': [tag, dot(1.3, 1, 0)],
  'address-range': [line('M-3.2 -4.2h-2.4v8.4h2.4M3.2 -4.2h2.4v8.4h-2.4'), dot(0.9, -2.3, 0), dot(0.9, 0, 0), dot(0.9, 2.3, 0)],
  address: [line('M-1.4 -4.6l-1.5 9.2M2.9 -4.6l-1.5 9.2M-4.8 -1.7h10M-5.2 1.7h10')],
  'device-class': [chip, pins],
  'device-claim': [chip, pins, dot(1.5, 0, 0)],
  'device-template': [{ ...chip, dash: [1.8, 1.4] }, pins],
  'device-slice': [chip, pins, line('M-1.5 -1.2h3M-1.5 1.2h3')],
  autoscaler: [line('M-5.4 4.4h4.2v-4.2h3.6v-4.6h3'), line('M-3.6 -1.6v-3.6M-5.4 -3.6l1.8 -1.8l1.8 1.8')],
  budget: [line('M0 -5.6l4.8 1.7v3.6c0 3 -2 4.9 -4.8 6c-2.8 -1.1 -4.8 -3 -4.8 -6v-3.6z'), line('M-2 0.1l1.5 1.6l2.7 -3.1')],
  priority: [line('M-4.2 0.6l4.2 -4.2l4.2 4.2M-4.2 4.8l4.2 -4.2l4.2 4.2')],
  runtime: [line(box(-5.2, -4.4, 10.4, 8.8, 1.6)), { d: 'M-1.5 -2.1L2.3 0L-1.5 2.1z', fill: 'glyph' }],
  revision: [line('M-5.1 -2.2a5.4 5.4 0 1 1 -0.3 3.4M-5.6 -5v3h3'), line('M0 -2.6V0.4l1.9 1.2')],
  template: [{ ...line(box(-6, -3.3, 12, 6.6, 3.3)), dash: [1.8, 1.4] }],
  key: [line(circle(2.2, -3.3)), line('M-1.1 0h6.7M5.2 0v2.4M2.6 0v1.8')],
}
