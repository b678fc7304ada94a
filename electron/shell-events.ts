/** What the shell tells the window: a manifest to review, a menu's command. Kept until a window listens, then delivered in order. */
import type { ShellEvent } from './contract.ts'

type Listener = (event: ShellEvent) => void

export class ShellEvents {
  readonly #waiting: ShellEvent[] = []
  #listener: Listener | undefined

  send(event: ShellEvent | undefined): void {
    if (event === undefined) return
    if (this.#listener) this.#listener(event)
    else this.#waiting.push(event)
  }

  /** The newest window gets the events; returns the way to stop. */
  attach(listener: Listener): () => void {
    this.#listener = listener
    for (const event of this.#waiting.splice(0)) listener(event)
    return () => {
      if (this.#listener === listener) this.#listener = undefined
    }
  }
}
