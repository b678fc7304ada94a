/** What a plugin said of one node for one Pod, with the numbers compared; all of a Pod's last cycle are kept. */
export interface Verdict {
  readonly plugin: string
  readonly node: string
  readonly stage: 'filter' | 'score'
  readonly outcome: 'fits' | 'unschedulable' | 'unresolvable' | 'score'
  /** Upstream's reason text, as it appears in FailedScheduling: "Insufficient memory". */
  readonly reason?: string
  /** With the numbers: "needs 4 GiB, 2.1 GiB free". */
  readonly say: string
  /** 0-100 before the plugin's weight; only for stage `score`. */
  readonly score?: number
  readonly weight?: number
}

/** A node where room could be made, and at what cost. */
export interface PreemptionCandidate {
  readonly node: string
  /** `namespace/name` of the Pods that would go, most important first. */
  readonly victims: readonly string[]
  /** Names of the PodDisruptionBudgets that this would violate. */
  readonly budgets: readonly string[]
  /** "would evict web-1, against PDB web". */
  readonly say: string
}

/** Where a Pod without a node stands in the queue, and what brings it back to its turn. */
export interface QueuePlace {
  /** `placed`: it has a node in the scheduler's mind and is being bound. `held`: victims of a preemption are told first. */
  readonly state: 'active' | 'backing-off' | 'waiting' | 'gated' | 'held' | 'placed'
  readonly sinceMs: number
  /** Failed attempts. */
  readonly attempts: number
  readonly priority: number
  /** Backing off: not before this while others wait. Waiting: at this time at the latest. */
  readonly dueMs?: number
  /** Plugins that said no, and the changes that make them look again. */
  readonly rejectedBy: readonly string[]
  readonly wakesOn: readonly string[]
  /** Scheduling gates that somebody must lift. */
  readonly gates: readonly string[]
}

export interface SchedulingCycle {
  readonly pod: { namespace: string; name: string; uid: string }
  readonly atMs: number
  readonly attempt: number
  readonly chosen?: string
  /** Upstream's summary: "0/3 nodes are available: 3 Insufficient memory." */
  readonly message: string
  /** One sentence for people: "needs 4 GiB of memory, the most free is 2.1 GiB on n2". */
  readonly say: string
  readonly verdicts: readonly Verdict[]
  readonly nextTryMs?: number
  /** Whom it displaces, or why it displaces nobody; only where no node fits. */
  readonly preemption?: { readonly say: string; readonly chosen?: string; readonly candidates: readonly PreemptionCandidate[] }
}
