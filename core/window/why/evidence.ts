/** What the state rests on: container states, the scheduler's comparisons, warnings, the last lines a container wrote. */
import type { Why } from '../../../electron/contract.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Event, Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { SchedulingCycle } from '../../scheduler/verdict.ts'
import type { PodAccess } from '../../server/pod-access.ts'
import { linesOf, splitTime } from '../streams/logs.ts'

export interface EvidenceDeps {
  snapshot(): Snapshot
  cycle(uid: string): SchedulingCycle | undefined
  pods: PodAccess
}

type Evidence = Why['evidence'][number]
const maxWarnings = 5
const maxNodes = 12
const tailLines = 8
const logPatienceMs = 1_000

function containers(pod: Pod): Evidence | undefined {
  const lines = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].flatMap((status) => {
    const found: string[] = []
    const { waiting, terminated, running } = status.state ?? {}
    const last = status.lastState?.terminated
    if (waiting) found.push(`${status.name} waits: ${waiting.reason ?? ''}${waiting.message ? `, ${waiting.message}` : ''}`)
    if (terminated) found.push(`${status.name} ended with code ${terminated.exitCode}${terminated.reason ? ` (${terminated.reason})` : ''}${terminated.message ? `: ${terminated.message}` : ''}`)
    if (running && !status.ready) found.push(`${status.name} runs since ${running.startedAt} and is not ready`)
    if (last) found.push(`${status.name} ended before with code ${last.exitCode}${last.reason ? ` (${last.reason})` : ''}, ${status.restartCount} ${status.restartCount === 1 ? 'restart' : 'restarts'}`)
    return found
  })
  return lines.length === 0 ? undefined : { title: 'Containers', lines }
}

function scheduling(cycle: SchedulingCycle | undefined): Evidence | undefined {
  if (!cycle || cycle.chosen !== undefined) return undefined
  const refusals = cycle.verdicts.filter((verdict) => verdict.outcome === 'unschedulable' || verdict.outcome === 'unresolvable')
  const lines = refusals.slice(0, maxNodes).map((verdict) => `${verdict.node}: ${verdict.say}`)
  if (refusals.length > maxNodes) lines.push(`and ${refusals.length - maxNodes} more`)
  return { title: 'Machines the scheduler looked at', lines: lines.length === 0 ? [cycle.message] : lines }
}

function warnings(object: KubeObject, snapshot: Snapshot): Evidence | undefined {
  const about = snapshot
    .list<Event>('Event', object.metadata.namespace)
    .filter((event) => event.type === 'Warning' && event.involvedObject?.uid === object.metadata.uid)
    .sort((a, b) => Date.parse(b.lastTimestamp ?? b.eventTime ?? b.metadata.creationTimestamp) - Date.parse(a.lastTimestamp ?? a.eventTime ?? a.metadata.creationTimestamp))
  if (about.length === 0) return undefined
  return { title: 'Warnings', lines: about.slice(0, maxWarnings).map((event) => `${event.reason ?? ''}: ${event.message ?? ''}${(event.count ?? 1) > 1 ? ` (${event.count} times)` : ''}`) }
}

/** The last lines of the container that ended or fails; nothing where the engine does not answer in time. */
async function lastLines(pod: Pod, access: PodAccess): Promise<Evidence | undefined> {
  const status = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find((one) => !one.ready && (one.restartCount > 0 || one.state?.terminated || one.lastState?.terminated))
  if (!status || pod.spec?.nodeName === undefined) return undefined
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), logPatienceMs)
  try {
    const target = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid, node: pod.spec.nodeName }
    const chunks = await access.logs(target, { container: status.name, follow: false, previous: Boolean(status.state?.running), timestamps: true, tailLines, signal: abort.signal })
    const lines: string[] = []
    for await (const line of linesOf(chunks)) lines.push(splitTime(line).text)
    return lines.length === 0 ? undefined : { title: `Last lines of ${status.name}`, lines }
  } catch {
    // Evidence that cannot be had is left out; the rest still explains.
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

export async function evidenceFor(deps: EvidenceDeps, object: KubeObject): Promise<Evidence[]> {
  const found: (Evidence | undefined)[] = []
  if (object.kind === 'Pod') {
    const pod = object as Pod
    found.push(scheduling(deps.cycle(pod.metadata.uid)), containers(pod), await lastLines(pod, deps.pods))
  }
  found.push(warnings(object, deps.snapshot()))
  return found.filter((one) => one !== undefined)
}
