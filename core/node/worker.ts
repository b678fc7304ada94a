/**
 * One Pod's life on this node. Serial: look, plan, do, tell, until nothing is left to do. The newest object wins; once the
 * Pod is being stopped it is never started again (upstream: pkg/kubelet/pod_workers.go).
 */
import { isNotFound } from '../api/status.ts'
import { Backoff } from './backoff.ts'
import { contentSources, hasContent, VolumeError } from './volumes/content.ts'
import { podFolders, refreshVolumes, removePodFolder, type PodFolders } from './volumes/volumes.ts'
import { ImageSource } from './image-source.ts'
import { becauseOf, recordEvent, type NodeContext, type Said } from './node-context.ts'
import { latestByName, liveSandbox, planPod, type PlanFacts, type PodPlan } from './plan.ts'
import { isFinal, shortName, type Container, type Pod } from './pod.ts'
import { ContainerProbes } from './container-probes.ts'
import { RuntimeError, type RuntimeContainer } from './runtime.ts'
import { hashOf } from './container-spec.ts'
import { Starter, type Started } from './starter.ts'
import { podStatus } from './status.ts'
import { StatusWriter } from './status-writer.ts'
import { Stopper } from './stopper.ts'
import { readTerminationMessage } from './termination.ts'

/** After an error of the engine or the machine; upstream waits 10 s, a local engine deserves less. */
const retryMs = 2_000
const announceMs = 40
const deadlineFailure = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }

export class PodWorker {
  readonly uid: string
  readonly #context: NodeContext
  readonly #folders: PodFolders
  readonly #crash = new Backoff()
  readonly #images: ImageSource
  readonly #probes: ContainerProbes
  readonly #starter: Starter
  readonly #stopper: Stopper
  readonly #writer: StatusWriter
  readonly #ended: () => void
  readonly #waiting = new Map<string, { reason: string; message?: string }>()
  readonly #messages = new Map<string, string>()
  #pod: Pod
  #led: number
  #goneFromApi = false
  #finished = false
  #failed: { reason: string; message: string } | undefined
  #containers: readonly RuntimeContainer[] = []
  #running = false
  #dirty = false
  #closed = false
  #refreshDue = false
  #abort = new AbortController()
  #cancelTimer = () => {}
  #dueMs = Infinity
  #cancelDeadline = () => {}
  #said: Said | undefined
  #adopted = false

  constructor(context: NodeContext, pod: Pod, ended: () => void) {
    this.uid = pod.metadata.uid
    this.#context = context
    this.#pod = pod
    this.#led = Number(pod.metadata.resourceVersion)
    this.#ended = ended
    this.#folders = podFolders(context.podsRoot, this.uid)
    this.#images = new ImageSource(context)
    this.#writer = new StatusWriter(context, pod)
    this.#finished = isFinal(pod.status?.phase)
    this.#probes = new ContainerProbes(context, () => this.wake(), () => this.#podIP(), () => this.#sandboxId())
    this.#starter = new Starter(context, this.#folders, this.#images)
    this.#stopper = new Stopper(context, this.#probes)
    this.#watchDeadline()
    this.wake()
  }

  get pod(): Pod {
    return this.#pod
  }

  /** The API has a newer version. */
  update(pod: Pod): void {
    const before = this.#pod
    this.#pod = pod
    const asked = pod.metadata.generation !== before.metadata.generation || pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp
    if (asked) this.#led = Number(pod.metadata.resourceVersion)
    this.#writer.seen(pod.status, Number(pod.metadata.resourceVersion))
    if (pod.metadata.labels !== before.metadata.labels || pod.metadata.annotations !== before.metadata.annotations) this.#refreshDue = true
    if (pod.metadata.deletionTimestamp) {
      this.#abort.abort()
      this.#stopper.hurry(this.#grace())
    }
    // The status alone changed, and nobody but this agent writes what matters of it.
    if (!asked && !this.#refreshDue && !(isFinal(pod.status?.phase) && !this.#finished)) return
    this.#watchDeadline()
    this.wake()
  }

  /** The API has it no more: what runs is ended at once. */
  gone(): void {
    this.#goneFromApi = true
    this.#abort.abort()
    this.#writer.close()
    this.#stopper.hurry(1)
    this.wake()
  }

  /** Something the Pod is made from changed. */
  sourceChanged(): void {
    this.#refreshDue = true
    this.wake()
  }

  /** Keys of the objects that the Pod is made from. */
  sources(): string[] {
    const { spec, metadata } = this.#pod
    const keys = (spec.volumes ?? []).flatMap((volume) => contentSources(this.#pod, volume))
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      for (const { configMapRef, secretRef } of container.envFrom ?? []) keys.push(configMapRef ? `ConfigMap/${metadata.namespace}/${configMapRef.name}` : `Secret/${metadata.namespace}/${secretRef?.name}`)
      for (const { valueFrom } of container.env ?? []) {
        if (valueFrom?.configMapKeyRef) keys.push(`ConfigMap/${metadata.namespace}/${valueFrom.configMapKeyRef.name}`)
        if (valueFrom?.secretKeyRef) keys.push(`Secret/${metadata.namespace}/${valueFrom.secretKeyRef.name}`)
      }
    }
    return keys
  }

  retryImagesNow(): void {
    this.#images.retryNow()
    this.wake()
  }

  wake(): void {
    if (this.#closed) return
    this.#dirty = true
    if (!this.#running) void this.#loop()
  }

  /** The agent stops; the Pod runs on. */
  async close(): Promise<void> {
    this.#closed = true
    this.#abort.abort()
    this.#cancelTimer()
    this.#cancelDeadline()
    this.#probes.stopAll()
    await this.#writer.flush()
    this.#writer.close()
  }

  async #loop(): Promise<void> {
    this.#running = true
    // Leaves the caller's turn, so that news of one turn are taken together.
    await Promise.resolve()
    while (this.#dirty && !this.#closed) {
      this.#dirty = false
      this.#cancelTimer()
      this.#dueMs = Infinity
      try {
        await this.#sync()
      } catch (error) {
        if (this.#closed) break
        const unreachable = error instanceof RuntimeError && error.code === 'EngineUnreachable'
        if (!unreachable) this.#context.log.warn('Pod not brought forward', { pod: this.#pod.metadata.name, error: error instanceof Error ? error.message : String(error) })
        this.#again(this.#context.clock.now() + retryMs)
      }
    }
    this.#running = false
  }

  async #sync(): Promise<void> {
    await this.#look()
    if (this.#goneFromApi) return this.#takeAway()
    if (this.#pod.metadata.deletionTimestamp) return this.#terminate()
    if (isFinal(this.#pod.status?.phase) && !this.#finished) return this.#finish({ code: 'Stopped', say: `stopped ${shortName(this.#pod)}`, why: `the Pod was marked ${this.#pod.status?.phase}` })
    if (this.#finished) return this.#settle()
    if (this.#refreshDue) await this.#refresh()

    const plan = this.#plan(this.#containers)
    if (plan.finish) {
      const exits = [...latestByName(this.#containers).values()].filter((run) => run.kind === 'app')
      const bad = exits.find((run) => run.exitCode !== 0)
      return this.#finish(bad ? { code: 'Failed', say: `${bad.name} ended with exit code ${bad.exitCode}`, why: `restart policy ${this.#pod.spec.restartPolicy}: no further run` } : { code: 'Completed', say: `${shortName(this.#pod)} completed`, why: 'every container ended with exit code 0' })
    }
    for (const [name] of this.#waiting) if (!plan.waiting.some((waiting) => waiting.name === name) && !plan.start.some(({ container }) => container.name === name)) this.#waiting.delete(name)
    this.#sayCrashes(plan)

    if (plan.sandboxAttempt !== undefined) {
      // What starts in a blink needs no word that it is starting.
      const starting = { code: 'Starting', say: `prepares ${shortName(this.#pod)}`, why: this.#pod.spec.containers.map(({ image }) => image).join(', ') }
      const cancel = this.#context.clock.after(announceMs, () => this.#tell(starting))
      try {
        await this.#startSandbox(plan)
      } catch (error) {
        this.#tell(starting)
        throw error
      } finally {
        cancel()
      }
      this.#dirty = true
      return
    }
    await Promise.all(plan.kill.map((action) => this.#stopper.stopOne(this.#pod, action, this.#containers)))
    if (plan.kill.length > 0) {
      this.#dirty = true
      return
    }
    await this.#startAll(plan)
    this.#tell()
    if (plan.requeueAtMs !== undefined) this.#again(plan.requeueAtMs)
  }

  async #look(): Promise<void> {
    const containers = await this.#context.runtime.pod(this.uid)
    for (const run of containers) {
      if (run.kind === 'sandbox') continue
      if (run.state === 'exited' && !this.#messages.has(run.id)) {
        const container = this.#find(run.name)
        this.#messages.set(run.id, container ? await readTerminationMessage(this.#context.runtime, this.#folders, container, run) : '')
        this.#sayExit(run)
      }
    }
    this.#containers = containers
    const old = this.#writer.latest
    this.#probes.follow(this.#pod, containers, !this.#adopted ? old : undefined)
    if (!this.#adopted) {
      this.#adopted = true
      for (const run of latestByName(containers).values()) this.#crash.resume(run.name, run.attempt, run.startedMs ?? run.createdMs)
    }
  }

  #plan(containers: readonly RuntimeContainer[]): PodPlan {
    const nowMs = this.#context.clock.now()
    const facts: PlanFacts = {
      pod: this.#pod,
      containers,
      nowMs,
      liveness: (id) => this.#probes.verdict(id, 'liveness'),
      startup: (id) => this.#probes.verdict(id, 'startup'),
      crashDelay: (name, endedMs) => this.#crash.pending(name, endedMs, nowMs),
      hashOf,
      restarts: (name) => this.#restarts(name),
    }
    return planPod(facts)
  }

  /** How many runs the API has seen, where the engine has forgotten them. */
  #restarts(name: string): number {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#writer.latest
    const old = [...containerStatuses, ...initContainerStatuses].find((status) => status.name === name)
    return old?.containerID ? old.restartCount + 1 : 0
  }

  async #startSandbox(plan: PodPlan): Promise<void> {
    const { runtime } = this.#context
    if (plan.sandboxAttempt! > 0) recordEvent(this.#context, this.#pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    if (plan.clear.length > 0) {
      const alive = plan.clear.filter((run) => run.kind !== 'sandbox' && run.state === 'running')
      await Promise.all(alive.map((run) => runtime.stop(run.id, this.#grace())))
      await Promise.all(plan.clear.filter((run) => run.kind === 'sandbox' || run.kind === 'init' || run.state === 'created').map((run) => runtime.remove(run.id)))
      this.#containers = await runtime.pod(this.uid)
    }
    try {
      const started = await this.#starter.openSandbox(this.#pod, plan.sandboxAttempt!, this.#containers, (containers) => this.#plan(containers).start, this.#abort.signal)
      for (const note of started) this.#note(note)
    } catch (error) {
      if (error instanceof VolumeError) {
        recordEvent(this.#context, this.#pod, 'Warning', 'FailedMount', error.message)
        this.#tell({ code: 'FailedMount', say: `${shortName(this.#pod)} waits for volume ${error.volume}`, why: error.message.split(' : ').at(-1) ?? error.message })
      } else if (!(error instanceof RuntimeError && error.code === 'EngineUnreachable')) {
        const text = error instanceof Error ? error.message : String(error)
        recordEvent(this.#context, this.#pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`)
      }
      throw error
    }
  }

  async #startAll(plan: PodPlan): Promise<void> {
    const sandbox = liveSandbox(this.#containers)
    if (!sandbox || plan.start.length === 0) return
    for (const action of plan.start) {
      if (this.#abort.signal.aborted) return
      if (action.after && action.crashed) {
        const ended = action.after.finishedMs ?? action.after.createdMs
        this.#crash.next(action.container.name, ended, this.#context.clock.now())
      }
      const started = await this.#starter.start(this.#pod, action, sandbox, this.#containers, this.#abort.signal)
      this.#note(started)
    }
    // What was started is looked at once more, so that the status carries it.
    await this.#look()
    for (const { container } of plan.start) void this.#prune(container.name)
    if (plan.start.some(({ kind }) => kind === 'init')) this.#dirty = true
  }

  #note(started: Started): void {
    const { name } = started
    if (started.outcome === 'started') {
      this.#waiting.delete(name)
      if (started.said) this.#say(started.said)
      return
    }
    this.#waiting.set(name, { reason: started.reason, message: started.message })
    this.#say(started.said)
    this.#again(started.retryAtMs ?? this.#context.clock.now() + 5 * retryMs)
  }

  /** The kubelet keeps one dead container of each name, for its logs. */
  async #prune(name: string): Promise<void> {
    const dead = this.#containers.filter((run) => run.name === name && run.kind !== 'sandbox' && run.state === 'exited').sort((a, b) => b.attempt - a.attempt)
    for (const run of dead.slice(1)) {
      this.#messages.delete(run.id)
      await this.#context.runtime.remove(run.id).catch(() => {})
    }
  }

  async #refresh(): Promise<void> {
    this.#refreshDue = false
    if (!(this.#pod.spec.volumes ?? []).some(hasContent) || !liveSandbox(this.#containers) || !this.#context.runtime.mountsFiles) return
    try {
      await refreshVolumes(this.#folders, this.#starter.contentFacts(this.#pod, this.#podIP()))
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error
      recordEvent(this.#context, this.#pod, 'Warning', 'FailedMount', error.message)
    }
  }

  /** Deleted: stop, tell, take away, let go. */
  async #terminate(): Promise<void> {
    const started = this.#context.clock.now()
    this.#probes.endingAll()
    const grace = this.#grace()
    const alive = this.#containers.some((run) => run.state === 'running' && run.kind !== 'sandbox')
    if (alive) {
      // What left the Service may still be on its way: the signal comes after the last rule.
      if (this.#context.beforeStop) await this.#atMost(1_000, this.#context.beforeStop(this.#pod))
      await this.#stopper.stopAll(this.#pod, this.#containers, grace)
      await this.#look()
    }
    this.#finished = true
    const took = ((this.#context.clock.now() - started) / 1000).toFixed(1)
    const said = { code: 'Stopped', say: `stopped ${shortName(this.#pod)}`, why: `it was deleted; took ${took} s of ${grace} s allowed` }
    this.#waiting.clear()
    this.#tell(said)
    const removed = this.#removeContainers()
    await this.#writer.flush()
    await removed
    try {
      const ref = { kind: 'Pod', namespace: this.#pod.metadata.namespace ?? '', name: this.#pod.metadata.name, uid: this.uid }
      await this.#context.client.delete(ref, { uid: this.uid, gracePeriodSeconds: 0, because: becauseOf(said, [Math.max(this.#led, this.#writer.lastRevision)]) })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    // Finalizers may keep the object; the agent is done with it all the same.
    this.#end()
  }

  async #takeAway(): Promise<void> {
    this.#probes.stopAll()
    const alive = this.#containers.filter((run) => run.state === 'running' && run.kind !== 'sandbox')
    await Promise.all(alive.map((run) => this.#context.runtime.stop(run.id, 1)))
    await this.#removeContainers()
    this.#end()
  }

  async #removeContainers(): Promise<void> {
    this.#probes.stopAll()
    const runs = await this.#context.runtime.pod(this.uid)
    // Whatever joins the sandbox goes first.
    await Promise.all(runs.filter((run) => run.kind !== 'sandbox').map((run) => this.#context.runtime.remove(run.id)))
    await Promise.all(runs.filter((run) => run.kind === 'sandbox').map((run) => this.#context.runtime.remove(run.id)))
    await removePodFolder(this.#context.runtime, this.#folders, this.#pod)
  }

  /** Ended for good: what is left is stopped, the sandbox goes, logs stay until the object does. */
  async #finish(said: Said): Promise<void> {
    this.#probes.endingAll()
    await this.#stopper.stopAll(this.#pod, this.#containers, this.#grace())
    await this.#look()
    this.#finished = true
    this.#waiting.clear()
    this.#said = undefined
    this.#tell(said)
    await this.#settle()
  }

  async #settle(): Promise<void> {
    this.#probes.stopAll()
    await Promise.all(this.#containers.filter((run) => run.kind === 'sandbox').map((run) => this.#context.runtime.remove(run.id)))
  }

  #end(): void {
    this.#closed = true
    this.#cancelTimer()
    this.#cancelDeadline()
    this.#probes.stopAll()
    this.#writer.close()
    this.#ended()
  }

  #say(said: Said): void {
    this.#said = said
  }

  /** Writes the status where it differs from what was written. */
  #tell(said?: Said): void {
    const status = podStatus({
      pod: this.#pod,
      before: this.#writer.latest,
      containers: this.#containers,
      nowMs: this.#context.clock.now(),
      hostIP: this.#context.hostIP,
      scheme: this.#context.runtime.scheme,
      waiting: this.#waiting,
      ready: (_, id) => this.#probes.verdict(id, 'readiness') === 'success',
      started: (_, id) => this.#probes.verdict(id, 'startup') === 'success',
      terminationMessage: (id) => this.#messages.get(id),
      finished: this.#finished,
      ...(this.#failed ? { failed: this.#failed } : {}),
    })
    this.#writer.write(status, said ?? this.#words(status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'), this.#led)
    if (!said) this.#said = undefined
  }

  /** The best words for a change: what was just done, or what a probe found. */
  #words(ready: boolean): Said {
    const wasReady = this.#writer.latest.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
    if (this.#said) return this.#said
    const checked = this.#probes.words('readiness') ?? this.#probes.words('startup')
    const name = shortName(this.#pod)
    if (ready && !wasReady) return { code: 'Ready', say: `${name} is ready`, why: checked ?? 'its containers run and no check was asked for' }
    if (!ready && wasReady) return { code: 'NotReady', say: `${name} is not ready`, why: checked ?? 'not all of its containers run' }
    return { code: 'Observed', say: `noted the state of ${name}`, why: 'its containers changed' }
  }

  #sayExit(run: RuntimeContainer): void {
    if (!this.#adopted || this.#pod.metadata.deletionTimestamp) return
    const reason = run.oomKilled ? 'ran out of memory' : run.error && run.startedMs === undefined ? 'could not be started' : `ended with exit code ${run.exitCode}`
    const message = this.#messages.get(run.id)?.trim().split('\n').at(-1)
    this.#say({ code: 'Ended', say: `${run.name} ${reason}`, why: run.error || message || `run ${run.attempt + 1} of this container` })
  }

  #sayCrashes(plan: PodPlan): void {
    for (const waiting of plan.waiting) {
      const container = this.#find(waiting.name)
      const fresh = this.#waiting.get(waiting.name)?.message !== waiting.message
      this.#waiting.set(waiting.name, { reason: waiting.reason, message: waiting.message })
      if (!fresh || !container) continue
      recordEvent(this.#context, this.#pod, 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${this.#pod.metadata.name}_${this.#pod.metadata.namespace}(${this.uid})`, container)
      const seconds = Math.max(1, Math.round((waiting.untilMs - this.#context.clock.now()) / 1000))
      const last = latestByName(this.#containers).get(waiting.name)
      this.#say({ code: 'CrashLoopBackOff', say: `${waiting.name} keeps ending, next try in ${seconds} s`, why: `exit code ${last?.exitCode}, ${(last?.attempt ?? 0) + 1} runs so far` })
    }
  }

  #watchDeadline(): void {
    this.#cancelDeadline()
    const seconds = this.#pod.spec.activeDeadlineSeconds
    const startTime = this.#writer.latest.startTime ?? this.#pod.status?.startTime
    if (seconds === undefined || this.#finished) return
    const startMs = startTime ? Date.parse(startTime) : this.#context.clock.now()
    const dueMs = startMs + seconds * 1000
    this.#cancelDeadline = this.#context.clock.after(Math.max(0, dueMs - this.#context.clock.now()), () => {
      if (this.#finished || this.#pod.metadata.deletionTimestamp) return
      this.#failed = deadlineFailure
      recordEvent(this.#context, this.#pod, 'Normal', 'DeadlineExceeded', deadlineFailure.message)
      this.#abort.abort()
      this.#pod = { ...this.#pod, status: { ...this.#pod.status, phase: 'Failed' } }
      this.wake()
    })
  }

  #grace(): number {
    return this.#pod.metadata.deletionGracePeriodSeconds ?? this.#pod.spec.terminationGracePeriodSeconds ?? 30
  }

  #find(name: string): Container | undefined {
    const { containers, initContainers = [], ephemeralContainers = [] } = this.#pod.spec
    return [...containers, ...initContainers, ...ephemeralContainers].find((container) => container.name === name)
  }

  #sandboxId(): string {
    return liveSandbox(this.#containers)?.id ?? ''
  }

  #podIP(): string {
    return liveSandbox(this.#containers)?.ip ?? ''
  }

  /** The earliest of several wishes wins: each is only a look. */
  #again(atMs: number): void {
    if (atMs >= this.#dueMs) return
    this.#cancelTimer()
    this.#dueMs = atMs
    this.#cancelTimer = this.#context.clock.after(Math.max(0, atMs - this.#context.clock.now()), () => this.wake())
  }

  async #atMost(ms: number, wait: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#context.clock.after(ms, resolve)
      const over = () => {
        cancel()
        resolve()
      }
      wait.then(over, over)
    })
  }
}
