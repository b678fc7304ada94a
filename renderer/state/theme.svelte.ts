/** Dark, light, or the system's choice; also how the canvas learns its colours when that changes. */
import { createContext } from 'svelte'
import type { Settings } from '../../electron/contract.ts'
import type { Colours } from '../ui/drawing.ts'

export class Theme {
  /** Rises whenever colours may differ: the canvas reads them again. */
  version = $state(0)
  reducedMotion = $state(false)

  attach(): () => void {
    const scheme = matchMedia('(prefers-color-scheme: light)')
    const motion = matchMedia('(prefers-reduced-motion: reduce)')
    const onScheme = () => this.version++
    const onMotion = () => (this.reducedMotion = motion.matches)
    onMotion()
    scheme.addEventListener('change', onScheme)
    motion.addEventListener('change', onMotion)
    return () => {
      scheme.removeEventListener('change', onScheme)
      motion.removeEventListener('change', onMotion)
    }
  }

  apply(theme: Settings['theme']): void {
    const root = document.documentElement
    const wanted = theme === 'system' ? undefined : theme
    if (root.dataset['theme'] === wanted) return
    if (wanted === undefined) delete root.dataset['theme']
    else root.dataset['theme'] = wanted
    this.version++
  }
}

const tokenNames = [
  'ok', 'run', 'warn', 'fail', 'wait', 'off', 'ok-soft', 'run-soft', 'warn-soft', 'fail-soft', 'wait-soft', 'off-soft', 'text', 'text-2', 'text-3', 'text-off',
  'brass', 'brass-text', 'brass-soft', 'brass-line', 'brass-mark', 'chrome', 'panel', 'raised', 'line', 'line-strong', 'line-control',
  'g-canvas', 'g-tick', 'g-box', 'g-box-line', 'g-node', 'g-node-line', 'g-orbit', 'g-edge', 'g-edge-dim', 'g-mount', 'g-traffic', 'g-traffic-off', 'g-ready',
  'g-quiet', 'g-pulse', 'g-ghost', 'g-label', 'g-label-2',
] as const

/** Resolved colours of the canvas, by token name. `glyph` is the ink of kind glyphs. */
export function readColours(element: Element): Colours {
  const style = getComputedStyle(element)
  const colours: Record<string, string> = {}
  for (const name of tokenNames) colours[name] = style.getPropertyValue(`--${name}`).trim()
  colours['glyph'] = colours['text-2'] ?? ''
  return colours
}

export const [getTheme, setTheme] = createContext<Theme>()
