/**
 * One Pod's life on this node. Serial: look, plan, do, tell, until nothing is left to do. The newest object wins; once the
 * Pod is being stopped it is never started again (upstream: pkg/kubelet/pod_workers.go).
 */
import type { Pod } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { refusalOf } from './admission.ts'
import { Alarm } from './alarm.ts'
import { Backoff } from '../backoff.ts'
import { sayCrashes } from './crash-delays.ts'
import { Deadline, deadlineFailure } from './deadline.ts'
import { Ending, graceSeconds } from './ending.ts'
import { carriesToken, VolumeError } from '../volumes/content.ts'
import { MountTries } from '../volumes/mount-tries.ts'
import { podFolders } from '../volumes/volumes.ts'
import { ImageSource } from '../images/image-source.ts'
import { decided, recordEvent, type NodeContext } from '../node-context.ts'
import { latestByName, planPod, type PodPlan } from './plan.ts'
import { planFacts } from './plan-facts.ts'
import { isFinal, shortName } from '../pod.ts'
import { PodView } from './pod-view.ts'
import { ContainerProbes } from '../probes/container-probes.ts'
import { RuntimeError, type RuntimeContainer } from '../runtime.ts'
import { PodReport } from './report.ts'
import { Resizer } from './resizer.ts'
import { tellSandboxFailure } from './sandbox-failure.ts'
import { Starter, volumeMissing, type Started } from './starter.ts'
import { gates } from '../status/status.ts'
import { Stopper } from './stopper.ts'
import { exitWords, finishedWords, markedWords, startingWords } from './words.ts'

/** After an error of the engine or the machine; upstream waits 10 s, a local engine deserves less. */
const retryMs = 2_000
const announceMs = 40

export class PodWorker {
  readonly uid: string
  readonly #context: NodeContext
  readonly #view: PodView
  readonly #crash = new Backoff()
  readonly #images: ImageSource
  readonly #mounts: MountTries
  readonly #probes: ContainerProbes
  readonly #starter: Starter
  readonly #stopper: Stopper
  readonly #report: PodReport
  readonly #ending: Ending
  readonly #deadline: Deadline
  readonly #resizer: Resizer
  readonly #ended: () => void
  /** As it was granted: what is asked beyond that stands in `#asked`. */
  #pod: Pod
  #asked: Pod
  #led: number
  #goneFromApi = false
  #running = false
  #dirty = false
  #closed = false
  #refreshDue = false
  #abort = new AbortController()
  readonly #alarm: Alarm
  #sandboxDueMs = 0
  #adopted = false

  constructor(context: NodeContext, pod: Pod, ended: () => void) {
    this.uid = pod.metadata.uid
    this.#context = context
    this.#asked = pod
    this.#resizer = new Resizer(context, pod)
    this.#pod = this.#resizer.granted(pod)
    this.#led = Number(pod.metadata.resourceVersion)
    this.#ended = ended
    const folders = podFolders(context.podsRoot, this.uid)
    this.#view = new PodView(context, folders, this.uid)
    this.#images = new ImageSource(context)
    this.#probes = new ContainerProbes(context, () => this.wake(), () => this.#view.podIP, () => this.#view.sandbox?.id ?? '')
    this.#mounts = new MountTries(context)
    this.#starter = new Starter(context, folders, this.#images, this.#mounts)
    this.#stopper = new Stopper(context)
    this.#report = new PodReport(context, pod, this.#view, this.#probes, () => ({ pod: this.#pod, led: this.#led, resize: this.#resizer.conditions }))
    this.#report.finished = isFinal(pod.status?.phase)
    this.#ending = new Ending(context, { view: this.#view, stopper: this.#stopper, probes: this.#probes, report: this.#report, look: () => this.#look() })
    this.#alarm = new Alarm(context.clock, () => this.wake())
    this.#deadline = new Deadline(context.clock, () => this.#tooLate())
    this.#deadline.watch(this.#pod, this.#report.writer.latest.startTime)
    this.wake()
  }

  get pod(): Pod {
    return this.#pod
  }

  /** The API has a newer version. */
  update(pod: Pod): void {
    const before = this.#pod
    this.#asked = pod
    this.#pod = this.#resizer.granted(pod)
    const asked = pod.metadata.generation !== before.metadata.generation || pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp
    if (asked) this.#led = Number(pod.metadata.resourceVersion)
    this.#report.writer.seen(pod.status, Number(pod.metadata.resourceVersion))
    if (!equal(pod.metadata.labels, before.metadata.labels) || !equal(pod.metadata.annotations, before.metadata.annotations)) this.#refreshDue = true
    if (pod.metadata.deletionTimestamp) {
      this.#abort.abort()
      this.#stopper.hurry(graceSeconds(this.#pod))
    }
    // The status alone changed, and but for its readiness gates nobody else than this agent writes what matters of it.
    if (!asked && !this.#refreshDue && equal(gates(pod), gates(before)) && !(isFinal(pod.status?.phase) && !this.#report.finished)) return
    this.#deadline.watch(this.#pod, this.#report.writer.latest.startTime)
    this.wake()
  }

  /** The API has it no more: what runs is ended at once. */
  gone(): void {
    this.#goneFromApi = true
    this.#abort.abort()
    this.#report.writer.close()
    this.#stopper.hurry(1)
    this.wake()
  }

  /** Something the Pod is made from changed: what a volume lacked may be there now. */
  sourceChanged(): void {
    this.#refreshDue = true
    this.#tryNow()
  }

  /** A claim or the volume behind it changed. */
  claimChanged(): void {
    if (this.#mounts.dueMs < Infinity) this.#tryNow()
  }

  retryImagesNow(): void {
    this.#images.retryNow()
    this.wake()
  }

  #tryNow(): void {
    this.#mounts.hurry()
    this.#sandboxDueMs = 0
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
    this.#alarm.clear()
    this.#deadline.stop()
    this.#probes.stopAll()
    await this.#report.writer.flush()
    this.#report.writer.close()
  }

  async #loop(): Promise<void> {
    this.#running = true
    // Leaves the caller's turn, so that news of one turn are taken together.
    await Promise.resolve()
    while (this.#dirty && !this.#closed) {
      this.#dirty = false
      this.#alarm.clear()
      try {
        await this.#sync()
        if (!this.#report.finished && this.#starter.renewAtMs < Infinity) this.#alarm.at(this.#starter.renewAtMs)
      } catch (error) {
        if (this.#closed) break
        const unreachable = error instanceof RuntimeError && error.code === 'EngineUnreachable'
        if (!unreachable) this.#context.log.warn('Pod not brought forward', { pod: this.#pod.metadata.name, error: error instanceof Error ? error.message : String(error) })
        this.#alarm.at(this.#context.clock.now() + retryMs)
      }
    }
    this.#running = false
  }

  async #sync(): Promise<void> {
    await this.#look()
    if (this.#goneFromApi || this.#pod.metadata.deletionTimestamp) {
      await (this.#goneFromApi ? this.#ending.takeAway(this.#pod) : this.#ending.terminate(this.#pod))
      return this.#end()
    }
    if (isFinal(this.#pod.status?.phase) && !this.#report.finished) return this.#ending.finish(this.#pod, markedWords(this.#pod))
    if (this.#report.finished) return this.#ending.settle()
    const refused = this.#view.containers.length === 0 && !this.#report.writer.latest.startTime ? refusalOf(this.#context, this.#pod) : undefined
    if (refused) {
      this.#report.failed = refused
      return this.#ending.finish(this.#pod, { code: refused.reason, say: `refused ${shortName(this.#pod)}`, why: refused.message })
    }
    if (this.#refreshDue || this.#starter.renewAtMs <= this.#context.clock.now()) await this.#refresh()

    const plan = this.#plan(this.#view.containers)
    if (plan.finish) return this.#ending.finish(this.#pod, finishedWords(this.#pod, this.#view.containers))
    for (const [name] of this.#report.waiting) if (!plan.waiting.some((waiting) => waiting.name === name) && !plan.start.some(({ container }) => container.name === name)) this.#report.waiting.delete(name)
    this.#report.note(sayCrashes(this.#context, this.#pod, plan, this.#report.waiting, this.#view.containers))

    if (plan.sandboxAttempt !== undefined) {
      // What a failed attempt left behind makes news of its own; none of it is a reason to try sooner.
      if (this.#context.clock.now() < this.#sandboxDueMs) return this.#alarm.at(this.#sandboxDueMs)
      // What starts in a blink needs no word that it is starting.
      const starting = startingWords(this.#pod)
      const cancel = this.#context.clock.after(announceMs, () => this.#report.tell(starting))
      try {
        await this.#startSandbox(plan)
      } catch (error) {
        const isMount = error instanceof VolumeError
        this.#sandboxDueMs = isMount ? this.#mounts.dueMs : this.#context.clock.now() + retryMs
        this.#report.tell(isMount ? this.#mounts.words(this.#pod) : starting)
        if (!isMount) throw error
        return this.#alarm.at(this.#sandboxDueMs)
      } finally {
        cancel()
      }
      this.#dirty = true
      return
    }
    await Promise.all(plan.kill.map((action) => this.#stopper.stopOne(this.#pod, action, this.#view.containers)))
    if (plan.kill.length > 0) {
      this.#dirty = true
      return
    }
    await this.#startAll(plan)
    await this.#resize()
    this.#report.tell()
    if (plan.requeueAtMs !== undefined) this.#alarm.at(plan.requeueAtMs)
  }

  async #resize(): Promise<void> {
    const { restarts = false, said, againAtMs } = await this.#resizer.step(this.#asked, this.#view.containers, this.#stopper)
    this.#pod = this.#resizer.granted(this.#asked)
    this.#report.note(said)
    this.#dirty ||= restarts
    if (againAtMs !== undefined) this.#alarm.at(againAtMs)
  }

  async #look(): Promise<void> {
    for (const run of await this.#view.look(this.#pod)) if (this.#adopted && !this.#pod.metadata.deletionTimestamp) this.#report.note(exitWords(run, this.#view.terminationMessage(run.id)))
    this.#probes.follow(this.#pod, this.#view.containers, this.#adopted ? undefined : this.#report.writer.latest)
    if (this.#adopted) return
    this.#adopted = true
    if (this.#view.sandbox && carriesToken(this.#pod)) this.#refreshDue = true
    for (const run of latestByName(this.#view.containers).values()) this.#crash.resume(run.name, run.attempt, run.startedMs ?? run.createdMs)
  }

  #plan(containers: readonly RuntimeContainer[]): PodPlan {
    return planPod(planFacts({ pod: this.#pod, containers, nowMs: this.#context.clock.now() }, this.#probes, this.#crash, this.#report.writer))
  }

  async #startSandbox(plan: PodPlan): Promise<void> {
    if (plan.sandboxAttempt! > 0) recordEvent(this.#context, this.#pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    if (plan.clear.length > 0) {
      await this.#view.clear(plan.clear, graceSeconds(this.#pod))
      await this.#look()
    }
    try {
      await this.#starter.openSandbox(this.#pod, plan.sandboxAttempt!, this.#view.containers, (containers) => this.#plan(containers).start, this.#abort.signal)
    } catch (error) {
      if (!(error instanceof VolumeError)) tellSandboxFailure(this.#context, this.#pod, error)
      throw error
    }
  }

  async #startAll(plan: PodPlan): Promise<void> {
    const sandbox = this.#view.sandbox
    if (!sandbox || plan.start.length === 0) return
    for (const action of plan.start) {
      if (this.#abort.signal.aborted) return
      const nowMs = this.#context.clock.now()
      const started = await this.#starter.start(this.#pod, action, sandbox, this.#view.containers, this.#abort.signal)
      // Volumes come before the run: to wait for one is no try of the container.
      const isTry = started.outcome === 'started' || started.reason !== volumeMissing
      if (action.after && action.crashed && isTry) this.#crash.next(action.container.name, action.after.finishedMs ?? action.after.createdMs, nowMs)
      this.#note(started)
      // The next one may have its turn already. One that did not start waits for its time.
      if (action.kind === 'init' && started.outcome === 'started') this.#dirty = true
    }
    // What was started is looked at once more, so that the status carries it.
    await this.#look()
    for (const { container } of plan.start) void this.#view.prune(container.name)
  }

  #note(started: Started): void {
    const { name } = started
    if (started.outcome === 'started') {
      if (this.#report.waiting.delete(name) && started.said) decided(this.#context, this.#pod, started.said)
      this.#report.note(started.said)
      return
    }
    this.#report.waiting.set(name, { reason: started.reason, message: started.message })
    this.#report.note(started.said)
    const dueMs = started.retryAtMs ?? this.#context.clock.now() + 5 * retryMs
    decided(this.#context, this.#pod, started.said, { dueMs, error: started.message })
    this.#alarm.at(dueMs)
  }

  async #refresh(): Promise<void> {
    this.#refreshDue = false
    if (!this.#view.sandbox) return
    await this.#starter.refresh(this.#pod, this.#view.podIP)
  }

  #end(): void {
    this.#closed = true
    this.#alarm.clear()
    this.#deadline.stop()
    this.#probes.stopAll()
    this.#report.writer.close()
    this.#ended()
  }

  #tooLate(): void {
    if (this.#report.finished || this.#pod.metadata.deletionTimestamp) return
    this.#report.failed = deadlineFailure
    recordEvent(this.#context, this.#pod, 'Normal', deadlineFailure.reason, deadlineFailure.message)
    this.#abort.abort()
    this.#pod = { ...this.#pod, status: { ...this.#pod.status, phase: 'Failed' } }
    this.wake()
  }
}
