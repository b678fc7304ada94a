/** Short news with Undo: 8 s each, held while pointer or focus is on it, at most three at once. Never for errors. */
import { createContext } from 'svelte'
import type { Clock } from '../../core/base/clock.ts'

export interface Toast { id: number; text: string; undo?: (() => void) | undefined }
const lastsMs = 8_000
const most = 3

export class Toasts {
  shown = $state.raw<readonly Toast[]>([])
  readonly #clock: Clock
  readonly #timers = new Map<number, () => void>()
  #next = 1

  constructor(clock: Clock) { this.#clock = clock }

  say(text: string, undo?: () => void): void {
    const toast: Toast = { id: this.#next++, text, undo }
    for (const old of this.shown.slice(0, Math.max(0, this.shown.length - most + 1))) this.dismiss(old.id)
    this.shown = [...this.shown, toast]
    this.release(toast.id)
  }

  hold(id: number): void {
    this.#timers.get(id)?.()
    this.#timers.delete(id)
  }

  release(id: number): void {
    this.hold(id)
    this.#timers.set(id, this.#clock.after(lastsMs, () => this.dismiss(id)))
  }

  dismiss(id: number): void {
    this.hold(id)
    this.shown = this.shown.filter((toast) => toast.id !== id)
  }
}

export const [getToasts, setToasts] = createContext<Toasts>()
