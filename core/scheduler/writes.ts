/** Writes that are under way in the background: how many, and the wait for one to end. */
export class Writes {
  #underWay = 0
  #ended: (() => void) | undefined
  #next: Promise<void> | undefined

  get underWay(): number {
    return this.#underWay
  }

  /** `work` tells its failures itself. */
  start(work: () => Promise<void>): void {
    this.#underWay++
    void work().finally(() => {
      this.#underWay--
      const wake = this.#ended
      this.#ended = undefined
      wake?.()
    })
  }

  /** Resolves when one has ended. */
  next(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve()
    this.#next ??= new Promise<void>((resolve) => {
      this.#ended = () => {
        this.#next = undefined
        resolve()
      }
    })
    return this.#next
  }
}
