/**
 * What the window itself remembers: address, selection (one for graph, outline and tables), filter, open panels, keys.
 * Views take it with getWindow(). Going somewhere makes a history entry, so Alt ←/→ and the browser's buttons agree;
 * selecting only rewrites the present one.
 */
import { createContext } from 'svelte'
import { refKey, type Ref } from '../../core/api/meta.ts'
import type { Mark } from '../../core/api/state/words.ts'
import { formatAddress, parseAddress, type Address, type Place } from './address.ts'
import { Keyboard } from './keyboard.ts'

/** What the graph, the outline and the tables leave bright. */
export interface Filter {
  text: string
  marks: readonly Mark[]
}
export const noFilter: Filter = { text: '', marks: [] }

interface Panels { outline: boolean; side: boolean; outlineWidth: number; sideWidth: number }
const panelsKey = 'orrery.panels'
const defaultPanels: Panels = { outline: true, side: true, outlineWidth: 208, sideWidth: 336 }

export class WindowState {
  address = $state.raw<Address>({ view: 'graph', query: {} })
  selection = $state.raw<Ref | undefined>()
  /** Under the pointer anywhere: the graph lights it, the feed lights its steps. */
  hovered = $state.raw<Ref | undefined>()
  filter = $state.raw<Filter>(noFilter)
  paletteOpen = $state(false)
  /** Text the palette starts with, e.g. "@" for machines. */
  paletteText = $state('')
  panels = $state.raw<Panels>(defaultPanels)
  width = $state(1440)
  /** An instant of the ruler that the feed is filtered to. */
  momentMs = $state<number | undefined>()
  readonly mac: boolean
  readonly keyboard: Keyboard
  /** How far back the history of this window goes. */
  #depth = 0

  constructor(mac: boolean) {
    this.mac = mac
    this.keyboard = new Keyboard(mac)
    const kept = localStorage.getItem(panelsKey)
    if (kept !== null) this.panels = readPanels(kept)
    this.#read()
  }

  /** Starts listening; answers with how to stop. */
  attach(): () => void {
    const onPop = () => this.#read()
    const onKey = (event: KeyboardEvent) => this.keyboard.handle(event)
    const onSize = () => (this.width = window.innerWidth)
    onSize()
    window.addEventListener('popstate', onPop)
    window.addEventListener('keydown', onKey)
    window.addEventListener('resize', onSize)
    return () => {
      window.removeEventListener('popstate', onPop)
      window.removeEventListener('keydown', onKey)
      window.removeEventListener('resize', onSize)
    }
  }

  go(address: Omit<Address, 'query'> & { query?: Record<string, string> }): void {
    this.address = { ...address, query: address.query ?? {} }
    if (address.view === 'open') this.selection = address.ref
    this.#depth++
    history.pushState({ depth: this.#depth }, '', formatAddress(this.address, this.selection))
  }

  place(place: Place): void {
    if (this.address.view !== place) this.go({ view: place })
  }

  /** Shows an object in the centre. */
  open(ref: Ref, tab?: string): void {
    this.go({ view: 'open', ref: plain(ref), ...(tab === undefined ? {} : { tab }) })
  }

  /** Changes the tab (or another part of the view) without a history entry. */
  tab(tab: string): void {
    this.address = { ...this.address, tab }
    this.#rewrite()
  }

  query(change: Record<string, string | undefined>): void {
    const query: Record<string, string> = { ...this.address.query }
    for (const [key, value] of Object.entries(change)) {
      if (value === undefined || value === '') delete query[key]
      else query[key] = value
    }
    this.address = { ...this.address, query }
    this.#rewrite()
  }

  select(ref: Ref | undefined): void {
    if (ref && this.selection && refKey(ref) === refKey(this.selection)) return
    this.selection = ref && plain(ref)
    this.#rewrite()
  }

  isSelected(ref: Ref): boolean {
    return this.selection !== undefined && refKey(this.selection) === refKey(ref)
  }

  back(): void {
    if (this.#depth > 0) history.back()
    else this.go({ view: 'graph' })
  }

  forward(): void {
    history.forward()
  }

  /** Opens the palette, with this text in it. */
  palette(text = ''): void {
    this.paletteText = text
    this.paletteOpen = true
  }

  setPanels(change: Partial<Panels>): void {
    this.panels = { ...this.panels, ...change }
    localStorage.setItem(panelsKey, JSON.stringify(this.panels))
  }

  #read(): void {
    const { address, selection } = parseAddress(location.hash)
    this.address = address
    this.#depth = (history.state as { depth?: number } | null)?.depth ?? 0
    this.selection = address.view === 'open' ? address.ref : (selection ?? this.selection)
  }

  #rewrite(): void {
    history.replaceState({ depth: this.#depth }, '', formatAddress(this.address, this.selection))
  }
}

const plain = (ref: Ref): Ref => ({ kind: ref.kind, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }), name: ref.name, ...(ref.uid === undefined ? {} : { uid: ref.uid }) })

function readPanels(text: string): Panels {
  try {
    return { ...defaultPanels, ...(JSON.parse(text) as Partial<Panels>) }
  } catch {
    return defaultPanels
  }
}

export const [getWindow, setWindow] = createContext<WindowState>()
