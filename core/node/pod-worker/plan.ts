/**
 * What to do for one Pod: from its spec and the containers there are, without touching anything (mirrors the decisions of
 * upstream's pkg/kubelet/kuberuntime/kuberuntime_manager.go, computePodActions). The worker carries plans out.
 */
import type { Container, EphemeralContainer, Pod } from '../../api/types/core.ts'
import { isSidecar, labelsOfContainer, podText } from '../pod.ts'
import { goSeconds } from '../backoff.ts'
import type { RuntimeContainer } from '../runtime.ts'

export type ProbeVerdict = 'success' | 'failure' | 'unknown'

export interface PlanFacts {
  pod: Pod
  /** Every container of the Pod that the engine has, sandboxes included. */
  containers: readonly RuntimeContainer[]
  nowMs: number
  liveness(containerId: string): ProbeVerdict
  startup(containerId: string): ProbeVerdict
  /** The crash delay in force for a container that ended then. */
  crashDelay(container: string, endedMs: number): { delayMs: number; untilMs: number } | undefined
  hashOf(container: Container): string
  /** The number the next run must have at least, where the engine has forgotten earlier ones. */
  restarts(container: string): number
}

export interface StartAction {
  /** Of any kind; only ephemeral ones name a target. */
  container: EphemeralContainer
  kind: 'init' | 'app' | 'ephemeral'
  attempt: number
  /** The run before, where there was one: its end counts for the crash delay. */
  after: RuntimeContainer | undefined
  /** It ended by itself, which makes the next delay longer. */
  crashed: boolean
}
export interface KillAction {
  id: string
  name: string
  /** Upstream's words for the Event. */
  message: string
  cause: 'liveness' | 'startup' | 'changed'
}
export interface Waiting {
  name: string
  reason: string
  message: string
  untilMs: number
}

export interface PodPlan {
  /** Everything has ended for good: stop what is left (sidecars) and the sandbox. */
  finish: boolean
  /** Containers and sandboxes of an earlier sandbox, to be taken away before a new one is made. */
  clear: readonly RuntimeContainer[]
  /** The attempt number of the sandbox to make. */
  sandboxAttempt: number | undefined
  kill: readonly KillAction[]
  start: readonly StartAction[]
  waiting: readonly Waiting[]
  requeueAtMs: number | undefined
}

/** The newest run of each container name. */
export function latestByName(containers: readonly RuntimeContainer[]): Map<string, RuntimeContainer> {
  const latest = new Map<string, RuntimeContainer>()
  for (const container of containers) {
    if (container.kind === 'sandbox') continue
    const other = latest.get(container.name)
    if (!other || container.attempt > other.attempt || (container.attempt === other.attempt && container.createdMs > other.createdMs)) latest.set(container.name, container)
  }
  return latest
}

export function liveSandbox(containers: readonly RuntimeContainer[]): RuntimeContainer | undefined {
  return containers.filter((container) => container.kind === 'sandbox' && container.state === 'running').sort((a, b) => b.attempt - a.attempt)[0]
}

/** Whether the Pod's policy (or the container's own) wants another run after this exit. */
export function wantsRestart(pod: Pod, container: Container, exitCode: number): boolean {
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

export function planPod(facts: PlanFacts): PodPlan {
  const { pod, containers } = facts
  const latest = latestByName(containers)
  const sandbox = liveSandbox(containers)
  if (!sandbox) return planNewSandbox(facts, latest)

  const steps = new Steps(facts, latest, sandbox)
  for (const container of pod.spec.ephemeralContainers ?? []) if (!latest.has(container.name)) steps.start.push({ container, kind: 'ephemeral', attempt: 0, after: undefined, crashed: false })

  const outcome = planInit(steps, sandbox)
  if (outcome === 'failed') return steps.plan({ finish: true })
  if (outcome === 'done') {
    const kept = planApps(steps)
    if (kept === 0 && steps.start.length === 0 && steps.waiting.length === 0) return steps.plan({ finish: true })
  }
  return steps.plan({ finish: false })
}

class Steps {
  readonly facts: PlanFacts
  readonly latest: ReadonlyMap<string, RuntimeContainer>
  readonly kill: KillAction[] = []
  readonly start: StartAction[] = []
  readonly waiting: Waiting[] = []

  readonly sandbox: RuntimeContainer

  constructor(facts: PlanFacts, latest: ReadonlyMap<string, RuntimeContainer>, sandbox: RuntimeContainer) {
    this.facts = facts
    this.latest = latest
    this.sandbox = sandbox
  }

  /** Starts it now, or says that it waits out its crash delay. */
  run(container: Container, kind: 'init' | 'app'): void {
    const before = this.latest.get(container.name)
    // What ended because its sandbox did has not crashed.
    const crashed = before?.state === 'exited' && before.labels[labelsOfContainer.sandbox] === this.sandbox.id
    const ended = crashed ? (before.finishedMs ?? before.createdMs) : undefined
    const delay = ended === undefined ? undefined : this.facts.crashDelay(container.name, ended)
    if (delay) {
      const message = `back-off ${goSeconds(delay.delayMs)} restarting failed container=${container.name} pod=${podText(this.facts.pod)}`
      this.waiting.push({ name: container.name, reason: 'CrashLoopBackOff', message, untilMs: delay.untilMs })
      return
    }
    // A container that was made but never started is made anew under its number.
    const attempt = !before ? this.facts.restarts(container.name) : before.state === 'created' ? before.attempt : before.attempt + 1
    this.start.push({ container, kind, attempt, after: before, crashed })
  }

  stop(running: RuntimeContainer, message: string, cause: KillAction['cause'], restart: boolean): void {
    this.kill.push({ id: running.id, name: running.name, message: restart ? `${message}, will be restarted` : message, cause })
  }

  plan({ finish }: { finish: boolean }): PodPlan {
    const due = this.waiting.map((waiting) => waiting.untilMs)
    return {
      finish,
      clear: [],
      sandboxAttempt: undefined,
      kill: this.kill,
      start: finish ? [] : this.start,
      waiting: finish ? [] : this.waiting,
      requeueAtMs: finish || due.length === 0 ? undefined : Math.min(...due),
    }
  }
}

function planNewSandbox(facts: PlanFacts, latest: ReadonlyMap<string, RuntimeContainer>): PodPlan {
  const { pod, containers } = facts
  const sandboxes = containers.filter((container) => container.kind === 'sandbox')
  // Runs without any sandbox: it was taken away from outside.
  const attempt = sandboxes.reduce((highest, sandbox) => Math.max(highest, sandbox.attempt + 1), latest.size > 0 ? 1 : 0)
  const idle: PodPlan = { finish: false, clear: [], sandboxAttempt: undefined, kill: [], start: [], waiting: [], requeueAtMs: undefined }
  const ran = pod.spec.containers.filter((container) => latest.has(container.name))
  const again = pod.spec.containers.filter((container) => {
    const run = latest.get(container.name)
    return !run || run.state !== 'exited' || wantsRestart(pod, container, run.exitCode ?? 0)
  })
  const lost = [...latest.values()].some((run) => run.kind !== 'ephemeral')
  if (attempt > 0 && lost && pod.spec.restartPolicy === 'Never' && ran.length > 0) return { ...idle, finish: true }
  if (again.length === 0) return { ...idle, finish: true }
  // Nothing can run without its network: whatever still does is taken away, and init containers run anew.
  const clear = containers.filter((container) => container.kind === 'sandbox' || container.state !== 'exited' || container.kind === 'init')
  return { ...idle, clear, sandboxAttempt: attempt }
}

/** Init containers in turn; sidecars must only have started before the next goes. */
function planInit(steps: Steps, sandbox: RuntimeContainer): 'done' | 'running' | 'failed' {
  const { pod } = steps.facts
  const all = pod.spec.initContainers ?? []
  const here = (name: string) => {
    const run = steps.latest.get(name)
    return run?.labels[labelsOfContainer.sandbox] === sandbox.id ? run : undefined
  }
  const initialized = pod.spec.containers.some((container) => here(container.name) !== undefined)
  let outcome: 'done' | 'running' = 'done'
  for (const [i, container] of all.entries()) {
    if (outcome === 'running' || (initialized && !isSidecar(container))) continue
    const run = here(container.name)
    if (isSidecar(container)) {
      const next = sidecarStep(steps, container, run)
      const later = initialized || all.slice(i + 1).some((other) => here(other.name) !== undefined)
      if (next === 'not-started' && !later) outcome = 'running'
      continue
    }
    if (!run || run.state === 'created') {
      steps.run(container, 'init')
      outcome = 'running'
    } else if (run.state === 'running') {
      outcome = 'running'
    } else if (run.exitCode !== 0) {
      if (!wantsRestart(pod, container, run.exitCode ?? 1)) return 'failed'
      steps.run(container, 'init')
      outcome = 'running'
    }
  }
  return outcome
}

function sidecarStep(steps: Steps, container: Container, run: RuntimeContainer | undefined): 'started' | 'not-started' {
  if (run?.state !== 'running') {
    steps.run(container, 'init')
    return 'not-started'
  }
  const startup = container.startupProbe ? steps.facts.startup(run.id) : 'success'
  if (startup === 'failure') steps.stop(run, `Init container ${container.name} failed startup probe`, 'startup', false)
  if (startup !== 'success') return 'not-started'
  if (changed(steps, container, run)) steps.stop(run, `Init container ${container.name} definition changed`, 'changed', false)
  else if (container.livenessProbe && steps.facts.liveness(run.id) === 'failure') steps.stop(run, `Init container ${container.name} failed liveness probe`, 'liveness', false)
  return 'started'
}

/** Returns how many run on or are about to be replaced. */
function planApps(steps: Steps): number {
  const { pod } = steps.facts
  let kept = 0
  for (const container of pod.spec.containers) {
    const run = steps.latest.get(container.name)
    if (!run || run.state === 'created') {
      steps.run(container, 'app')
      continue
    }
    if (run.state === 'exited') {
      if (wantsRestart(pod, container, run.exitCode ?? 0)) steps.run(container, 'app')
      continue
    }
    kept++
    const restart = (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') !== 'Never'
    if (changed(steps, container, run)) steps.stop(run, `Container ${container.name} definition changed`, 'changed', true)
    else if (container.livenessProbe && steps.facts.liveness(run.id) === 'failure') steps.stop(run, `Container ${container.name} failed liveness probe`, 'liveness', restart)
    else if (container.startupProbe && steps.facts.startup(run.id) === 'failure') steps.stop(run, `Container ${container.name} failed startup probe`, 'startup', restart)
  }
  return kept
}

function changed(steps: Steps, container: Container, run: RuntimeContainer): boolean {
  const made = run.labels[labelsOfContainer.hash]
  return made !== undefined && made !== steps.facts.hashOf(container)
}
