/**
 * Keeps one Node and its Lease in the API: registers, renews the Lease, writes the status when something of it
 * changed and every 5 minutes. All of it stays out of the journal, except that a node comes or goes.
 */
import { refOf, microTimestamp, type KubeObject } from '../../api/meta.ts'
import type { Because } from '../../api/request.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import type { Clock } from '../../base/clock.ts'
import { equal } from '../../base/json.ts'
import type { Logger } from '../../base/log.ts'
import type { Client } from '../../loop/client.ts'
import { eventTarget, type Recorder } from '../../loop/recorder.ts'
import { ensureCsiNode } from './csi-node.ts'
import { untilTurnMs } from './heartbeats.ts'
import { conditionEvents, schedulableEvent, startingEvent, type NodeEvent } from './node-events.ts'
import { nodeObject, nodeStatus, type NodeFacts } from './node-object.ts'

const statusEveryMs = 300_000
const retryMs = 1_000
const leaseSeconds = 40

export interface RegistrationOptions {
  client: Client
  clock: Clock
  log: Logger
  leaseEveryMs: number
  /** This node's place among those of its process, from 0 to below 1: whose turn it is to write. */
  place: number
  /** A machine that is real tells of itself as a kubelet does, and has a CSINode; thousands that are not spare us both. */
  events?: Recorder
  /** As of now, without what only the registration knows. */
  facts(): Omit<NodeFacts, 'nowMs' | 'before'>
}

interface Node extends KubeObject {
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string }[] }
}

export class NodeRegistration {
  readonly #options: RegistrationOptions
  #node: Node | undefined
  #written: Record<string, unknown> | undefined
  #closed = false
  #cancelLease = () => {}
  #cancelStatus = () => {}
  #busy: Promise<void> = Promise.resolve()

  constructor(options: RegistrationOptions) {
    this.#options = options
  }

  /** Resolves when the Node is there with its status; tries until then. */
  async start(): Promise<void> {
    while (!this.#closed) {
      try {
        const isNew = await this.#register()
        // Whether a node that was there before has become ready again is seen when its status is written.
        this.#record(startingEvent, ...conditionEvents(this.#options.facts().name, [], (this.#node?.status?.conditions ?? []).filter(({ type }) => isNew || type !== 'Ready')))
        await this.#write()
        break
      } catch (error) {
        this.#options.log.warn('node not registered yet', { error: String(error) })
        await new Promise<void>((resolve) => void this.#options.clock.after(retryMs, resolve))
      }
    }
    void this.#renew()
    this.#statusLater()
  }

  /** Something about the node may have changed; a heartbeat is written in any case. */
  refresh(heartbeat = false): Promise<void> {
    if (this.#closed) return this.#busy
    this.#busy = this.#busy.then(() => this.#write(heartbeat)).catch((error: unknown) => {
      this.#options.log.debug('node status not written', { error: String(error) })
      if (isNotFound(error)) this.#node = undefined
    })
    return this.#busy
  }

  /** A person let Pods come, or not. */
  schedulable(unschedulable: boolean): void {
    if (this.#node) this.#record(schedulableEvent(this.#node.metadata.name, unschedulable))
  }

  close(): void {
    this.#closed = true
    this.#cancelLease()
    this.#cancelStatus()
  }

  /** Answers whether the node is new. */
  async #register(): Promise<boolean> {
    const { client, clock } = this.#options
    const facts = this.#options.facts()
    const object = nodeObject({ ...facts, nowMs: clock.now() })
    let isNew = true
    const because: Because = { code: 'Registered', say: `machine ${facts.name} joined`, why: `${facts.engine.name} ${facts.engine.version} answers`, led: [] }
    try {
      this.#node = await client.create<Node>({ ...object, status: nodeStatus({ ...facts, nowMs: clock.now() }) }, { because })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      isNew = false
      this.#node = await client.get<Node>({ kind: 'Node', name: facts.name })
      const { labels, annotations } = object.metadata
      const missing = Object.entries(labels ?? {}).some(([key, value]) => this.#node?.metadata.labels?.[key] !== value)
      if (missing) this.#node = await client.patch<Node>(refOf(this.#node), { type: 'merge', body: { metadata: { labels, annotations } } }, { because: { ...because, quiet: true } })
    }
    if (this.#options.events && this.#node) await ensureCsiNode(client, this.#node)
    return isNew
  }

  #record(...events: readonly NodeEvent[]): void {
    if (!this.#node || !this.#options.events) return
    for (const { reason, message } of events) this.#options.events.record({ component: 'kubelet', host: this.#node.metadata.name, regarding: eventTarget(this.#node), type: 'Normal', reason, message })
  }

  async #write(heartbeat = false): Promise<void> {
    const { client, clock } = this.#options
    if (!this.#node) await this.#register()
    const facts = this.#options.facts()
    const nowMs = clock.now()
    const before = this.#node?.status
    const status = nodeStatus({ ...facts, nowMs, ...(before ? { before } : {}) })
    if (!heartbeat && this.#written && sameButTime(this.#written, status)) return
    const wasReady = readiness(before)
    const isReady = facts.notReady === undefined ? 'True' : 'False'
    const because: Because =
      wasReady === isReady
        ? { code: 'NodeStatus', say: `noted the state of ${facts.name}`, why: 'heartbeat', led: [], quiet: true }
        : facts.notReady === undefined
          ? { code: 'NodeReady', say: `${facts.name} is ready`, why: `${facts.engine.name} ${facts.engine.version} answers`, led: [] }
          : { code: 'NodeNotReady', say: `${facts.name} is not ready`, why: facts.notReady, led: [] }
    this.#node = await client.patch<Node>({ kind: 'Node', name: facts.name }, { type: 'strategic', body: { status } }, { subresource: 'status', because })
    if (before) this.#record(...conditionEvents(facts.name, before.conditions ?? [], this.#node.status?.conditions ?? []))
    this.#written = status
  }

  #statusLater(): void {
    const { clock, place } = this.#options
    this.#cancelStatus = clock.after(untilTurnMs(clock.now(), statusEveryMs, place), () => {
      void this.refresh(true)
      this.#statusLater()
    })
  }

  async #renew(): Promise<void> {
    if (this.#closed) return
    const { client, clock, leaseEveryMs, place } = this.#options
    let failed = false
    const { name } = this.#options.facts()
    const because: Because = { code: 'Lease', say: 'renewed its lease', why: 'heartbeat', led: [], quiet: true }
    const renewTime = microTimestamp(clock.now())
    try {
      await client.patch({ kind: 'Lease', namespace: 'kube-node-lease', name }, { type: 'merge', body: { spec: { renewTime } } }, { because })
    } catch (error) {
      if (isNotFound(error) && this.#node) {
        const owner = { apiVersion: 'v1', kind: 'Node', name, uid: this.#node.metadata.uid }
        const lease = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name, namespace: 'kube-node-lease', ownerReferences: [owner] },
          spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime },
        }
        await client.create(lease, { because }).catch(() => (failed = true))
      } else failed = true
    }
    if (!this.#closed) this.#cancelLease = clock.after(failed ? retryMs : untilTurnMs(clock.now(), leaseEveryMs, place), () => void this.#renew())
  }
}

const readiness = (status: Node['status']) => status?.conditions?.find(({ type }) => type === 'Ready')?.status

function sameButTime(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const plain = (status: Record<string, unknown>) => ({ ...status, conditions: (status['conditions'] as { type: string; status: string; message: string }[]).map(({ type, status: value, message }) => ({ type, value, message })) })
  return equal(plain(a), plain(b))
}
