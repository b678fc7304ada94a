/** What stands on each node: words, marks, bars, cells. In the app's own coordinates; `pixels` is how large a unit is on screen. */
import { paint, type Colours } from '../ui/drawing.ts'
import { lookOf } from '../kinds/look.ts'
import { glyphShapes, type Glyph } from '../ui/glyph-shapes.ts'
import { markInk, markOrder, marksOf } from '../ui/mark-shapes.ts'
import type { Mark } from '../../core/api/state/words.ts'
import type { Item } from './content.ts'
import type { Pen } from './pen.ts'
import type { PodView } from './sets.ts'

/** Text smaller than this on screen is left out (`--g-min-label`). */
const minLabel = 5.6

export function paintFace(pen: Pen, colours: Colours, item: Item, pixels: number, level: number, selected: boolean): void {
  const { face } = item
  const words = 11 * pixels >= minLabel
  switch (face.type) {
    case 'emblem': return emblemWords(pen, colours, item, pixels, selected)
    case 'set': return setFace(pen, colours, item, words)
    case 'keeper': return keeperFace(pen, colours, item, words)
    case 'pod': return podFace(pen, colours, item, pixels)
    case 'strip': return stripFace(pen, colours, item, pixels)
    case 'service': return serviceFace(pen, colours, item, words)
    case 'way': {
      if (!words) return
      const x = item.x - item.w / 2 + 20
      pen.text(face.way.title, x, item.y - 3, { size: 12, weight: 600, ink: colours['g-label']!, condensed: true, max: item.w - 26 })
      pen.text(face.way.detail, x, item.y + 11, { size: 11, ink: isBad(item.mark) ? colours[markInk[item.mark]]! : colours['g-label-2']!, condensed: true, max: item.w - 26 })
      return
    }
    case 'config': {
      const ink = face.missing ? colours['fail']! : colours['g-label-2']!
      glyph(pen, colours, face.secret ? 'secret' : 'config', item.x - item.w / 2 + 14, item.y, 0.86, ink)
      if (words) pen.text(face.missing ? `${face.name} is missing` : face.name, item.x - item.w / 2 + 25, item.y + 4, { size: 11.5, ink, condensed: true, max: item.w - 32 })
      return
    }
    case 'volume': return volumeFace(pen, colours, item, words, selected)
  }
}

function glyph(pen: Pen, colours: Colours, name: Glyph, x: number, y: number, scale: number, ink: string): void {
  const ctx = pen.context
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(scale, scale)
  paint(ctx, glyphShapes[name], { ...colours, glyph: ink }, colours['g-box']!)
  ctx.restore()
}

function mark(pen: Pen, colours: Colours, name: Mark, x: number, y: number, scale: number, ground: string): void {
  const ctx = pen.context
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(scale, scale)
  paint(ctx, marksOf(name, true), colours, colours[ground]!)
  ctx.restore()
}

function emblemWords(pen: Pen, colours: Colours, item: Item, pixels: number, selected: boolean): void {
  if (item.face.type !== 'emblem') return
  const { r, workload, second } = item.face
  const ctx = pen.context
  if (selected) {
    ctx.beginPath()
    ctx.arc(item.x, item.y, r + (r > 40 ? 11 : 8), 0, 2 * Math.PI)
    ctx.lineWidth = 2
    ctx.setLineDash([])
    ctx.strokeStyle = colours['brass-mark']!
    ctx.stroke()
  }
  if (11 * pixels < minLabel) return
  const big = r > 40
  const y = item.y + r + (big ? 26 : r > 28 ? 22 : 20)
  const failing = workload.state.mark === 'failing' || workload.state.mark === 'degraded' || workload.state.mark === 'unreachable'
  const room = big ? 182 : r > 28 ? 180 : 138
  pen.text(workload.name, item.x, y, { size: 12, weight: 600, ink: colours['g-label']!, align: 'center', condensed: !big, max: room })
  const line = big ? 16 : 15
  pen.text(second, item.x, y + line, {
    size: failing ? 12 : 11, weight: failing ? 500 : 400, ink: failing && !big ? colours[markInk[workload.state.mark]]! : colours['g-label-2']!, align: 'center', condensed: !big, max: room,
  })
  if (!big && workload.state.mark !== 'ready' && workload.state.mark !== 'finished' && workload.state.mark !== 'moving' && workload.state.why) {
    pen.text(workload.state.why, item.x, y + line + 15, { size: 11, ink: colours['g-label-2']!, align: 'center', condensed: true, max: room })
  }
}

function setFace(pen: Pen, colours: Colours, item: Item, words: boolean): void {
  if (item.face.type !== 'set') return
  const { set } = item.face
  const left = item.x - item.w / 2
  const ctx = pen.context
  ctx.beginPath()
  ctx.moveTo(left - 5, item.y - 16)
  ctx.lineTo(left - 5, item.y + 16)
  ctx.lineWidth = 1.4
  ctx.lineCap = 'round'
  ctx.setLineDash([])
  ctx.strokeStyle = set.state.mark === 'moving' && set.newest ? colours['run']! : colours['g-node-line']!
  ctx.stroke()
  if (!words) return
  const ink = set.newest ? colours['g-label']! : colours['g-label-2']!
  pen.text(set.title, left + 10.5, item.y - 3.5, { size: 12, weight: 600, ink, max: item.w - 36 })
  pen.text(set.detail, left + 10.5, item.y + 11.5, { size: 11, ink: isBad(set.state.mark) ? colours[markInk[set.state.mark]]! : colours['g-label-2']!, condensed: true, max: item.w - 20 })
  // A run says how it went, a revision how many Pods it has.
  if (set.revision === 0 && set.ref.kind !== 'ReplicaSet') mark(pen, colours, set.state.mark, left + item.w - 14, item.y - 7.5, 0.86, set.newest ? 'g-node' : 'g-box')
  else pen.text(String(set.count), left + item.w - 11, item.y - 3.5, { size: 12, weight: 600, ink, align: 'right' })
}

const isBad = (name: Mark): boolean => name === 'failing' || name === 'degraded' || name === 'unreachable'

function keeperFace(pen: Pen, colours: Colours, item: Item, words: boolean): void {
  if (item.face.type !== 'keeper') return
  const { ref, title, detail, state } = item.face.keeper
  const left = item.x - item.w / 2
  glyph(pen, colours, lookOf(ref.kind).glyph, left + 15, item.y, 0.95, colours[isBad(state.mark) ? markInk[state.mark] : 'g-label-2']!)
  if (!words) return
  pen.text(title, left + 28, item.y - 3, { size: 12, weight: 600, ink: colours['g-label']!, condensed: true, max: item.w - 34 })
  pen.text(detail, left + 28, item.y + 11, { size: 11, ink: isBad(state.mark) ? colours[markInk[state.mark]]! : colours['g-label-2']!, condensed: true, max: item.w - 34 })
}

/** What its pill says: where it is and how it is doing. */
export function podWords(pod: PodView): string {
  const { machine, state } = pod
  if (machine === undefined || / out of reach$/.test(state.say)) return state.say
  return `${machine}, ${state.say.replace(/, ends in (.*) at most$/, ' for $1')}`
}

function podFace(pen: Pen, colours: Colours, item: Item, pixels: number): void {
  if (item.face.type !== 'pod') return
  const { pod, scale } = item.face
  const ctx = pen.context
  ctx.save()
  ctx.translate(item.x, item.y)
  ctx.scale(scale, scale)
  const w = item.w / scale
  const left = -w / 2
  const ground = pod.state.mark === 'moving' ? 'run-soft' : pod.state.mark === 'failing' ? 'fail-soft' : 'g-node'
  mark(pen, colours, pod.state.mark, left + 20, 0, 1.033, ground)
  if (11 * pixels * scale >= minLabel) {
    const quiet = pod.state.mark === 'leaving'
    pen.text(pod.name, left + 36.5, -3, { size: 12, weight: 600, ink: quiet ? colours['g-label-2']! : colours['g-label']!, max: w - 92 })
    pen.text(podWords(pod), left + 36.5, 11, { size: 11, ink: colours['g-label-2']!, condensed: true, max: w - 50 })
    pen.text(pod.version, left + w - 14.5, -3, { size: 11, ink: pod.newest && pod.state.mark !== 'leaving' ? colours['run-version'] ?? colours['g-label-2']! : colours['g-label-2']!, align: 'right', max: 44 })
  }
  ctx.restore()
}

/** The worst of the Pods that share a cell. */
export const worstMark = (marks: readonly Mark[]): Mark => markOrder.find((one) => marks.includes(one)) ?? 'ready'

export function cellAt(item: Item, x: number, y: number): PodView | undefined {
  if (item.face.type !== 'strip') return undefined
  const { columns, pitch, pods, each } = item.face
  const column = Math.floor((x - (item.x - (columns * pitch) / 2)) / pitch)
  const row = Math.floor((y - (item.y - item.h / 2 + 6)) / pitch)
  if (column < 0 || column >= columns || row < 0) return undefined
  return pods[(row * columns + column) * each]
}

function stripFace(pen: Pen, colours: Colours, item: Item, pixels: number): void {
  if (item.face.type !== 'strip') return
  const { pods, columns, pitch, each } = item.face
  const left = item.x - (columns * pitch) / 2 + pitch / 2
  const top = item.y - item.h / 2 + 6 + pitch / 2
  const ctx = pen.context
  /** Ready cells in one path: a thousand discs are one fill. */
  ctx.beginPath()
  const others: { mark: Mark; x: number; y: number }[] = []
  for (let i = 0; i * each < pods.length; i++) {
    const share = pods.slice(i * each, (i + 1) * each)
    const name = each === 1 ? share[0]!.state.mark : worstMark(share.map((pod) => pod.state.mark))
    const x = left + (i % columns) * pitch
    const y = top + Math.floor(i / columns) * pitch
    if (name === 'ready') {
      ctx.moveTo(x + 4.1, y)
      ctx.arc(x, y, 4.1, 0, 2 * Math.PI)
    } else others.push({ mark: name, x, y })
    if (pitch * pixels > 34 && each === 1) pen.text(share[0]!.name, x, y + 5.6, { size: 1.9, ink: colours['g-label-2']!, align: 'center', condensed: true, max: pitch - 0.6 })
  }
  ctx.fillStyle = colours['g-ready']!
  ctx.fill()
  for (const one of others) mark(pen, colours, one.mark, one.x, one.y, 0.8, 'g-box')
  if (each > 1 && 11 * pixels >= minLabel) pen.text(`a cell stands for ${each} Pods`, item.x, item.y + item.h / 2 + 12, { size: 11, ink: colours['g-label-2']!, align: 'center', condensed: true })
}

function serviceFace(pen: Pen, colours: Colours, item: Item, words: boolean): void {
  if (item.face.type !== 'service' || !words) return
  const { service, below } = item.face
  const room = item.w - (below ? 24 : 32)
  if (below) {
    pen.text(service.name, item.x, item.y + 4, { size: 12, weight: 600, ink: colours['g-label']!, align: 'center', condensed: true, max: room })
    const trouble = service.state.mark !== 'ready'
    pen.text(trouble ? service.state.say : service.address, item.x, item.y + item.h / 2 + 16, { size: 11, ink: colours['g-label-2']!, align: 'center', condensed: true, max: 132 })
    return
  }
  pen.text(service.name, item.x, item.y - 3, { size: 12, weight: 600, ink: colours['g-label']!, align: 'center', condensed: true, max: room })
  const trouble = service.state.mark === 'degraded' || service.state.mark === 'failing'
  pen.text(service.state.say, item.x, item.y + 12, { size: 11, ink: trouble ? colours[markInk[service.state.mark]]! : colours['g-label-2']!, align: 'center', condensed: true, max: room })
}

function volumeFace(pen: Pen, colours: Colours, item: Item, words: boolean, selected: boolean): void {
  if (item.face.type !== 'volume') return
  const ctx = pen.context
  const { x, y } = item
  const w = item.w / 2
  const h = item.h / 2
  const lid = 5
  ctx.beginPath()
  ctx.moveTo(x - w, y - h + lid)
  ctx.lineTo(x - w, y + h - lid)
  ctx.ellipse(x, y + h - lid, w, lid, 0, Math.PI, 0, true)
  ctx.lineTo(x + w, y - h + lid)
  ctx.ellipse(x, y - h + lid, w, lid, 0, 0, Math.PI, true)
  ctx.closePath()
  ctx.fillStyle = colours['g-node']!
  ctx.fill()
  ctx.lineWidth = selected ? 2 : 1.2
  // Not there yet is dashed, as everything that is to come.
  ctx.setLineDash(item.face.mark === 'waiting' || item.face.mark === 'leaving' ? [4, 3] : [])
  ctx.strokeStyle = colours[selected ? 'brass-mark' : isBad(item.face.mark) ? markInk[item.face.mark] : item.face.mark === 'moving' ? 'run' : 'g-node-line']!
  ctx.stroke()
  ctx.beginPath()
  ctx.ellipse(x, y - h + lid, w, lid, 0, 0, Math.PI)
  ctx.stroke()
  if (!words) return
  ctx.setLineDash([])
  const second = isBad(item.face.mark) ? colours[markInk[item.face.mark]]! : colours['g-label-2']!
  if (item.face.tall) {
    pen.text(item.face.name, x, y + 2, { size: 12, weight: 600, ink: colours['g-label']!, align: 'center', condensed: true, max: item.w - 12 })
    pen.text(item.face.detail, x, y + 16, { size: 11, ink: second, align: 'center', condensed: true, max: item.w - 12 })
    return
  }
  if (isBad(item.face.mark)) {
    pen.text(item.face.detail, x, y + lid / 2 + 4, { size: 11.5, weight: 600, ink: second, align: 'center', condensed: true, max: item.w - 10 })
    return
  }
  const text = item.face.detail.length > 0 && item.face.detail.length < 14 ? `${item.face.name} ${item.face.detail}` : item.face.name
  pen.text(text, x, y + lid / 2 + 4, { size: 11.5, weight: 600, ink: colours['g-label']!, align: 'center', condensed: true, max: item.w - 10 })
}
