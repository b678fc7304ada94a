/**
 * Where boxes stand. Shelf packing, biggest first, for what is new all at once; what has a place keeps it. A box that grows
 * pushes what it would cover, right or down; a newcomer takes the first free place; a hole stays until someone tidies. Pure.
 */
export interface Size { w: number; h: number }
export interface Slot extends Size { x: number; y: number }
export type Slots = ReadonlyMap<string, Slot>

const widestFirst = (a: [string, Size], b: [string, Size]): number => b[1].w - a[1].w || b[1].h - a[1].h || (a[0] < b[0] ? -1 : 1)

const overlap = (a: Slot, b: Slot, gap: number): boolean => a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap

/** Everything anew, on shelves of about `width`; boxes of one shelf share its height, and a nearly full shelf is filled. */
export function shelves(sizes: ReadonlyMap<string, Size>, width: number, gap: number): Map<string, Slot> {
  const order = [...sizes.entries()].sort(widestFirst)
  const rows: { keys: [string, Size][]; used: number }[] = []
  for (const entry of order) {
    const w = entry[1].w
    const row = rows.find((one) => one.used + gap + w <= width + 0.5)
    if (row) {
      row.keys.push(entry)
      row.used += gap + w
    } else rows.push({ keys: [entry], used: w })
  }
  const slots = new Map<string, Slot>()
  let y = 0
  for (const row of rows) {
    const h = Math.max(...row.keys.map(([, size]) => size.h))
    const spare = row.used < width && row.used > width * 0.68 ? (width - row.used) / row.keys.length : 0
    let x = 0
    for (const [key, size] of row.keys) {
      slots.set(key, { x, y, w: size.w + spare, h })
      x += size.w + spare + gap
    }
    y += h + gap
  }
  return slots
}

export function place(known: Slots, sizes: ReadonlyMap<string, Size>, width: number, gap: number): Map<string, Slot> {
  const kept = [...sizes.keys()].filter((key) => known.has(key))
  if (kept.length === 0) return shelves(sizes, width, gap)
  const slots = new Map<string, Slot>()
  for (const key of kept) slots.set(key, known.get(key)!)
  for (const key of kept) {
    const size = sizes.get(key)!
    const slot = slots.get(key)!
    if (size.w > slot.w + 0.5 || size.h > slot.h + 0.5) grow(slots, key, { ...slot, w: Math.max(slot.w, size.w), h: Math.max(slot.h, size.h) }, gap)
  }
  const fresh = [...sizes.entries()].filter(([key]) => !known.has(key)).sort(widestFirst)
  for (const [key, size] of fresh) slots.set(key, freeSlot(slots, size, width, gap))
  return slots
}

function grow(slots: Map<string, Slot>, key: string, next: Slot, gap: number): void {
  const before = slots.get(key)!
  slots.set(key, next)
  const right = next.w - before.w
  const down = next.h - before.h
  if (right > 0) {
    for (const [other, slot] of slots) {
      if (other !== key && slot.x >= before.x + before.w && slot.y < next.y + before.h && slot.y + slot.h > next.y && overlapsAnyLeft(slots, other, gap)) {
        slots.set(other, { ...slot, x: slot.x + right })
      }
    }
  }
  if (down > 0) {
    for (const [other, slot] of slots) if (other !== key && slot.y >= before.y + before.h) slots.set(other, { ...slot, y: slot.y + down })
  }
  /** What is still covered goes below. */
  for (const [other, slot] of slots) if (other !== key && overlap(next, slot, gap - 1)) slots.set(other, { ...slot, y: next.y + next.h + gap })
}

const overlapsAnyLeft = (slots: Map<string, Slot>, key: string, gap: number): boolean => {
  const slot = slots.get(key)!
  for (const [other, one] of slots) if (other !== key && one.x < slot.x && overlap(one, slot, gap - 1)) return true
  return false
}

/** Candidates: the corners that standing boxes leave; the first in reading order that is free, else a new shelf below. */
function freeSlot(slots: ReadonlyMap<string, Slot>, size: Size, width: number, gap: number): Slot {
  const all = [...slots.values()]
  const tops = [...new Set(all.map((slot) => slot.y))].sort((a, b) => a - b)
  const lefts = [...new Set([0, ...all.map((slot) => slot.x + slot.w + gap), ...all.map((slot) => slot.x)])].sort((a, b) => a - b)
  for (const y of tops) {
    for (const x of lefts) {
      const slot = { x, y, ...size }
      if (x + size.w <= width + 0.5 && !all.some((one) => overlap(slot, one, gap - 1))) return slot
    }
  }
  return { x: 0, y: all.length === 0 ? 0 : Math.max(...all.map((slot) => slot.y + slot.h)) + gap, ...size }
}
