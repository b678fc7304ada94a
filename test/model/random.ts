/** mulberry32: the same seed, the same numbers. */
export interface Random {
  /** 0 ≤ x < 1 */
  (): number
}

export function randomOf(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const below = (random: Random, n: number): number => Math.floor(random() * n)
export const pick = <T>(random: Random, list: readonly T[]): T | undefined => list[below(random, list.length)]
export const chance = (random: Random, share: number): boolean => random() < share
