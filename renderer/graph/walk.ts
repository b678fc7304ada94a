/** The keyboard's way over the graph: from one spot to the nearest in a direction; far out, from app to app. Pure. */
export type Direction = 'left' | 'right' | 'up' | 'down'
export interface Point { id: string; x: number; y: number; app: string }

export function walk(points: readonly Point[], from: Point, direction: Direction): Point | undefined {
  const horizontal = direction === 'left' || direction === 'right'
  const sign = direction === 'right' || direction === 'down' ? 1 : -1
  let best: Point | undefined
  let bestCost = Infinity
  for (const point of points) {
    if (point.id === from.id) continue
    const dx = point.x - from.x
    const dy = point.y - from.y
    const along = (horizontal ? dx : dy) * sign
    const across = Math.abs(horizontal ? dy : dx)
    if (along <= 2 || across > along * 3 + 60) continue
    /** Inside the app first: leaving it costs. */
    const cost = along + across * 2 + (point.app === from.app ? 0 : 400)
    if (cost < bestCost) {
      bestCost = cost
      best = point
    }
  }
  return best
}
