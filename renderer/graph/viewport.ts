/** Where the canvas looks: zoom, pan in CSS pixels, its size, device pixels a CSS pixel. */
export interface Viewport { zoom: number; panX: number; panY: number; width: number; height: number; ratio: number }
