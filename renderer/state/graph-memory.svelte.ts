/** What the graph keeps over views and starts: places of boxes, viewport, what is shown. Per cluster, in the window's storage. */
import { createContext } from 'svelte'
import { nothingKept, type GroupBy, type Kept, type World } from '../graph/world.ts'
import type { Slot } from '../graph/place.ts'

interface Stored { slots: [string, Slot][]; cells: [string, readonly string[]][] }
const prefix = 'orrery.graph.'
const orderKey = 'orrery.order'

export class GraphMemory {
  groupBy = $state<GroupBy | undefined>()
  traffic = $state(true)
  storage = $state(true)
  /** Apps in layout order, as the outline lists them. */
  order = $state.raw<readonly string[]>(readOrder())
  /** Undefined until the first fit. */
  viewport: { zoom: number; pan: { x: number; y: number } } | undefined
  readonly #kept = new Map<string, Kept>()
  #timer: ReturnType<typeof setTimeout> | undefined

  kept(mode: string): Kept {
    let kept = this.#kept.get(mode)
    if (!kept) this.#kept.set(mode, (kept = read(mode)))
    return kept
  }

  remember(mode: string, world: World): void {
    this.#kept.set(mode, { slots: world.slots, cells: world.cells })
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const stored: Stored = { slots: [...world.slots], cells: [...world.cells] }
      localStorage.setItem(prefix + mode, JSON.stringify(stored))
      localStorage.setItem(orderKey, JSON.stringify(this.order))
    }, 500)
  }

  forget(mode: string): void {
    this.#kept.set(mode, nothingKept)
  }
}

function readOrder(): readonly string[] {
  try {
    return JSON.parse(localStorage.getItem(orderKey) ?? '[]') as string[]
  } catch {
    return []
  }
}

function read(mode: string): Kept {
  try {
    const stored = JSON.parse(localStorage.getItem(prefix + mode) ?? 'null') as Stored | null
    return stored ? { slots: new Map(stored.slots), cells: new Map(stored.cells) } : nothingKept
  } catch {
    return nothingKept
  }
}

export const [getGraphMemory, setGraphMemory] = createContext<GraphMemory>()
