/** What the API server needs of the machine that runs a Pod (upstream: the kubelet's own server). Wired in cluster.ts. */
import type { Duplex, Readable } from 'node:stream'

export interface PodTarget {
  namespace: string
  name: string
  uid: string
  node: string
}

export interface PodLogOptions {
  container: string
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines?: number
  sinceMs?: number
  limitBytes?: number
  stream?: 'stdout' | 'stderr'
  signal: AbortSignal
}

export interface PodProcess {
  stdin?: NodeJS.WritableStream
  stdout: Readable
  stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  exitCode: Promise<number>
  close(): void
}

/** Throws ApiError, e.g. BadRequest `container "c" in pod "p" is waiting to start: ContainerCreating`. */
export interface PodAccess {
  logs(pod: PodTarget, options: PodLogOptions): Promise<AsyncIterable<Uint8Array>>
  exec(pod: PodTarget, options: { container: string; command: readonly string[]; stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<PodProcess>
  attach(pod: PodTarget, options: { container: string; stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<PodProcess>
  dial(pod: PodTarget, port: number): Promise<Duplex>
}
