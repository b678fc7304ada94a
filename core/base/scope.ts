/**
 * A lifetime. Whatever lives registers its end here at birth; closing ends everything in reverse order.
 * `signal` aborts first, so that loops stop before what they use is taken away.
 */
export type Close = () => void | Promise<void>

export class Scope {
  readonly #controller = new AbortController()
  readonly #closers: { name: string; close: Close }[] = []
  #closing: Promise<void> | undefined

  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Registers what ends with this scope. On a closed scope it ends at once, because nothing else would end it. */
  add(name: string, close: Close): void {
    if (this.#closing) {
      void close()
      return
    }
    this.#closers.push({ name, close })
  }

  /** A scope that ends with this one, or earlier by its own `close`. */
  child(name: string): Scope {
    const child = new Scope(`${this.name}/${name}`)
    this.add(name, () => child.close())
    return child
  }

  /** Idempotent. Rejects with the first error after every closer has run. */
  close(): Promise<void> {
    this.#closing ??= this.#run()
    return this.#closing
  }

  async #run(): Promise<void> {
    this.#controller.abort()
    const errors: unknown[] = []
    for (const { close } of this.#closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
