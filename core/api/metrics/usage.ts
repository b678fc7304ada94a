/**
 * Measured use of CPU and memory, as the node agents sample it and everybody reads it: the metrics API, the autoscaler,
 * advice on requests, the window. Read only; every new round of samples is a new revision.
 */
export interface ContainerUsage {
  readonly name: string
  /** Billionths of a core, over the window. */
  readonly cpuNanos: number
  readonly memoryBytes: number
}

export interface PodUsage {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly node: string
  /** When it was measured (ms epoch), and over how long the CPU's share was taken. */
  readonly atMs: number
  readonly windowMs: number
  readonly containers: readonly ContainerUsage[]
}

export interface UsageView {
  readonly revision: number
  pod(uid: string): PodUsage | undefined
  pods(): readonly PodUsage[]
  /** When the last whole round came (ms epoch), for a view that is measured only while somebody needs it; absent: it always is. */
  readonly measuredMs?: number
}

export const noUsage: UsageView = { revision: 0, pod: () => undefined, pods: () => [] }
