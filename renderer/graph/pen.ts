/** Text on the canvas: one face, two widths, measured and shortened with a cache. */
export interface TextStyle {
  size: number
  ink: string
  weight?: 400 | 500 | 600
  condensed?: boolean
  align?: 'left' | 'center' | 'right'
  /** Shortened with an ellipsis beyond this. */
  max?: number
}

const family = '"IBM Plex Sans Variable", system-ui, sans-serif'
const keptWidths = 4_000

export class Pen {
  readonly context: CanvasRenderingContext2D
  readonly #widths = new Map<string, number>()
  #font = ''
  #stretch: CanvasFontStretch = 'normal'

  constructor(context: CanvasRenderingContext2D) {
    this.context = context
  }

  reset(): void {
    this.context.textBaseline = 'alphabetic'
  }

  /** Widths change once the faces are loaded. */
  forget(): void {
    this.#widths.clear()
  }

  /** Draws and answers with the width drawn. */
  text(text: string, x: number, y: number, style: TextStyle): number {
    const { context } = this
    this.#use(style)
    let shown = text
    let width = this.#measure(text)
    if (style.max !== undefined && width > style.max) {
      shown = this.#shorten(text, style.max)
      width = this.#measure(shown)
    }
    context.textAlign = style.align ?? 'left'
    context.fillStyle = style.ink
    if (shown !== '') context.fillText(shown, x, y)
    return width
  }

  width(text: string, style: TextStyle): number {
    this.#use(style)
    return this.#measure(text)
  }

  #use(style: TextStyle): void {
    const font = `${style.weight ?? 400} ${style.size}px ${family}`
    const stretch = style.condensed ? 'semi-condensed' : 'normal'
    /** Set each time: a restored context has another face than the one set last. */
    this.context.font = this.#font = font
    this.context.fontStretch = this.#stretch = stretch
  }

  #measure(text: string): number {
    const key = `${this.#font}${this.#stretch}${text}`
    let width = this.#widths.get(key)
    if (width === undefined) {
      width = this.context.measureText(text).width
      if (this.#widths.size >= keptWidths) this.#widths.clear()
      this.#widths.set(key, width)
    }
    return width
  }

  #shorten(text: string, max: number): string {
    let low = 0
    let high = text.length
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#measure(`${text.slice(0, middle)}…`) <= max) low = middle
      else high = middle - 1
    }
    return low < 2 ? '' : `${text.slice(0, low).trimEnd()}…`
  }
}
