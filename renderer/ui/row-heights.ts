/**
 * Where each of many rows of different height stands: prefix sums that grow by appending, with the row at a given offset
 * by bisection. Pure; a hundred thousand rows cost a megabyte and a few milliseconds.
 */
export class RowHeights {
  #ends = new Float64Array(1024)
  #count = 0

  get count(): number { return this.#count }
  get total(): number { return this.#count === 0 ? 0 : this.#ends[this.#count - 1]! }

  top(index: number): number { return index <= 0 ? 0 : this.#ends[Math.min(index, this.#count) - 1]! }
  height(index: number): number { return this.#ends[index]! - this.top(index) }

  /** Forgets rows from `count` on. */
  cut(count: number): void { this.#count = Math.min(this.#count, Math.max(0, count)) }

  push(height: number): void {
    if (this.#count === this.#ends.length) {
      const larger = new Float64Array(this.#ends.length * 2)
      larger.set(this.#ends)
      this.#ends = larger
    }
    this.#ends[this.#count] = this.total + height
    this.#count++
  }

  /** The row that covers this offset; the last one where it lies beyond. */
  at(offset: number): number {
    let low = 0
    let high = Math.max(0, this.#count - 1)
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ends[middle]! > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Lines that a monospaced text takes at this many columns; wide characters count twice. */
export function wrappedLines(text: string, columns: number): number {
  if (columns < 1) return 1
  let width = text.length
  if (/[^\u0000-\u02ff]/.test(text)) {
    width = 0
    for (const char of text) width += char.codePointAt(0)! > 0x10ff ? 2 : 1
  }
  return Math.max(1, Math.ceil(width / columns))
}
