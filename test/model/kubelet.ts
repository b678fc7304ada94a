/** Scheduler and kubelets of a model: one small act at a time, on the true state, through the same API as the real ones. */
import { refOf, timestamp } from '../../core/api/meta.ts'
import { isConflict, isNotFound } from '../../core/api/status.ts'
import type { Node, Pod, PodStatus } from '../../core/api/types/core.ts'
import type { Client } from '../../core/loop/client.ts'
import type { ModelCluster } from './model-cluster.ts'
import { below, chance, pick, type Random } from './random.ts'

const defaultTrouble = 0.02
const defaultFailures = 0.15

type Act = 'bind' | 'start' | 'ready' | 'end' | 'remove' | 'trouble'

export class Kubelet {
  readonly #cluster: ModelCluster
  readonly #client: Client

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster
    this.#client = cluster.client('node')
  }

  async register(name: string): Promise<void> {
    const labels = { 'kubernetes.io/hostname': name }
    const status = { capacity: resources, allocatable: resources, conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastTransitionTime: this.#now(), lastHeartbeatTime: this.#now() }] }
    await this.#client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status })
    const node = await this.#client.get<Node>({ kind: 'Node', name })
    if (node.spec?.taints?.length) await this.#client.patch({ kind: 'Node', name }, { type: 'merge', body: { spec: { taints: null } } })
  }

  /** Does one thing for one Pod. `calm`: only what brings the cluster to rest. False where nothing is to be done. */
  async act(random: Random, calm: boolean): Promise<boolean> {
    const todo: [Pod, Act][] = []
    for (const pod of this.#cluster.truth.list<Pod>('Pod')) {
      const act = this.#next(pod, calm)
      if (act) todo.push([pod, act])
    }
    // One that has nothing to do yet (no node fits, it runs on) leaves the turn to another.
    while (todo.length > 0) {
      const [[pod, act]] = todo.splice(below(random, todo.length), 1) as [[Pod, Act]]
      try {
        if (await this.#perform(pod, act, random, calm)) return true
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return true
        throw error
      }
    }
    return false
  }

  #next(pod: Pod, calm: boolean): Act | undefined {
    const { spec, status, metadata } = pod
    const { lostNodes, model, truth } = this.#cluster
    const done = status.phase === 'Succeeded' || status.phase === 'Failed'
    if (spec.nodeName && lostNodes.has(spec.nodeName)) return undefined
    if (metadata.deletionTimestamp !== undefined) {
      // It was removed already, and only a finalizer holds it.
      if (done && metadata.deletionGracePeriodSeconds === 0) return undefined
      return done ? 'remove' : (spec.nodeName ? 'end' : undefined)
    }
    if (done) return undefined
    if (!spec.nodeName) return spec.schedulingGates?.length ? undefined : 'bind'
    if (status.phase !== 'Running') return 'start'
    if (spec.restartPolicy !== 'Always') return isReady(pod) ? 'end' : model.kubelet?.broken?.(pod, truth) ? undefined : 'ready'
    if (!isReady(pod)) return model.kubelet?.broken?.(pod, truth) ? undefined : 'ready'
    return calm ? undefined : 'trouble'
  }

  async #perform(pod: Pod, act: Act, random: Random, calm: boolean): Promise<boolean> {
    const ref = refOf(pod)
    const { model } = this.#cluster
    if (act === 'remove') await this.#client.delete(ref, { gracePeriodSeconds: 0, uid: pod.metadata.uid })
    else if (act === 'bind') {
      const node = model.kubelet?.place ? model.kubelet.place(pod, this.#cluster.context(random)) : this.#place(pod, random)
      if (node === undefined) return false
      await this.#client.bind(ref, node)
      this.#cluster.tell(`kubelet: ${pod.metadata.name} goes to ${node}`)
      return true
    } else if (act === 'start') await this.#status(pod, { phase: 'Running', podIP: `10.244.0.${1 + (Number(pod.metadata.resourceVersion) % 250)}`, startTime: this.#now() }, false, 'running')
    else if (act === 'ready') await this.#status(pod, {}, true, 'running')
    else if (act === 'end') {
      const leaving = pod.metadata.deletionTimestamp !== undefined
      const outcome = leaving && pod.spec.restartPolicy === 'Always' ? (chance(random, 0.5) ? 'Succeeded' : 'Failed') : this.#outcome(pod, random, calm || leaving)
      if (outcome === undefined) return false
      await this.#status(pod, { phase: outcome }, false, outcome)
    } else {
      const { unready = defaultTrouble, failed = defaultTrouble } = model.kubelet ?? {}
      const fate = random()
      if (fate < failed) await this.#status(pod, { phase: 'Failed' }, false, 'Failed')
      else if (fate < failed + unready) await this.#status(pod, {}, false, 'running')
      else return true
    }
    this.#cluster.tell(`kubelet: ${pod.metadata.name} ${act}`)
    return true
  }

  #outcome(pod: Pod, random: Random, calm: boolean): 'Succeeded' | 'Failed' | undefined {
    const { model } = this.#cluster
    return model.kubelet?.outcome ? model.kubelet.outcome(pod, random, calm) : chance(random, calm ? 0 : defaultFailures) ? 'Failed' : 'Succeeded'
  }

  #place({ spec }: Pod, random: Random): string | undefined {
    const { truth, lostNodes } = this.#cluster
    const named = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.flatMap(({ matchFields }) => matchFields?.filter(({ key }) => key === 'metadata.name').flatMap(({ values }) => values ?? []) ?? []) ?? []
    const selector = Object.entries(spec.nodeSelector ?? {})
    const fitting = truth.list<Node>('Node').filter(
      (node) =>
        !lostNodes.has(node.metadata.name) &&
        (named.length === 0 ? !node.spec?.unschedulable : named.includes(node.metadata.name)) &&
        selector.every(([key, value]) => node.metadata.labels?.[key] === value),
    )
    return pick(random, fitting)?.metadata.name
  }

  async #status(pod: Pod, change: Partial<PodStatus>, ready: boolean, state: 'running' | 'Succeeded' | 'Failed'): Promise<void> {
    const lastTransitionTime = this.#now()
    const status = ready ? 'True' : 'False'
    const kept = (pod.status.conditions ?? []).filter(({ type }) => type !== 'Ready' && type !== 'ContainersReady')
    const of = (type: string) => {
      const before = pod.status.conditions?.find((condition) => condition.type === type)
      return before?.status === status ? before : { type, status, lastTransitionTime }
    }
    const exitCode = state === 'Failed' ? 1 : 0
    const containerStatuses = pod.spec.containers.map(({ name, image = '' }) => ({
      name, image, imageID: image, restartCount: 0, ready, started: state === 'running',
      state: state === 'running' ? { running: { startedAt: lastTransitionTime } } : { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: lastTransitionTime, finishedAt: lastTransitionTime } },
    }))
    await this.#client.patch(refOf(pod), { type: 'merge', body: { status: { ...change, conditions: [...kept, of('ContainersReady'), of('Ready')], containerStatuses } } }, { subresource: 'status' })
  }

  #now(): string {
    return timestamp(this.#cluster.clock.now())
  }
}

const resources = { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' }
const isReady = (pod: Pod): boolean => pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
