/** The recorded answers: one step per generated Pod, in order. */
export interface Step {
  /** Where it went, by index; absent where nothing fitted. */
  readonly node?: number
  /** Final scores of the feasible nodes, by node; absent where only one was feasible. */
  readonly scores?: string
  /** Why nothing fitted (at first). */
  readonly message?: string
  /** Who had to go. */
  readonly victims?: readonly string[]
}

export interface Golden {
  readonly recordedFrom: string
  readonly seed: number
  readonly counts: { nodes: number; pods: number; preemptors: number }
  readonly steps: readonly Step[]
}

export const counts = { nodes: 50, pods: 500, preemptors: 60 }
export const goldenFile = new URL('../../golden/scheduler/differential.json', import.meta.url)
