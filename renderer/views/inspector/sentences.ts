/** Conditions, probes and container states as sentences. Pure. */
import type { Container, ContainerState, ContainerStatus, Probe } from '../../../core/api/types/core.ts'
import type { Mark } from '../../../core/api/state/words.ts'
import { durationInWords } from '../../words/amounts.ts'

export interface Sentence { mark: Mark; text: string; detail?: string; atMs?: number }
export interface Condition { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string; lastUpdateTime?: string }

/** [when True, when not]. `bad` conditions are trouble when True. */
const known: Record<string, { yes: string; no: string; bad?: boolean }> = {
  'Pod/PodScheduled': { yes: 'It has a machine.', no: 'No machine was found for it yet.' },
  'Pod/PodReadyToStartContainers': { yes: 'Its network and volumes are set up.', no: 'Its network and volumes are not set up yet.' },
  'Pod/Initialized': { yes: 'Its init containers have finished.', no: 'Its init containers have not finished.' },
  'Pod/ContainersReady': { yes: 'All containers are ready.', no: 'Not all containers are ready.' },
  'Pod/Ready': { yes: 'It takes traffic.', no: 'It takes no traffic.' },
  'Pod/DisruptionTarget': { yes: 'It is being moved away.', no: 'Nothing moves it away.', bad: true },
  'Deployment/Available': { yes: 'Enough Pods are ready.', no: 'Too few Pods are ready.' },
  'Deployment/Progressing': { yes: 'Updates go through.', no: 'The update is stuck.' },
  'Deployment/ReplicaFailure': { yes: 'Pods could not be made.', no: 'Pods can be made.', bad: true },
  'ReplicaSet/ReplicaFailure': { yes: 'Pods could not be made.', no: 'Pods can be made.', bad: true },
  'ReplicationController/ReplicaFailure': { yes: 'Pods could not be made.', no: 'Pods can be made.', bad: true },
  'Job/Complete': { yes: 'It is complete.', no: 'It is not complete.' },
  'Job/Failed': { yes: 'It has failed.', no: 'It has not failed.', bad: true },
  'Job/FailureTarget': { yes: 'It gives up; its last Pods are stopped.', no: 'It does not give up.', bad: true },
  'Job/SuccessCriteriaMet': { yes: 'Enough is done.', no: 'Not enough is done.' },
  'Job/Suspended': { yes: 'It is suspended.', no: 'It is not suspended.', bad: true },
  'HorizontalPodAutoscaler/AbleToScale': { yes: 'It can see and set the number of Pods.', no: 'It cannot set the number of Pods.' },
  'HorizontalPodAutoscaler/ScalingActive': { yes: 'It measures and works out a number.', no: 'It cannot work out a number.' },
  'HorizontalPodAutoscaler/ScalingLimited': { yes: 'A bound or a pace holds it back.', no: 'Nothing holds it back.', bad: true },
  'PodDisruptionBudget/DisruptionAllowed': { yes: 'An eviction is allowed.', no: 'No eviction is allowed now.' },
  'ServiceCIDR/Ready': { yes: 'Services get addresses of it.', no: 'Services get no addresses of it.' },
  'PersistentVolumeClaim/Resizing': { yes: 'It is being enlarged.', no: 'It is not being enlarged.' },
  'PersistentVolumeClaim/FileSystemResizePending': { yes: 'Its file system grows when a Pod mounts it.', no: 'Its file system is as large as it is.' },
  'Pod/PodResizePending': { yes: 'It waits for its new size.', no: 'It waits for no new size.', bad: true },
  'Pod/PodResizeInProgress': { yes: 'It is being resized.', no: 'It is not being resized.' },
  'Node/Ready': { yes: 'It reports regularly and takes Pods.', no: 'It does not report that it is ready.' },
  'Node/MemoryPressure': { yes: 'Its memory runs out.', no: 'It has memory left.', bad: true },
  'Node/DiskPressure': { yes: 'Its disk runs out.', no: 'It has disk space left.', bad: true },
  'Node/PIDPressure': { yes: 'It runs too many processes.', no: 'It has room for more processes.', bad: true },
  'Node/NetworkUnavailable': { yes: 'Its network is not set up.', no: 'Its network is set up.', bad: true },
}

export function conditionSentences(kind: string, conditions: readonly Condition[]): Sentence[] {
  return conditions.map((condition) => {
    const words = known[`${kind}/${condition.type}`]
    const yes = condition.status === 'True'
    const bad = words?.bad === true
    const mark: Mark = condition.status === 'Unknown' ? 'unreachable' : yes !== bad ? 'ready' : condition.type === 'Failed' ? 'failing' : condition.type === 'PodScheduled' || condition.type === 'DisruptionAllowed' || condition.type === 'Suspended' ? 'waiting' : 'degraded'
    const at = Date.parse(condition.lastTransitionTime ?? condition.lastUpdateTime ?? '')
    const quiet = mark === 'ready' || condition.message === undefined || condition.message === ''
    return {
      mark,
      text: words ? (condition.status === 'Unknown' ? `${condition.type} is not known: nobody reported it.` : yes ? words.yes : words.no) : `${condition.type} is ${condition.status}.`,
      ...(quiet ? {} : { detail: condition.message! }),
      ...(Number.isNaN(at) ? {} : { atMs: at }),
    }
  })
}

const seconds = (n: number | undefined, fallback: number) => `${n ?? fallback} s`

export function probeSentence(kind: 'startup' | 'readiness' | 'liveness', probe: Probe): string {
  const how = probe.httpGet
    ? `GET ${probe.httpGet.path ?? '/'} on port ${String(probe.httpGet.port)}${probe.httpGet.scheme === 'HTTPS' ? ' (TLS)' : ''} answers`
    : probe.tcpSocket ? `port ${String(probe.tcpSocket.port)} takes a connection`
      : probe.exec ? `“${(probe.exec.command ?? []).join(' ')}” ends with 0`
        : probe.grpc ? `gRPC health on port ${probe.grpc.port} says so` : 'its check passes'
  const rhythm = `asked every ${seconds(probe.periodSeconds, 10)}${(probe.initialDelaySeconds ?? 0) > 0 ? `, first after ${probe.initialDelaySeconds} s` : ''}`
  const fails = probe.failureThreshold ?? 3
  const misses = fails === 1 ? 'the first miss' : `${fails} misses`
  if (kind === 'startup') return `Started when ${how}, ${rhythm}; ended after ${misses}.`
  if (kind === 'readiness') return `Takes traffic while ${how}, ${rhythm}; none after ${misses}.`
  return `Restarted when ${misses.replace('the first miss', 'one check misses')} in a row: ${how}, ${rhythm}.`
}

export function probesOf(container: Container): string[] {
  return (['startup', 'readiness', 'liveness'] as const).flatMap((kind) => {
    const probe = container[`${kind}Probe`]
    return probe ? [probeSentence(kind, probe)] : []
  })
}

const waitingWords: Record<string, string> = {
  ContainerCreating: 'is being set up', PodInitializing: 'waits for the init containers', CrashLoopBackOff: 'pauses before the next try',
  ImagePullBackOff: 'cannot get its image, pauses before the next try', ErrImagePull: 'cannot get its image', InvalidImageName: 'has an image name that is none',
  CreateContainerConfigError: 'cannot start: its configuration is incomplete', CreateContainerError: 'could not be made', RunContainerError: 'could not be started',
}

const endWords = (ended: NonNullable<ContainerState['terminated']>): string =>
  ended.reason === 'OOMKilled' ? 'was ended: it needed more memory than its limit' : ended.signal ? `was ended by signal ${ended.signal}` : ended.exitCode === 0 ? 'finished' : `exited with code ${ended.exitCode}`

/** What a container does now, in words; a line below says more. */
export function containerSentence(status: ContainerStatus | undefined, now: number): Sentence {
  if (!status) return { mark: 'waiting', text: 'has not been set up yet' }
  const { running, waiting, terminated } = status.state ?? {}
  const last = status.lastState?.terminated
  const before = last ? `Before that it ${endWords(last)}${last.finishedAt ? `, ${durationInWords(now - Date.parse(last.finishedAt))} ago` : ''}.` : undefined
  if (running) {
    const since = running.startedAt ? durationInWords(now - Date.parse(running.startedAt)) : 'a moment'
    return { mark: status.ready ? 'ready' : 'moving', text: `runs for ${since}${status.ready ? '' : ', not ready yet'}`, ...(before ? { detail: before } : {}) }
  }
  if (terminated) return { mark: terminated.exitCode === 0 ? 'finished' : 'failing', text: endWords(terminated), ...(terminated.message ? { detail: terminated.message } : {}) }
  const reason = waiting?.reason ?? 'ContainerCreating'
  const trouble = /BackOff|Err|Error|Invalid/.test(reason)
  return { mark: trouble ? 'failing' : 'moving', text: waitingWords[reason] ?? `waits: ${reason}`, ...(waiting?.message ? { detail: waiting.message } : before ? { detail: before } : {}) }
}
