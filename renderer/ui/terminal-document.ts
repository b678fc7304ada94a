/**
 * A document for xterm under a CSP without inline styles: xterm writes its rules into style elements, which the browser
 * would refuse. Here such an element hands its text to a constructed style sheet instead. Dispose removes the sheets.
 */
export function terminalDocument(real: Document): { document: Document; dispose(): void } {
  const sheets: CSSStyleSheet[] = []
  const styleElement = (): HTMLStyleElement => {
    const sheet = new CSSStyleSheet()
    sheets.push(sheet)
    real.adoptedStyleSheets = [...real.adoptedStyleSheets, sheet]
    const element = real.createElement('style')
    Object.defineProperty(element, 'textContent', { get: () => '', set: (text: string) => sheet.replaceSync(text) })
    return element
  }
  const document = new Proxy(real, {
    get(target, name) {
      if (name === 'createElement') return (tag: string, options?: ElementCreationOptions) => (tag === 'style' ? styleElement() : target.createElement(tag, options))
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
  return {
    document,
    dispose: () => { real.adoptedStyleSheets = real.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet)) },
  }
}
