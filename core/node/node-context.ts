/** What every Pod's worker on a node shares. Made by agents.ts. */
import { refOf } from '../api/meta.ts'
import type { Because } from '../api/request.ts'
import type { Container, Pod } from '../api/types/core.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Client } from '../loop/client.ts'
import type { Decisions } from '../loop/decisions.ts'
import { eventTarget, type Recorder } from '../loop/recorder.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { Dialer } from './probes/handlers.ts'
import type { DnsSettings } from './container/network-files.ts'
import type { Pulls } from './images/pulls.ts'
import type { Runtime } from './runtime.ts'

/** A token for the Pod's service account, and when another is to be asked for. */
export type TokenSource = (pod: Pod, request: { audience?: string; expirationSeconds?: number }) => Promise<{ token: string; renewAtMs: number }>

export interface NodeContext {
  readonly node: string
  readonly runtime: Runtime
  /** Its writes carry the actor `node:<name>`. */
  readonly client: Client
  readonly snapshot: Snapshot
  readonly recorder: Recorder
  readonly decisions?: Decisions
  readonly clock: Clock
  readonly log: Logger
  readonly pulls: Pulls
  readonly dial: Dialer
  readonly dns: DnsSettings
  /** Folder of all Pods of the cluster. */
  readonly podsRoot: string
  /** Known once the node is registered. */
  readonly hostIP: string
  readonly allocatable: Readonly<Record<string, string>>
  readonly machineMemoryBytes: number
  readonly userAgent: string
  /** Waits until the network sends this Pod no new connections; the agent waits a second at most. */
  readonly beforeStop?: (pod: Pod) => Promise<void>
  readonly token?: TokenSource
}

export interface Said {
  code: string
  say: string
  why: string
}

export const becauseOf = (said: Said, led: readonly number[]): Because => ({ ...said, led: led.filter((revision) => revision > 0) })

/** For the window: what the agent found or waits for, and when it tries again. */
export function decided({ decisions, node, snapshot, clock }: NodeContext, pod: Pod, because: Said, next: { dueMs?: number; error?: string } = {}): void {
  decisions?.record({ actor: `node:${node}`, ref: refOf(pod), revision: snapshot.revision, because, steps: [], outcome: next.error === undefined ? 'done' : 'failed', tookMs: 0, ...next }, clock.now())
}

export function recordEvent(context: NodeContext, pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): void {
  const list = container && (pod.spec.initContainers?.includes(container) ? 'initContainers' : pod.spec.ephemeralContainers?.includes(container) ? 'ephemeralContainers' : 'containers')
  context.recorder.record({
    component: 'kubelet',
    host: context.node,
    regarding: eventTarget(pod, container && `spec.${list}{${container.name}}`),
    type,
    reason,
    message,
  })
}
