/**
 * A Pod's state in words: what `kubectl get pods` prints in STATUS (upstream: pkg/printers/internalversion/printers.go,
 * printPod), said as a sentence, with the reason and the numbers. Pure: the clock is an argument.
 */
import { hasCondition } from '../conditions.ts'
import { isLeaving, isReady, podCondition } from '../pod-lifecycle.ts'
import type { Container, ContainerStatus, Node, Pod, Probe } from '../types/core.ts'
import { duration, goDuration, imageVersion, shortImage } from './sentences.ts'
import type { StateWords } from './words.ts'

export interface PodContext {
  now: number
  /** The node the Pod is bound to, where known: an unreachable machine outweighs what the Pod last said. */
  node?: Node | undefined
  /** Why no machine takes it, with numbers (see unscheduled.ts). */
  unscheduled?: ((pod: Pod) => string | undefined) | undefined
}

const nodeIsReachable = ({ status }: Node): boolean => !hasCondition(status?.conditions, 'Ready', 'Unknown')

/** Ready, and not on its way out. */
export const podIsReady = (pod: Pod): boolean => isReady(pod) && !isLeaving(pod)

/** The version shown for a Pod or template: the tag of its first container. */
export const podVersion = (pod: { spec?: { containers?: { image?: string }[] } }): string => imageVersion(pod.spec?.containers?.[0]?.image ?? '')

/** A Pod's own part of its name: what its owner's name does not say already. */
export function podSuffix(pod: { metadata: { name: string; ownerReferences?: { name: string; controller?: boolean }[] } }): string {
  const owner = pod.metadata.ownerReferences?.find((o) => o.controller)?.name
  return owner !== undefined && pod.metadata.name.startsWith(`${owner}-`) ? pod.metadata.name.slice(owner.length + 1) : pod.metadata.name
}

export function podState(pod: Pod, context: PodContext): StateWords {
  const { metadata, spec, status } = pod
  if (context.node && !nodeIsReachable(context.node)) {
    return { mark: 'unreachable', say: `${context.node.metadata.name} is out of reach`, why: 'its last known state may be old' }
  }
  if (metadata.deletionTimestamp !== undefined) return leaving(pod, context.now)
  if (status?.phase === 'Succeeded') return { mark: 'finished', say: 'finished' }
  if (status?.phase === 'Failed') return failed(pod)
  if (!spec?.nodeName) return unscheduled(pod, context)

  const init = initState(pod, context.now)
  if (init) return init
  const statuses = status?.containerStatuses ?? []
  const many = (spec.containers?.length ?? 0) > 1
  for (const container of statuses) {
    const trouble = containerTrouble(container, context.now, many)
    if (trouble) return trouble
  }
  if (podIsReady(pod)) return { mark: 'ready', say: 'ready' }
  const running = statuses.filter((c) => c.state?.running)
  if (running.length < (spec.containers?.length ?? 0)) return starting(pod, statuses)
  return notReady(pod, running, context.now)
}

function leaving(pod: Pod, now: number): StateWords {
  const due = Date.parse(pod.metadata.deletionTimestamp ?? '') - now
  const statuses = pod.status?.containerStatuses ?? []
  if (statuses.length > 0 && statuses.every((c) => c.state?.terminated)) return { mark: 'leaving', say: 'stopped, being removed' }
  if (due > 0) return { mark: 'leaving', say: `stopping, ends in ${duration(due)} at most` }
  return { mark: 'leaving', say: `stopping for ${duration(-due)} longer than asked` }
}

function failed(pod: Pod): StateWords {
  const reason = pod.status?.reason
  if (reason === 'Evicted') return { mark: 'failing', say: 'was evicted', ...(pod.status?.message ? { why: pod.status.message } : {}) }
  const ended = pod.status?.containerStatuses?.find((c) => (c.state?.terminated?.exitCode ?? 0) !== 0)?.state?.terminated
  if (ended) return { mark: 'failing', say: ended.reason === 'OOMKilled' ? 'ran out of memory' : `ended with code ${ended.exitCode}`, why: 'it is not started again' }
  return { mark: 'failing', say: reason ? `failed: ${reason}` : 'failed', ...(pod.status?.message ? { why: pod.status.message } : {}) }
}

function unscheduled(pod: Pod, context: PodContext): StateWords {
  const condition = podCondition(pod, 'PodScheduled')
  if (pod.spec?.schedulingGates?.length) return { mark: 'waiting', say: 'waits at a gate', why: pod.spec.schedulingGates.map((g) => g.name).join(', ') }
  if (condition?.status !== 'False') return { mark: 'waiting', say: 'waits for a machine' }
  const nominated = pod.status?.nominatedNodeName
  if (nominated) return { mark: 'waiting', say: `waits for room on ${nominated}`, why: 'Pods of lower priority leave it first' }
  const numbers = context.unscheduled?.(pod)
  const why = numbers === undefined ? condition.message : preemptionWords(condition.message)
  return { mark: 'waiting', say: numbers ?? 'no machine takes it', ...(why ? { why } : {}) }
}

/** Where the numbers are said, what is left of the scheduler's message is whether others would make room. */
function preemptionWords(message: string | undefined): string | undefined {
  const text = message ?? ''
  if (!/^\d+\/\d+ nodes/.test(text)) return message
  if (text.includes('preemptionPolicy=Never')) return 'its priority class displaces nobody'
  if (text.includes('Preemption is not helpful')) return 'displacing other Pods would not help'
  if (text.includes('No preemption victims found')) return 'no Pod of lower priority could make room'
  return undefined
}

function initState(pod: Pod, now: number): StateWords | undefined {
  const specs = pod.spec?.initContainers ?? []
  const statuses = pod.status?.initContainerStatuses ?? []
  for (const [i, spec] of specs.entries()) {
    const status = statuses.find((s) => s.name === spec.name)
    const sidecar = spec.restartPolicy === 'Always'
    if (sidecar ? status?.started : status?.state?.terminated?.exitCode === 0) continue
    if (!status) return { mark: 'moving', say: 'starting', why: `step ${i + 1} of ${specs.length}, ${spec.name}, comes next` }
    const trouble = containerTrouble(status, now, true)
    if (trouble) return trouble
    if (status.state?.running || status.state?.waiting) {
      return { mark: 'moving', say: `prepares: step ${i + 1} of ${specs.length}, ${spec.name}`, ...(status.state.waiting ? {} : { why: 'its containers start when this ends' }) }
    }
  }
  return undefined
}

/** What is wrong with one container, or nothing. */
function containerTrouble(container: ContainerStatus, now: number, named: boolean): StateWords | undefined {
  const subject = named ? `${container.name} ` : ''
  const waiting = container.state?.waiting
  const image = shortImage(container.image || '')
  switch (waiting?.reason) {
    case 'CrashLoopBackOff': {
      const last = container.lastState?.terminated
      return { mark: 'failing', say: `${subject}${exitWords(last)}`, why: `${times(container.restartCount)}${nextTry(waiting.message, last?.finishedAt, now)}` }
    }
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return { mark: 'failing', say: `cannot pull ${image}`, why: pullReason(waiting.reason, waiting.message) }
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return { mark: 'failing', say: `${subject}cannot start`, why: waiting.message ?? waiting.reason }
  }
  const ended = container.state?.terminated
  if (ended && (ended.exitCode !== 0 || ended.reason === 'OOMKilled')) {
    return { mark: 'failing', say: `${subject}${exitWords(ended)}`, why: container.restartCount > 0 ? times(container.restartCount + 1) : 'the first time' }
  }
  return undefined
}

const exitWords = (ended: { exitCode?: number; reason?: string; signal?: number } | undefined): string =>
  ended?.reason === 'OOMKilled' ? 'runs out of memory'
  : ended === undefined ? 'ends again and again'
  : ended.exitCode === 0 ? 'ends by itself, without an error'
  : `exits with code ${ended.exitCode}`

const times = (n: number): string => (n === 1 ? 'once' : n === 0 ? 'the first time' : `${n} times`)

function nextTry(message: string | undefined, finishedAt: string | undefined, now: number): string {
  const pause = goDuration(/back-off (\S+) restarting/.exec(message ?? '')?.[1] ?? '')
  if (pause === undefined || finishedAt === undefined) return ''
  const left = Date.parse(finishedAt) + pause - now
  return left > 0 ? `; next try in ${duration(left)}` : '; trying again now'
}

function pullReason(reason: string, message: string | undefined): string {
  if (reason === 'InvalidImageName') return 'that is no image name'
  if (reason === 'ErrImageNeverPull') return 'it is not on the machine, and pulling is switched off'
  const text = message ?? ''
  if (/not found|manifest unknown|does not exist/i.test(text)) return 'the registry has no such image'
  if (/unauthorized|denied|authentication/i.test(text)) return 'the registry refuses it without a login'
  if (/no such host|timeout|connection refused|dial tcp|network|i\/o/i.test(text)) return 'the registry does not answer'
  return reason === 'ImagePullBackOff' ? 'trying again, with growing pauses' : text || reason
}

function starting(pod: Pod, statuses: readonly ContainerStatus[]): StateWords {
  if (statuses.length === 0) return { mark: 'moving', say: 'starting', why: `waits for ${pod.spec?.nodeName} to take it` }
  const again = statuses.find((c) => c.restartCount > 0)
  return again ? { mark: 'moving', say: 'restarting' } : { mark: 'moving', say: 'starting' }
}

/** Everything runs, but the Pod is not ready: which check it waits for, or which one it fails. */
function notReady(pod: Pod, running: readonly ContainerStatus[], now: number): StateWords {
  const gate = pod.spec?.readinessGates?.find((g) => !pod.status?.conditions?.some((c) => c.type === g.conditionType && c.status === 'True'))
  const unready = running.find((c) => !c.ready)
  if (!unready) return gate ? { mark: 'waiting', say: 'waits for a readiness gate', why: gate.conditionType } : { mark: 'moving', say: 'starting' }
  const container = pod.spec?.containers?.find((c) => c.name === unready.name)
  const startedMs = Date.parse(unready.state?.running?.startedAt ?? '')
  if (container?.startupProbe && unready.started === false) return { mark: 'moving', say: 'starting', why: `must answer ${probeWords(container.startupProbe, container)} first` }
  const probe = container?.readinessProbe
  if (!probe) return { mark: 'moving', say: 'starting' }
  const firstCheck = startedMs + (probe.initialDelaySeconds ?? 0) * 1000
  if (firstCheck > now) return { mark: 'moving', say: `first check in ${duration(firstCheck - now)}`, why: `must answer ${probeWords(probe, container)}` }
  const grace = ((probe.failureThreshold ?? 3) * (probe.periodSeconds ?? 10) + (probe.timeoutSeconds ?? 1)) * 1000
  if (now - firstCheck < grace && unready.restartCount === 0) return { mark: 'moving', say: 'starting', why: `must answer ${probeWords(probe, container)}` }
  return { mark: 'degraded', say: 'runs, but is not ready', why: `does not answer ${probeWords(probe, container)}` }
}

/** "GET / on port 80", "a connection to port 5432", "its own command". */
function probeWords(probe: Probe, container?: Container): string {
  const port = (value: number | string | undefined): string => {
    if (typeof value === 'number') return String(value)
    return String(container?.ports?.find((p) => p.name === value)?.containerPort ?? value)
  }
  if (probe.httpGet) return `GET ${probe.httpGet.path ?? '/'} on port ${port(probe.httpGet.port)}`
  if (probe.tcpSocket) return `a connection to port ${port(probe.tcpSocket.port)}`
  if (probe.grpc) return `gRPC health on port ${probe.grpc.port}`
  return `its check "${(probe.exec?.command ?? []).join(' ').slice(0, 40)}"`
}
