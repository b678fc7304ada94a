/** Names at L0: at most 40, trouble first, then size; one that would cover another waits for the pointer. */
import { markInk, markOrder } from '../ui/mark-shapes.ts'
import type { Colours } from '../ui/drawing.ts'
import type { Pen } from './pen.ts'
import type { ShownApp } from './scene.ts'
import type { Viewport } from './viewport.ts'

const most = 40

export interface Label { key: string; x: number; y: number; w: number; rank: number; pods: number }

/** Which labels stand, greedily in their order of weight. Pure. */
export function chooseLabels(labels: readonly Label[], limit: number = most): Set<string> {
  const order = [...labels].sort((a, b) => a.rank - b.rank || b.pods - a.pods || (a.key < b.key ? -1 : 1))
  const standing: Label[] = []
  const chosen = new Set<string>()
  for (const label of order) {
    if (chosen.size >= limit) break
    if (standing.some((one) => Math.abs(one.x - label.x) < (one.w + label.w) / 2 + 6 && Math.abs(one.y - label.y) < 13)) continue
    standing.push(label)
    chosen.add(label.key)
  }
  return chosen
}

export function paintLabels(pen: Pen, colours: Colours, apps: readonly ShownApp[], viewport: Viewport, hovered: string | undefined): void {
  const { zoom, panX, panY } = viewport
  const labels = apps.map(({ box }): Label => {
    const bold = box.app.state.mark !== 'ready' && box.app.state.mark !== 'finished'
    const h = box.h * zoom
    return {
      key: box.app.key, x: (box.x + box.w / 2) * zoom + panX, y: (box.y + box.h / 2) * zoom + panY + Math.min(30, h * 0.56),
      w: pen.width(box.app.name, { size: 11, weight: bold ? 600 : 400, condensed: true, ink: '' }),
      rank: box.app.key === hovered ? -1 : markOrder.indexOf(box.app.state.mark), pods: box.app.pods,
    }
  })
  const chosen = chooseLabels(labels)
  const byKey = new Map(apps.map(({ box }) => [box.app.key, box.app]))
  for (const label of labels) {
    if (!chosen.has(label.key)) continue
    const app = byKey.get(label.key)!
    const bold = app.state.mark !== 'ready' && app.state.mark !== 'finished'
    const ink = app.state.mark === 'failing' ? colours[markInk.failing]! : bold || label.key === hovered ? colours['g-label']! : colours['g-label-2']!
    pen.text(app.name, label.x, label.y, { size: 11, weight: bold ? 600 : 400, condensed: true, align: 'center', ink })
  }
}
