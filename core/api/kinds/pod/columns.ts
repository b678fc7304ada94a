/** Columns of Pods, most of all the word under STATUS. Upstream: pkg/printers/internalversion/printers.go, printPod. */
import { age } from '../../age.ts'
import type { Column } from '../../kind.ts'
import type { ContainerStatus, Pod } from '../../types/core.ts'
import { ageColumn, nameColumn, noneIfEmpty } from '../parts/columns.ts'

export interface PodSummary {
  ready: number
  total: number
  /** `Running`, `CrashLoopBackOff`, `Init:0/2`, `Terminating`… */
  reason: string
  restarts: number
  /** When the newest restarted container had ended. */
  lastRestart: string | undefined
}

function podSummary(pod: Pod): PodSummary {
  const status = pod.status
  const phase = status.phase ?? ''
  const conditions = status.conditions ?? []
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name))
  let reason = status.reason || phase
  if (conditions.some((condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')) reason = 'SchedulingGated'

  let ready = 0
  const initTally = new Tally()
  const sidecarTally = new Tally()
  let initializing = false
  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name)
    initTally.add(container)
    if (sidecar) sidecarTally.add(container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (sidecar && container.started) {
      if (container.ready) ready++
      continue
    }
    initializing = true
    if (terminated) reason = `Init:${terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${i}/${pod.spec.initContainers?.length ?? 0}`
    break
  }

  let tally = initTally
  if (!initializing || conditions.some((condition) => condition.type === 'Initialized' && condition.status === 'True')) {
    tally = sidecarTally
    let running = false
    let errorReason = ''
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      tally.add(container)
      const { terminated, waiting } = container.state ?? {}
      if (waiting?.reason) reason = waiting.reason
      else if (terminated) {
        reason = terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)
        if (terminated.exitCode !== 0) errorReason = reason
      } else if (container.ready && container.state?.running) {
        running = true
        ready++
      }
    }
    if (reason === 'Completed') {
      if (running && conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')) reason = 'Running'
      else if (errorReason !== '') reason = errorReason
      else if (running) reason = 'NotReady'
    }
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown'
    else if (phase !== 'Succeeded' && phase !== 'Failed') reason = 'Terminating'
  }
  return { ready, total: pod.spec.containers.length + sidecars.size, reason, restarts: tally.restarts, lastRestart: tally.last }
}

class Tally {
  restarts = 0
  last: string | undefined

  add(container: ContainerStatus): void {
    this.restarts += container.restartCount
    const ended = container.lastState?.terminated?.finishedAt
    if (ended && (this.last === undefined || Date.parse(ended) > Date.parse(this.last))) this.last = ended
  }
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const met = gates.filter((gate) => pod.status.conditions?.find((condition) => condition.type === gate.conditionType)?.status === 'True')
  return `${met.length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    cell: (pod) => {
      const { ready, total } = podSummary(pod)
      return `${ready}/${total}`
    },
  },
  { name: 'Status', type: 'string', cell: (pod) => podSummary(pod).reason },
  {
    name: 'Restarts',
    type: 'string',
    cell: (pod, now) => {
      const { restarts, lastRestart } = podSummary(pod)
      return restarts !== 0 && lastRestart !== undefined ? `${restarts} (${age(lastRestart, now)} ago)` : `${restarts}`
    },
  },
  ageColumn,
  { name: 'IP', type: 'string', priority: 1, cell: (pod) => noneIfEmpty(pod.status.podIPs?.[0]?.ip) },
  { name: 'Node', type: 'string', priority: 1, cell: (pod) => noneIfEmpty(pod.spec.nodeName) },
  { name: 'Nominated Node', type: 'string', priority: 1, cell: (pod) => noneIfEmpty(pod.status.nominatedNodeName) },
  { name: 'Readiness Gates', type: 'string', priority: 1, cell: readinessGates },
]
