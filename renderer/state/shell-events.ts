/** What the desktop shell asks of the window (menus, tray, files, addresses), done as if the person had pressed the key for it. */
import type { ShellEvent } from '../../electron/contract.ts'
import type { Toasts } from '../ui/toasts.svelte.ts'
import type { WindowState } from './window-state.svelte.ts'

export interface ShellTargets {
  window: WindowState
  toasts: Toasts
  /** Takes a manifest into Deploy. */
  review(yaml: string, file: string): void
}

export function onShellEvent(event: ShellEvent, { window, toasts, review }: ShellTargets): void {
  if ('review' in event) {
    const { name, yaml, problem } = event.review
    if (problem !== undefined) return void toasts.say(`${name} could not be opened: ${problem}`)
    review(yaml, name)
    window.go({ view: 'deploy', tab: 'yaml' })
  } else if ('go' in event) window.place(event.go)
  else if ('select' in event) {
    window.place('graph')
    window.select(event.select)
  } else if (event.command === 'palette') window.palette()
  else window.go({ view: event.command })
}
