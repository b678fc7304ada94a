/**
 * Levels of detail by how large an app is on the screen. L0 emblem · L1 card · L2 compact form · L3 everything. A level is
 * left only at 0.9 of what entered it. Cells scale their content to fit; boxes of natural size show it as it is. Pure.
 */
import { columns } from './columns.ts'
import { compact } from './compact.ts'
import type { Content } from './content.ts'
import type { AppModel } from './model.ts'
import { wantsColumns, type AppBox } from './world.ts'

export type Level = 0 | 1 | 2 | 3
export interface Shown {
  level: Level
  /** Absent at L0 and L1. */
  content?: Content
  /** Content to world: scale, then offset from the box. */
  scale: number
  dx: number
  dy: number
}

const legible = 0.7
const cardFrom = 96
/** Below this share of what entered a level its words would be too small to read. */
const leave = 0.9

const cache = new WeakMap<AppModel, Map<string, Content>>()
/** The same model gives the same content; models are kept by the memo. */
function cached(app: AppModel, key: string, make: () => Content): Content {
  let kept = cache.get(app)
  if (!kept) cache.set(app, (kept = new Map()))
  let content = kept.get(key)
  if (!content) kept.set(key, (content = make()))
  return content
}

export function levelOf(box: AppBox, zoom: number, before: Level | undefined): Shown {
  const enter = (level: Level, value: number, threshold: number): boolean => value >= threshold * (before !== undefined && before >= level ? leave : 1)
  const { app } = box
  const full = wantsColumns(app)
  const fit = (content: Content, most: number) => Math.min(most, box.w / content.w, box.h / content.h)
  const most = box.cell ? 1.1 : 1
  if (full) {
    const content = cached(app, 'columns', () => columns(app))
    const scale = fit(content, most)
    if (enter(3, zoom * scale, legible)) return placed(3, content, scale, box)
  }
  const small = cached(app, 'compact', () => compact(app, false))
  const smallScale = fit(small, box.cell ? 1.1 : full ? 1.6 : 1)
  if (!full && enter(3, zoom * smallScale, 1.36)) {
    const content = cached(app, 'pods', () => compact(app, true))
    return placed(3, content, fit(content, most), box)
  }
  if (enter(2, zoom * smallScale, legible)) return placed(2, small, smallScale, box)
  return { level: enter(1, box.w * zoom, cardFrom) ? 1 : 0, scale: 1, dx: 0, dy: 0 }
}

/** Content stands at the box's left top where it fits exactly, else in its middle. */
function placed(level: Level, content: Content, scale: number, box: AppBox): Shown {
  const spareX = box.w - content.w * scale
  const spareY = box.h - content.h * scale
  return { level, content, scale, dx: box.cell || spareX > 260 ? spareX / 2 : Math.min(spareX / 2, 0), dy: box.cell ? spareY / 2 : spareY / 2.6 }
}
