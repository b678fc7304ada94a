/** Where the map is looked at from: pan and zoom of the graph library, within limits, moved gently where motion is wanted. */
import type { Core } from 'cytoscape'
import type { Slot } from './place.ts'
import type { Viewport } from './viewport.ts'
import type { World } from './world.ts'

export const minZoom = 0.04
export const maxZoom = 5
const margin = 24

export interface CameraOptions { cy: Core; container: HTMLElement; world: () => World; reducedMotion: () => boolean }

export class Camera {
  /** Somebody chose this viewport: it is kept. */
  touched = false
  readonly #cy: Core
  readonly #container: HTMLElement
  readonly #world: () => World
  readonly #reducedMotion: () => boolean

  constructor(options: CameraOptions) {
    this.#cy = options.cy
    this.#container = options.container
    this.#world = options.world
    this.#reducedMotion = options.reducedMotion
  }

  get zoom(): number {
    return this.#cy.zoom()
  }

  get viewport(): Viewport {
    const pan = this.#cy.pan()
    return { zoom: this.#cy.zoom(), panX: pan.x, panY: pan.y, width: this.#container.clientWidth, height: this.#container.clientHeight, ratio: window.devicePixelRatio || 1 }
  }

  /** All boxes, as large as they go, 100 % at most. */
  fit(animate = true): void {
    const { w, h } = this.#world()
    const { width, height } = this.viewport
    if (w === 0 || width === 0) return
    const zoom = Math.max(minZoom, Math.min(1, (width - 2 * margin) / w, (height - 2 * margin) / h))
    /** Half a pixel: lines of one pixel stay lines of one pixel. */
    const crisp = (value: number) => Math.floor(value) + 0.5
    /** At 100 % the map starts at the corner, where it can grow; smaller, it stands in the middle. */
    const pan = { x: crisp(zoom === 1 ? margin : Math.max(margin, (width - w * zoom) / 2)), y: crisp( zoom < 1 && h * zoom < height - 2 * margin ? Math.max(margin, Math.min(margin * 1.5, (height - h * zoom) / 2)) : margin) }
    this.#move(zoom, pan, animate)
    this.touched = false
  }

  /** As long as nobody panned or zoomed, a map that outgrows the window is fitted again. */
  follow(): void {
    const { apps, w, h } = this.#world()
    if (this.touched || apps.length === 0) return
    const { zoom, panX, panY, width, height } = this.viewport
    if (w * zoom + panX > width || h * zoom + panY > height) this.fit()
  }

  zoomTo(zoom: number, animate = true): void {
    this.touched = true
    const { width, height } = this.viewport
    const next = Math.max(minZoom, Math.min(maxZoom, zoom))
    const pan = this.#cy.pan()
    const factor = next / this.#cy.zoom()
    this.#move(next, { x: width / 2 - (width / 2 - pan.x) * factor, y: height / 2 - (height / 2 - pan.y) * factor }, animate)
  }

  /** Brings a place into view; zooms only where asked. */
  panTo(slot: Slot, zoom?: number): void {
    const { width, height } = this.viewport
    const next = zoom ?? this.#cy.zoom()
    const pan = this.#cy.pan()
    const left = slot.x * next + pan.x
    const top = slot.y * next + pan.y
    if (zoom === undefined) {
      /** Only as far as it takes; what is larger than the window shows its beginning. */
      const dx = Math.max(margin - left, Math.min(0, width - margin - left - slot.w * next))
      const dy = Math.max(margin - top, Math.min(0, height - margin - top - slot.h * next))
      const hidden = left < 0 || top < 0 || left + slot.w * next > width || top + slot.h * next > height
      if (!hidden) return
      this.touched = true
      this.#move(next, { x: pan.x + (left < margin || slot.w * next > width - 2 * margin ? margin - left : dx > 0 ? 0 : dx), y: pan.y + (top < margin || slot.h * next > height - 2 * margin ? margin - top : dy > 0 ? 0 : dy) }, true)
      return
    }
    this.touched = true
    this.#move(next, { x: width / 2 - (slot.x + slot.w / 2) * next, y: height / 2 - (slot.y + slot.h / 2) * next }, true)
  }

  zoomInto(box: Slot): void {
    const { width, height } = this.viewport
    this.panTo(box, Math.min(maxZoom, Math.max(this.#cy.zoom(), Math.min((width - 48) / box.w, (height - 48) / box.h, box.w < 280 ? 2.6 : 1))))
  }

  /** To come back to later. */
  get place(): { zoom: number; pan: { x: number; y: number } } {
    return { zoom: this.#cy.zoom(), pan: { ...this.#cy.pan() } }
  }

  restore(viewport: { zoom: number; pan: { x: number; y: number } }): void {
    this.touched = true
    this.#cy.viewport(viewport)
  }

  #move(zoom: number, pan: { x: number; y: number }, animate: boolean): void {
    this.#cy.stop()
    if (animate && !this.#reducedMotion()) this.#cy.animate({ zoom, pan }, { duration: 220, easing: 'ease-out' })
    else this.#cy.viewport({ zoom, pan })
  }
}
