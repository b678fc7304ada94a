/**
 * The window's keys. A binding is `mod+k`, `alt+left`, `l`, `escape`, `,`…; `mod` is Ctrl, or ⌘ on a Mac. The newest binding
 * of a key is asked first; one that answers false passes it on. Single keys act only outside text fields, and only while
 * the setting allows them (arrows, Enter, Escape, F-keys and Space on the graph are not "single keys").
 */
export type KeyHandler = (event: KeyboardEvent) => void | false
export type Bindings = Readonly<Record<string, KeyHandler>>

const names: Readonly<Record<string, string>> = { arrowleft: 'left', arrowright: 'right', arrowup: 'up', arrowdown: 'down', ' ': 'space', esc: 'escape' }
const alwaysOn: ReadonlySet<string> = new Set(['left', 'right', 'up', 'down', 'enter', 'escape', 'tab', 'home', 'end', 'pageup', 'pagedown', 'delete', 'space'])

export function comboOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>, mac: boolean): string {
  const raw = event.key.toLowerCase()
  const key = names[raw] ?? raw
  const parts: string[] = []
  if (mac ? event.metaKey : event.ctrlKey) parts.push('mod')
  if (mac && event.ctrlKey) parts.push('ctrl')
  if (event.altKey) parts.push('alt')
  /** Shift is part of a printed character already. */
  if (event.shiftKey && key.length > 1) parts.push('shift')
  return [...parts, key].join('+')
}

export const inTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)) || target.closest('.cm-editor, .xterm') !== null)

export class Keyboard {
  readonly #layers: Bindings[] = []
  readonly #mac: boolean
  singleKeys = true

  constructor(mac: boolean) {
    this.#mac = mac
  }

  bind(bindings: Bindings): () => void {
    this.#layers.push(bindings)
    return () => {
      const at = this.#layers.indexOf(bindings)
      if (at >= 0) this.#layers.splice(at, 1)
    }
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    const combo = comboOf(event, this.#mac)
    const bare = !/^(mod|alt|ctrl)\+/.test(combo)
    const field = inTextField(event.target)
    if (field && bare && combo !== 'escape') return
    if (bare && !this.singleKeys && !alwaysOn.has(combo.replace('shift+', ''))) return
    /** Enter and Space belong to the focused control. */
    if ((combo === 'enter' || combo === 'space') && event.target instanceof HTMLElement && event.target.closest('button, a, [role=tab], [role=checkbox]')) return
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const handler = this.#layers[i]?.[combo]
      if (handler && handler(event) !== false) {
        event.preventDefault()
        return
      }
    }
  }
}

/** How a binding is printed on a key. */
export const keyLabel = (combo: string, mac: boolean): string =>
  combo.split('+').map((part) => (part === 'mod' ? (mac ? '⌘' : 'Ctrl') : part === 'alt' ? (mac ? '⌥' : 'Alt') : part.length === 1 ? part.toUpperCase() : part[0]!.toUpperCase() + part.slice(1))).join(' ')
