/** How a state is said, everywhere: graph, outline, tables, inspector, tray. Shape, colour and word always together. */
export type Mark = 'ready' | 'moving' | 'waiting' | 'degraded' | 'failing' | 'leaving' | 'unreachable' | 'finished' | 'planned'

export interface StateWords {
  mark: Mark
  /** "rolling out 1.26" */
  say: string
  /** "1 of 3 replaced, never fewer than 3 ready" */
  why?: string
}
