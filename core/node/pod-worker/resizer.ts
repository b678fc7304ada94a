/**
 * In-place resize of one Pod: what was granted to its containers, whether the node can grant what is asked now, and the
 * change of what runs. Until it is granted the Pod goes on as if nothing had been asked.
 * Upstream: pkg/kubelet/allocation, pkg/kubelet/kuberuntime/kuberuntime_manager.go (doPodResizeAction).
 */
import { parseAmounts, type Amounts } from '../../api/amounts.ts'
import { timestamp } from '../../api/meta.ts'
import { podRequests } from '../../api/pod-resources.ts'
import type { Container, Pod, PodCondition, ResourceRequirements } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { recordEvent, type NodeContext, type Said } from '../node-context.ts'
import { latestByName } from './plan.ts'
import { isFinal, isSidecar, shortName } from '../pod.ts'
import { engineResources } from '../container/qos.ts'
import type { RuntimeContainer } from '../runtime.ts'
import type { Stopper } from './stopper.ts'

const changeable = ['cpu', 'memory'] as const
/** What leaves the node makes room; until then it is asked again. */
const askAgainMs = 5_000
const failedAgainMs = 10_000

export interface ResizeStep {
  /** Containers were stopped for it, and are to be started anew. */
  readonly restarts?: true
  readonly said?: Said
  readonly againAtMs?: number
}

export class Resizer {
  readonly #context: NodeContext
  /** What each container was granted. */
  readonly #granted = new Map<string, ResourceRequirements>()
  #pending: PodCondition | undefined
  #progress: PodCondition | undefined
  /** Granted, and not yet what the container runs with. */
  readonly #due = new Set<string>()

  constructor(context: NodeContext, pod: Pod) {
    this.#context = context
    // What a former agent granted stands in the status.
    const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = pod.status ?? {}
    const statuses = new Map([...containerStatuses, ...initContainerStatuses].map((status) => [status.name, status]))
    for (const { name, resources = {} } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const { state, resources: has, allocatedResources } = statuses.get(name) ?? {}
      this.#granted.set(name, state?.running && has ? { ...has, ...(allocatedResources ? { requests: allocatedResources } : {}) } : resources)
    }
    this.#pending = conditions.find(({ type }) => type === 'PodResizePending')
    this.#progress = conditions.find(({ type }) => type === 'PodResizeInProgress')
  }

  get conditions(): readonly PodCondition[] {
    return [this.#pending, this.#progress].filter((condition) => condition !== undefined)
  }

  /** The Pod with what was granted instead of what is asked. */
  granted(pod: Pod): Pod {
    const grantedOf = (container: Container): Container => {
      const resources = this.#granted.get(container.name)
      return resources === undefined || equal(resources, container.resources ?? {}) ? container : { ...container, resources }
    }
    const { containers, initContainers } = pod.spec
    return { ...pod, spec: { ...pod.spec, containers: containers.map(grantedOf), ...(initContainers ? { initContainers: initContainers.map(grantedOf) } : {}) } }
  }

  /** Grants what is asked where it fits, and brings running containers to what they were granted. */
  async step(asked: Pod, containers: readonly RuntimeContainer[], stopper: Stopper): Promise<ResizeStep> {
    const latest = latestByName(containers)
    const all = [...asked.spec.containers, ...(asked.spec.initContainers ?? [])]
    const changed = all.filter(({ name, resources }) => !sameAmounts(this.#granted.get(name), resources))
    if (changed.length > 0) {
      const lack = this.#lack(asked)
      if (lack !== undefined) return this.#defer(asked, lack)
      this.#grant(asked, changed, latest)
    } else this.#pending = undefined
    if (this.#due.size === 0) return {}
    const restart: RuntimeContainer[] = []
    const step = await this.#actuate(asked, all, latest, restart)
    if (restart.length === 0) return step
    const granted = this.granted(asked)
    await Promise.all(restart.map(({ id, name }) => stopper.stopOne(granted, { id, name, message: `Container ${name} resize requires restart, will be restarted`, cause: 'changed' }, containers)))
    return { ...step, restarts: true }
  }

  /** What does not run takes what is granted when it starts. */
  #grant(asked: Pod, changed: readonly Container[], latest: ReadonlyMap<string, RuntimeContainer>): void {
    this.#pending = undefined
    for (const container of changed) {
      const runs = latest.get(container.name)?.state === 'running' && (asked.spec.containers.includes(container) || isSidecar(container))
      if (runs) this.#due.add(container.name)
      else this.#granted.set(container.name, container.resources ?? {})
    }
    this.#progress = this.#condition('PodResizeInProgress', asked, this.#progress)
    recordEvent(this.#context, asked, 'Normal', 'ResizeStarted', `Pod resize started: ${summary(asked)}`)
  }

  #defer(asked: Pod, lack: string): ResizeStep {
    const { generation } = asked.metadata
    const news = this.#pending?.observedGeneration !== generation
    this.#pending = { ...this.#condition('PodResizePending', asked, this.#pending), reason: 'Deferred', message: lack }
    if (news) recordEvent(this.#context, asked, 'Warning', 'ResizeDeferred', `Pod resize Deferred: ${summary(asked, lack)}`)
    return { said: { code: 'ResizeDeferred', say: `${shortName(asked)} waits to be resized`, why: lack }, againAtMs: this.#context.clock.now() + askAgainMs }
  }

  async #actuate(asked: Pod, all: readonly Container[], latest: ReadonlyMap<string, RuntimeContainer>, restart: RuntimeContainer[]): Promise<ResizeStep> {
    for (const container of all) {
      const run = latest.get(container.name)
      if (!this.#due.has(container.name)) continue
      if (run?.state === 'running') {
        if (needsRestart(container, this.#granted.get(container.name))) restart.push(run)
        else {
          try {
            await this.#context.runtime.update(run.id, engineResources(asked, container, this.#context.machineMemoryBytes))
          } catch (error) {
            const message = error instanceof Error ? error.message : String(error)
            this.#progress = { ...this.#condition('PodResizeInProgress', asked, this.#progress), reason: 'Error', message }
            recordEvent(this.#context, asked, 'Warning', 'ResizeError', `Pod resize error: ${summary(asked, message)}`)
            return { said: { code: 'ResizeError', say: `${shortName(asked)} could not be resized`, why: message }, againAtMs: this.#context.clock.now() + failedAgainMs }
          }
        }
      }
      this.#granted.set(container.name, container.resources ?? {})
      this.#due.delete(container.name)
    }
    this.#progress = undefined
    recordEvent(this.#context, asked, 'Normal', 'ResizeCompleted', `Pod resize completed: ${summary(asked)}`)
    return { said: { code: 'Resized', say: `resized ${shortName(asked)}`, why: restart.length > 0 ? `${restart.map(({ name }) => name).join(', ')} must start anew for it` : 'without a restart' } }
  }

  #condition(type: string, { metadata: { generation } }: Pod, before: PodCondition | undefined): PodCondition {
    return { type, status: 'True', lastProbeTime: null, lastTransitionTime: before?.lastTransitionTime ?? timestamp(this.#context.clock.now()), ...(generation === undefined ? {} : { observedGeneration: generation }) }
  }

  /** Upstream's words for what the node lacks; undefined where the resize fits beside the other Pods. */
  #lack(asked: Pod): string | undefined {
    const { snapshot, allocatable, node } = this.#context
    const wanted = podRequests({ ...asked, status: {} })
    const others = snapshot.podsOn<Pod>(node).filter(({ metadata, status }) => metadata.uid !== asked.metadata.uid && !isFinal(status?.phase))
    const there: Amounts = parseAmounts(allocatable)
    for (const [resource, unit] of [['cpu', 1_000_000n], ['memory', 1_000_000_000n]] as const) {
      const capacity = there[resource]?.nano
      if (capacity === undefined) continue
      const used = others.reduce((sum, pod) => sum + (podRequests(pod)[resource]?.nano ?? 0n), 0n)
      const want = wanted[resource]?.nano ?? 0n
      if (used + want > capacity) return `Node didn't have enough resource: ${resource}, requested: ${want / unit}, used: ${used / unit}, capacity: ${capacity / unit}`
    }
    return undefined
  }
}

const amounts = (resources: ResourceRequirements | undefined) => [resources?.requests, resources?.limits].map((list) => changeable.map((name) => list?.[name]))
const sameAmounts = (a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean => equal(amounts(a), amounts(b))

function needsRestart(container: Container, before: ResourceRequirements | undefined): boolean {
  return (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' && (before?.requests?.[resourceName] !== container.resources?.requests?.[resourceName] || before?.limits?.[resourceName] !== container.resources?.limits?.[resourceName]),
  )
}

const summary = ({ spec, metadata }: Pod, error?: string): string =>
  JSON.stringify({
    ...(spec.initContainers?.length ? { initContainers: spec.initContainers.map(({ name, resources = {} }) => ({ name, resources })) } : {}),
    containers: spec.containers.map(({ name, resources = {} }) => ({ name, resources })),
    generation: metadata.generation ?? 0,
    ...(error === undefined ? {} : { error }),
  })
