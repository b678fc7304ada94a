/**
 * A Pod's status from its spec, its containers and what the agent knows besides. Pure. Words, reasons and the order of
 * conditions are upstream's (pkg/kubelet/status/generate.go, pkg/kubelet/kubelet_pods.go).
 */
import { qosClass } from '../../api/kinds/pod-spec/qos.ts'
import { timestamp } from '../../api/meta.ts'
import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types/core.ts'
import { liveSandbox, latestByName, wantsRestart } from '../pod-worker/plan.ts'
import { isFinal, isSidecar } from '../pod.ts'
import type { RuntimeContainer } from '../runtime.ts'

type Phase = NonNullable<PodStatus['phase']>
/** As the node agent writes it: both states, even where there is nothing in them. */
type ToldStatus = ContainerStatus & Required<Pick<ContainerStatus, 'state' | 'lastState'>>

export interface StatusFacts {
  pod: Pod
  /** The last status written or seen; what is not known any more is taken from it. */
  before: PodStatus
  containers: readonly RuntimeContainer[]
  nowMs: number
  hostIP: string
  scheme: string
  /** Reason and message of containers that wait. */
  waiting: ReadonlyMap<string, { reason: string; message?: string }>
  /** Of a running container: its readiness and startup probes (true where it has none). */
  ready(container: Container, id: string): boolean
  started(container: Container, id: string): boolean
  terminationMessage(id: string): string | undefined
  /** Of a resize that is asked or going on. */
  resize?: readonly PodCondition[]
  /** The Pod has ended for good: no container will run again. */
  finished: boolean
  /** The agent itself failed the Pod (deadline, admission). */
  failed?: { reason: string; message: string }
}

export function podStatus(facts: StatusFacts): PodStatus {
  const { pod, before, nowMs } = facts
  const latest = latestByName(facts.containers)
  const initialising = (pod.spec.initContainers ?? []).length > 0 && !hasStartedApp(pod, latest)
  const waitingFor = initialising ? 'PodInitializing' : 'ContainerCreating'
  const init = (pod.spec.initContainers ?? []).map((container) => containerStatus(facts, container, latest.get(container.name), before.initContainerStatuses, waitingFor, 'init'))
  const apps = pod.spec.containers.map((container) => containerStatus(facts, container, latest.get(container.name), before.containerStatuses, waitingFor, 'app'))
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) => containerStatus(facts, container, latest.get(container.name), before.ephemeralContainerStatuses, waitingFor, 'ephemeral'))

  let phase = facts.failed ? 'Failed' : phaseOf(pod, init, apps, facts.finished, latest)
  if (isFinal(before.phase) && !facts.failed) phase = before.phase!
  const kept = phase === before.phase
  const reason = facts.failed?.reason ?? (kept ? before.reason : undefined)
  const message = facts.failed?.message ?? (kept ? before.message : undefined)
  const sandbox = liveSandbox(facts.containers)
  const podIP = sandbox?.ip || (isFinal(phase) || !sandbox ? before.podIP : undefined)

  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: [...conditions(facts, phase, init, apps, sandbox !== undefined), ...(facts.resize ?? [])],
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(podIP ? { podIP, podIPs: [{ ip: podIP }] } : {}),
    startTime: before.startTime ?? timestamp(nowMs),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: apps,
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: before.qosClass ?? qosClass(pod.spec),
  }
}

const hasStartedApp = (pod: Pod, latest: ReadonlyMap<string, RuntimeContainer>) => pod.spec.containers.some(({ name }) => latest.has(name))

function containerStatus(
  facts: StatusFacts,
  container: Container,
  run: RuntimeContainer | undefined,
  olds: readonly ContainerStatus[] | undefined,
  waitingFor: string,
  role: 'init' | 'app' | 'ephemeral',
): ToldStatus {
  const old = olds?.find(({ name }) => name === container.name)
  const waits = facts.waiting.get(container.name)
  const live = run && run.state !== 'created' ? run : undefined
  let state: ContainerState = live ? stateOf(facts, live) : { waiting: { reason: waitingFor } }
  let lastState = previousState(facts, container, run) ?? old?.lastState ?? {}
  let restartCount = run?.attempt ?? old?.restartCount ?? 0
  if (!run && old?.containerID) {
    // It ended for good and was cleared away, or it vanished.
    if (old.state?.terminated && (facts.finished || isFinal(facts.before.phase) || role !== 'app')) state = old.state
    else if (old.state?.terminated) lastState = { terminated: old.state.terminated }
    else if (old.state?.running) {
      const gone: ContainerStateTerminated = {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the pod was deleted.  The container used to be Running',
      }
      if (facts.finished) state = { terminated: gone }
      else lastState = { terminated: gone }
    }
  }
  if (waits && !(live?.state === 'running')) {
    if (live) lastState = stateOf(facts, live)
    state = { waiting: { reason: waits.reason, ...(waits.message ? { message: waits.message } : {}) } }
  }
  restartCount = Math.max(restartCount, old?.restartCount ?? 0)
  const running = live?.state === 'running'
  const started = running && (role === 'init' && !isSidecar(container) ? false : facts.started(container, live.id))
  const ready =
    role === 'init' && !isSidecar(container) ? state.terminated?.exitCode === 0 : role === 'ephemeral' ? false : running && started && facts.ready(container, live.id)
  const mounts = container.volumeMounts?.map((mount) => ({ name: mount.name, mountPath: mount.mountPath, ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}) }))
  const containerID = live ? `${facts.scheme}://${live.id}` : old?.containerID
  return {
    name: container.name,
    state,
    lastState,
    ready,
    restartCount,
    image: run?.image ?? container.image ?? '',
    imageID: run?.imageId || old?.imageID || '',
    ...(containerID ? { containerID } : {}),
    started,
    ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
    ...(running ? { resources: container.resources ?? {} } : {}),
    ...(mounts && mounts.length > 0 ? { volumeMounts: mounts } : {}),
  }
}

function stateOf(facts: StatusFacts, run: RuntimeContainer): ContainerState {
  if (run.state === 'running') return { running: { startedAt: timestamp(run.startedMs ?? run.createdMs) } }
  return { terminated: terminated(facts, run) }
}

function terminated(facts: StatusFacts, run: RuntimeContainer): ContainerStateTerminated {
  const exitCode = run.exitCode ?? 0
  const neverRan = run.error !== undefined && run.startedMs === undefined
  const reason = neverRan ? 'StartError' : run.oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
  const message = neverRan ? run.error : facts.terminationMessage(run.id)
  return {
    exitCode,
    ...(run.signal ? { signal: run.signal } : {}),
    reason,
    ...(message ? { message } : {}),
    startedAt: timestamp(run.startedMs ?? 0),
    finishedAt: timestamp(run.finishedMs ?? facts.nowMs),
    containerID: `${facts.scheme}://${run.id}`,
  }
}

function previousState(facts: StatusFacts, container: Container, run: RuntimeContainer | undefined): ContainerState | undefined {
  if (!run) return undefined
  const before = facts.containers
    .filter((other) => other.name === container.name && other.kind !== 'sandbox' && other.id !== run.id && other.state === 'exited' && other.attempt <= run.attempt)
    .sort((a, b) => b.attempt - a.attempt)[0]
  return before && { terminated: terminated(facts, before) }
}

function phaseOf(pod: Pod, init: readonly ToldStatus[], apps: readonly ToldStatus[], finished: boolean, latest: ReadonlyMap<string, RuntimeContainer>): Phase {
  let pending = 0
  for (const [i, status] of init.entries()) {
    const container = pod.spec.initContainers![i]!
    if (isSidecar(container)) {
      if (!status.started && !status.lastState.terminated && !status.state.terminated) pending++
      continue
    }
    const end = status.state.terminated ?? (status.state.waiting ? status.lastState.terminated : undefined)
    if (!end) pending++
    else if (end.exitCode !== 0) {
      if (!wantsRestart(pod, container, end.exitCode)) return 'Failed'
      pending++
    }
  }
  let running = 0
  let waiting = 0
  let stopped = 0
  let succeeded = 0
  let again = 0
  for (const [i, status] of apps.entries()) {
    const end = status.state.terminated ?? (status.state.waiting ? status.lastState.terminated : undefined)
    if (status.state.running) running++
    else if (end) {
      stopped++
      if (end.exitCode === 0) succeeded++
      if (wantsRestart(pod, pod.spec.containers[i]!, end.exitCode)) again++
    } else waiting++
  }
  if (finished && apps.length > 0) {
    if (waiting === 0 && running === 0) return stopped === succeeded ? 'Succeeded' : 'Failed'
    return waiting > 0 ? 'Failed' : 'Running'
  }
  if (pending > 0 && !hasStartedApp(pod, latest)) return 'Pending'
  if (waiting > 0) return running + stopped > 0 ? 'Running' : 'Pending'
  if (running > 0) return 'Running'
  if (stopped > 0 && again > 0) return 'Running'
  if (stopped > 0) return stopped === succeeded ? 'Succeeded' : 'Failed'
  return 'Pending'
}

function conditions(facts: StatusFacts, phase: Phase, init: readonly ToldStatus[], apps: readonly ToldStatus[], hasSandbox: boolean): PodCondition[] {
  const { pod, before } = facts
  const own: PodCondition[] = []
  const put = (type: string, status: 'True' | 'False', reason?: string, message?: string) => {
    const old = before.conditions?.find((condition) => condition.type === type)
    own.push({
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : timestamp(facts.nowMs),
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      ...(reason ? { reason } : {}),
      ...(message ? { message } : {}),
    })
  }
  const names = (list: readonly ContainerStatus[]) => `[${list.map(({ name }) => name).join(' ')}]`
  put('PodReadyToStartContainers', hasSandbox ? 'True' : 'False')

  const incomplete = init.filter((status, i) => (isSidecar(pod.spec.initContainers![i]!) ? !status.started : !status.ready))
  const appStarted = apps.some((status) => status.containerID !== undefined || status.state.running !== undefined)
  if (phase === 'Succeeded') put('Initialized', 'True', 'PodCompleted')
  else if (incomplete.length === 0 || appStarted) put('Initialized', 'True')
  else put('Initialized', 'False', 'ContainersNotInitialized', `containers with incomplete status: ${names(incomplete)}`)

  const counted = [...init.filter((_, i) => isSidecar(pod.spec.initContainers![i]!)), ...apps]
  const unready = counted.filter((status) => !status.ready)
  const why: [status: 'True' | 'False', reason?: string, message?: string] =
    phase === 'Succeeded' ? ['False', 'PodCompleted'] : phase === 'Failed' ? ['False', 'PodFailed'] : unready.length === 0 ? ['True'] : ['False', 'ContainersNotReady', `containers with unready status: ${names(unready)}`]
  const gates = why[0] === 'True' ? closedGates(facts) : []
  if (gates.length > 0) put('Ready', 'False', 'ReadinessGatesNotReady', gates.join(', '))
  else put('Ready', ...why)
  put('ContainersReady', ...why)
  put('PodScheduled', 'True')
  return own
}

/** What others say of the Pod's readiness gates. */
export const gates = ({ spec, status }: Pod): (string | undefined)[] => (spec.readinessGates ?? []).map(({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status)

function closedGates({ pod }: StatusFacts): string[] {
  return (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType)
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    return condition.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`]
  })
}
