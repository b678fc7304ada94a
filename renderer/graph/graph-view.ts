/**
 * Holds the graph library and the painter together: applies scene differences in one batch a frame, turns
 * pointer events into objects. Knows the world and its scene, not the cluster.
 */
import cytoscape, { type CollectionReturnValue, type Core, type ElementDefinition, type EventObject } from 'cytoscape'
import type { Ref } from '../../core/api/meta.ts'
import type { Colours } from '../ui/drawing.ts'
import { Camera, maxZoom, minZoom } from './camera.ts'
import { cellAt } from './faces.ts'
import { graphStyle } from './graph-style.ts'
import type { Level } from './levels.ts'
import { firstOf } from './model.ts'
import { Painter } from './painter.ts'
import { Pulses } from './pulses.ts'
import { diffScenes, sceneOf, type Scene, type SceneNode, type SceneOptions, type Spot } from './scene.ts'
import { nothingKept, worldOf, type AppBox, type World } from './world.ts'

export interface Hit { ref?: Ref; id: string; app: AppBox; x: number; y: number }
export interface GraphEvents {
  select(hit: Hit | undefined): void
  open(hit: Hit): void
  hover(hit: Hit | undefined): void
  menu(hit: Hit, at: { x: number; y: number }): void
  zoom(zoom: number): void
}
export interface GraphOptions {
  container: HTMLElement
  overlay: HTMLCanvasElement
  colours: Colours
  reducedMotion: () => boolean
  events: GraphEvents
}

const sceneEveryMs = 100
const settleMs = 140
const fadeMs = 220
const fadeAtMost = 160

const emptyScene: Scene = { nodes: new Map(), edges: new Map(), apps: [], spots: new Map(), levels: new Map() }
const emptyWorld: World = { ...worldOf([], 'app', { w: 800, h: 600 }, nothingKept) }

export class GraphView {
  readonly camera: Camera
  readonly pulses: Pulses
  world: World = emptyWorld
  scene: Scene = emptyScene
  selected: string | undefined
  #hovered: string | undefined
  readonly #cy: Core
  readonly #painter: Painter
  readonly #overlay: HTMLCanvasElement
  readonly #container: HTMLElement
  readonly #events: GraphEvents
  readonly #reducedMotion: () => boolean
  #colours: Colours
  #options: Pick<SceneOptions, 'traffic' | 'storage' | 'trail' | 'bright'> = { traffic: true, storage: true, trail: new Set(), bright: () => true }
  #frame = 0
  #sceneTimer: ReturnType<typeof setTimeout> | undefined
  #settleTimer: ReturnType<typeof setTimeout> | undefined
  #lastScene = 0
  #zooming = false
  #lastZoom = 1
  #closed = false
  /** When things appeared that still fade in. */
  readonly #births = new Map<string, number>()
  readonly #resize: ResizeObserver

  constructor(options: GraphOptions) {
    this.#container = options.container
    this.#overlay = options.overlay
    this.#events = options.events
    this.#reducedMotion = options.reducedMotion
    this.#colours = options.colours
    this.pulses = new Pulses(options.reducedMotion)
    const context = options.overlay.getContext('2d')
    if (!context) throw new Error('this window has no canvas')
    this.#painter = new Painter(context, options.colours)
    this.#cy = cytoscape({
      container: options.container, style: graphStyle(() => this.#colours), minZoom, maxZoom, boxSelectionEnabled: false, autoungrabify: true,
      autounselectify: true, pixelRatio: 'auto', elements: [], layout: { name: 'preset' },
    })
    this.camera = new Camera({ cy: this.#cy, container: options.container, world: () => this.world, reducedMotion: options.reducedMotion })
    this.#listen()
    this.#resize = new ResizeObserver(() => this.#onResize())
    this.#resize.observe(options.container)
    this.#onResize()
  }

  close(): void {
    this.#closed = true
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#sceneTimer)
    clearTimeout(this.#settleTimer)
    this.#resize.disconnect()
    this.#cy.destroy()
  }

  /** Scene changes are gathered to ten a second; the first one is drawn at once. */
  setWorld(world: World): void {
    this.world = world
    this.#requestScene()
  }

  setOptions(options: Partial<Pick<SceneOptions, 'traffic' | 'storage' | 'trail' | 'bright'>>): void {
    this.#options = { ...this.#options, ...options }
    this.#requestScene()
  }

  setSelected(id: string | undefined): void {
    if (this.selected === id) return
    this.selected = id
    this.#buildScene()
  }

  /** Lights what is under the pointer elsewhere: a row of the outline, a step of the feed. */
  light(id: string | undefined): void {
    if (this.#hovered === id) return
    this.#hovered = id
    this.#requestScene()
  }

  setColours(colours: Colours): void {
    this.#colours = colours
    this.#painter.setColours(colours)
    this.#cy.style(graphStyle(() => this.#colours))
    this.repaint()
  }

  repaint(): void {
    if (this.#frame !== 0 || this.#closed) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#paint()
    })
  }

  spotOf(id: string): Spot | undefined {
    return this.scene.spots.get(id)
  }

  setViewport(viewport: { zoom: number; pan: { x: number; y: number } }): void {
    this.camera.restore(viewport)
    this.#buildScene()
  }

  // --- scene -----------------------------------------------------------------------------------------------------------

  #requestScene(): void {
    if (this.#closed || this.#sceneTimer !== undefined) return
    // Never within the turn that brought the change: words and rows are painted first, the canvas in the next frame.
    this.#sceneTimer = setTimeout(() => {
      this.#sceneTimer = undefined
      this.#buildScene()
    }, Math.max(0, this.#lastScene + sceneEveryMs - performance.now()))
  }

  #buildScene(): void {
    if (this.#closed) return
    this.#lastScene = performance.now()
    const { zoom, panX, panY, width, height } = this.camera.viewport
    const reach = 0.15
    const view = { x: (-panX - width * reach) / zoom, y: (-panY - height * reach) / zoom, w: (width * (1 + 2 * reach)) / zoom, h: (height * (1 + 2 * reach)) / zoom }
    const next = sceneOf(this.world, view, zoom, this.scene.levels, { ...this.#options, selected: this.selected, hovered: this.#hovered })
    this.#apply(next)
    this.scene = next
    this.repaint()
  }

  #apply(next: Scene): void {
    const diff = diffScenes(this.scene, next)
    const cy = this.#cy
    cy.batch(() => {
      for (const id of diff.removed) cy.getElementById(id).remove()
      const added: ElementDefinition[] = diff.addedNodes.map((node) => ({ group: 'nodes', data: { ...node }, position: { x: node.x, y: node.y } }))
      for (const edge of diff.addedEdges) added.push({ group: 'edges', data: { ...edge } })
      if (added.length > 0) this.#appear(cy.add(added), diff.addedNodes.map((node) => node.id))
      for (const node of diff.changedNodes) cy.getElementById(node.id).data({ ...node })
      for (const edge of diff.changedEdges) cy.getElementById(edge.id).data({ ...edge })
      this.#moveNodes(diff.movedNodes)
    })
  }

  /** New things fade in; nothing does at the first paint, in crowds, or where motion is not wanted. */
  #appear(elements: CollectionReturnValue, nodes: readonly string[]): void {
    if (this.scene === emptyScene || elements.length > fadeAtMost || this.#reducedMotion()) return
    const now = performance.now()
    for (const id of nodes) this.#births.set(id, now)
    elements.style('opacity', 0)
    elements.animate({ style: { opacity: 1 } }, { duration: fadeMs, complete: () => elements.removeStyle('opacity') })
  }

  #alphaOf = (id: string): number => {
    const born = this.#births.get(id)
    if (born === undefined) return 1
    const share = (performance.now() - born) / fadeMs
    if (share >= 1) this.#births.delete(id)
    return Math.min(1, share)
  }

  #moveNodes(moved: readonly SceneNode[]): void {
    for (const node of moved) this.#cy.getElementById(node.id).position({ x: node.x, y: node.y })
  }

  #paint(): void {
    if (this.#closed) return
    const now = performance.now()
    this.#painter.paint({
      scene: this.scene, world: this.world, viewport: this.camera.viewport, pulses: this.pulses, now, selected: this.selected,
      hoveredApp: this.#hovered?.startsWith('app:') ? this.#hovered.slice(4) : undefined, zooming: this.#zooming, alphaOf: this.#alphaOf,
    })
    if (this.pulses.active(now) || this.#births.size > 0) this.repaint()
  }

  // --- input -----------------------------------------------------------------------------------------------------------

  #onResize(): void {
    const { clientWidth, clientHeight } = this.#container
    const ratio = window.devicePixelRatio || 1
    this.#overlay.width = Math.round(clientWidth * ratio)
    this.#overlay.height = Math.round(clientHeight * ratio)
    this.#overlay.style.width = `${clientWidth}px`
    this.#overlay.style.height = `${clientHeight}px`
    this.#cy.resize()
    this.#requestScene()
    this.#paint()
  }

  #listen(): void {
    const cy = this.#cy
    cy.on('viewport', () => {
      const zoom = cy.zoom()
      if (zoom !== this.#lastZoom) {
        this.#lastZoom = zoom
        this.#zooming = true
        clearTimeout(this.#settleTimer)
        this.#settleTimer = setTimeout(() => {
          this.#zooming = false
          this.repaint()
        }, settleMs)
        this.#events.zoom(zoom)
      }
      this.#requestScene()
    })
    /** The library paints, then the words follow in the same frame: they never part while panning. */
    cy.on('render', () => this.#paint())
    cy.on('dragpan scrollzoom pinchzoom', () => (this.camera.touched = true))
    cy.on('tap', (event) => this.#events.select(this.#hit(event)))
    cy.on('dbltap', (event) => {
      const hit = this.#hit(event)
      if (!hit) return
      if (hit.ref && this.scene.spots.has(hit.id)) this.#events.open(hit)
      else this.camera.zoomInto(hit.app)
    })
    cy.on('cxttap', (event) => {
      const hit = this.#hit(event)
      const original = event.originalEvent as MouseEvent | undefined
      if (hit && original) this.#events.menu(hit, { x: original.clientX, y: original.clientY })
    })
    cy.on('mousemove', (event) => this.#hover(this.#hit(event)))
    cy.on('mouseout', (event) => event.target === cy && this.#hover(undefined))
  }

  #hover(hit: Hit | undefined): void {
    const id = hit?.id
    if (id === this.#hovered) return
    this.#hovered = id
    this.#container.classList.toggle('over', hit !== undefined)
    this.#events.hover(hit)
    this.#requestScene()
  }

  #hit(event: EventObject): Hit | undefined {
    if (event.target === this.#cy) return undefined
    const id = String(event.target.id())
    const { x, y } = event.position
    const spot = this.scene.spots.get(id)
    if (spot) {
      const pod = cellAt(spot.item, spot.item.x + (x - spot.x) / spot.scale, spot.item.y + (y - spot.y) / spot.scale)
      const ref = pod?.ref ?? spot.item.ref
      return { id, app: spot.app, x, y, ...(ref ? { ref } : {}) }
    }
    const shown = this.scene.apps.find(({ box }) => `app:${box.app.key}` === id)
    if (!shown) return undefined
    const first = shown.shown.content ? undefined : firstOf(shown.box.app)
    if (shown.shown.content && !this.#overTitle(shown.box, y)) return undefined
    const ref = first ?? firstOf(shown.box.app)
    return { id, app: shown.box, x, y, ...(ref ? { ref } : {}) }
  }

  #overTitle(box: AppBox, y: number): boolean {
    return y - box.y < 40
  }
}
