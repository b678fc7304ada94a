/**
 * A document for xterm under a CSP without inline styles. xterm writes its rules into style elements and colours into
 * style attributes; the browser would refuse both. Here a style element hands its text to a constructed style sheet, and
 * a style attribute goes through the CSSOM. One part of xterm takes the page's own document whatever it is given, so its
 * `open` runs inside `during`. Dispose removes the sheets.
 */
export function terminalDocument(real: Document): { document: Document; during(open: () => void): void; dispose(): void } {
  const sheets: CSSStyleSheet[] = []
  /** The method itself, also while the page's own is stood in for. */
  const make = Document.prototype.createElement as (this: Document, tag: string, options?: ElementCreationOptions) => HTMLElement

  const styleElement = (): HTMLElement => {
    const sheet = new CSSStyleSheet()
    sheets.push(sheet)
    real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet]
    const stand = make.call(real, 'template')
    Object.defineProperty(stand, 'textContent', { get: () => '', set: (text: string) => sheet.replaceSync(text) })
    return stand
  }

  function setAttribute(this: HTMLElement, name: string, value: string): void {
    if (name === 'style') this.style.cssText = value
    else Element.prototype.setAttribute.call(this, name, value)
  }

  const createElement = (tag: string, options?: ElementCreationOptions): HTMLElement => {
    if (tag === 'style') return styleElement()
    const element = make.call(real, tag, options)
    element.setAttribute = setAttribute
    return element
  }

  const document = new Proxy(real, {
    get(target, name) {
      if (name === 'createElement') return createElement
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
  return {
    document,
    during: (open) => {
      real.createElement = ((tag: string, options?: ElementCreationOptions) => (tag === 'style' ? styleElement() : make.call(real, tag, options))) as typeof real.createElement
      try {
        open()
      } finally {
        // The prototype's method shines through again.
        delete (real as { createElement?: unknown }).createElement
      }
    },
    dispose: () => {
      real.adoptedStyleSheets = real.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet))
    },
  }
}
