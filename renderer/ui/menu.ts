/** Entries of a Menu: verbs by frequency, keys right, the destructive last. */
import type { Component } from 'svelte'

export interface MenuItem {
  label: string
  icon?: Component<{ size?: number; strokeWidth?: number }> | undefined
  keys?: string | undefined
  danger?: boolean | undefined
  disabled?: boolean | undefined
  /** Shown with a check mark where true. */
  checked?: boolean | undefined
  run(): void
}
export type MenuEntry = MenuItem | 'line'
