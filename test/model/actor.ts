/**
 * Another machine in a history, besides controllers and kubelets, that a model may ask for: the scheduler, the heartbeats
 * of nodes. Like all else in a history it does nothing by itself: its acts are steps, its timers end when time is moved.
 */
import type { ModelCluster } from './model-cluster.ts'
import type { Random } from './random.ts'

export interface Actor {
  /** Begins, or begins again after a crash, knowing nothing. */
  start(): void
  /** The process it lives in dies; what it had asked for may still happen, or not. */
  crash(random: Random): Promise<void>
  /** Does one small thing. `calm`: only what brings the cluster to rest. False where nothing is to be done. */
  act(random: Random, calm: boolean): Promise<boolean>
  /** When time sets it off. */
  readonly nextDueMs: number | undefined
  /** What is due by the clock happens now. */
  onTime(): Promise<void>
  /** After each step: what the step set off has come to its next stop. */
  onQuiet?(): void
}

export type MakeActor = (cluster: ModelCluster) => Actor
