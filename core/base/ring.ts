/** The last `capacity` values, oldest first. */
export class Ring<T> {
  #values: T[] = []
  #start = 0

  readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  push(value: T): void {
    if (this.#values.length < this.capacity) {
      this.#values.push(value)
      return
    }
    this.#values[this.#start] = value
    this.#start = (this.#start + 1) % this.capacity
  }

  get size(): number {
    return this.#values.length
  }

  toArray(): T[] {
    return [...this.#values.slice(this.#start), ...this.#values.slice(0, this.#start)]
  }

  last(): T | undefined {
    const n = this.#values.length
    return n === 0 ? undefined : this.#values[(this.#start + n - 1) % n]
  }
}
