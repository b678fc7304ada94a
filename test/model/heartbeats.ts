/**
 * Nodes that are heard from as time passes: a living one renews its Lease every ten seconds, and says again what it is
 * when the cluster thinks otherwise; a lost one is silent. No news is older than one beat, and no pass takes longer: here
 * it is the silence of nodes that is looked at, not that of the controllers' own process.
 */
import { microTimestamp, timestamp } from '../../core/api/meta.ts'
import { isReason } from '../../core/api/status.ts'
import type { Node } from '../../core/api/types/core.ts'
import type { Client } from '../../core/loop/client.ts'
import type { Actor } from './actor.ts'
import type { ModelCluster } from './model-cluster.ts'
import { nodeNames } from './model-cluster.ts'
import { randomOf } from './random.ts'

const beatMs = 10_000
export const leaseNamespace = 'kube-node-lease'

export class Heartbeats implements Actor {
  /** When each node was heard from last, and since when without a gap. */
  readonly heardMs = new Map<string, number>()
  readonly steadySinceMs = new Map<string, number>()
  /** When the controllers' process began. */
  startedMs = 0
  readonly #cluster: ModelCluster
  readonly #client: Client
  #nextMs: number

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster
    this.#client = cluster.client('node')
    this.#nextMs = cluster.clock.now() + beatMs
    for (const name of nodeNames) this.#heard(name)
  }

  start(): void {
    this.startedMs = this.#cluster.clock.now()
  }
  async crash(): Promise<void> {}
  /** A node that is not what the cluster takes it for says so soon. */
  async act(): Promise<boolean> {
    const { truth, lostNodes } = this.#cluster
    const wronged = truth.list<Node>('Node').find(({ metadata, status }) => !lostNodes.has(metadata.name) && status.conditions?.some(({ type, status: is }) => is !== (type === 'Ready' ? 'True' : 'False')))
    if (wronged) await this.#beat(wronged.metadata.name)
    return wronged !== undefined
  }

  get nextDueMs(): number {
    return this.#nextMs
  }

  async onTime(): Promise<void> {
    const { clock, driver, lostNodes, truth } = this.#cluster
    this.#nextMs = clock.now() + beatMs
    const random = randomOf(clock.now() / 1_000)
    while (await driver.step(random));
    this.#cluster.deliver()
    // Nobody leaves a whole beat's news unread.
    while ((await driver.plan(random)) || (await driver.step(random)));
    for (const { metadata } of truth.list<Node>('Node')) {
      if (lostNodes.has(metadata.name)) this.steadySinceMs.delete(metadata.name)
      else await this.#beat(metadata.name)
    }
  }

  /** A node of this name joins, as new. */
  async join(name: string): Promise<void> {
    await this.#cluster.kubelet.register(name)
    this.steadySinceMs.delete(name)
    this.#heard(name)
  }

  async wait(ms: number): Promise<void> {
    await this.#cluster.sleepUntil(this.#cluster.clock.now() + ms)
  }

  loseAll(): void {
    for (const name of nodeNames) this.#cluster.lostNodes.add(name)
  }

  async #beat(name: string): Promise<void> {
    const now = this.#cluster.clock.now()
    const ref = { kind: 'Lease', namespace: leaseNamespace, name }
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(now) }
    try {
      await this.#client.patch(ref, { type: 'merge', body: { spec } })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await this.#client.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: leaseNamespace }, spec })
    }
    this.#heard(name)
    const node = this.#cluster.truth.get<Node>('Node', undefined, name)
    const conditions = node?.status.conditions ?? []
    if (conditions.every(({ type, status }) => status === (type === 'Ready' ? 'True' : 'False'))) return
    const at = timestamp(now)
    const body = { status: { conditions: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({ type, status: type === 'Ready' ? 'True' : 'False', reason: 'Kubelet', message: '', lastHeartbeatTime: at, lastTransitionTime: at })) } }
    await this.#client.patch({ kind: 'Node', name }, { type: 'strategic', body }, { subresource: 'status' })
    this.#cluster.tell(`node ${name} says that it is ready`)
  }

  #heard(name: string): void {
    const now = this.#cluster.clock.now()
    this.heardMs.set(name, now)
    if (!this.steadySinceMs.has(name)) this.steadySinceMs.set(name, now)
  }
}
