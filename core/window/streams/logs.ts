/**
 * Lines of one or many containers for the window. Bound to a Pod, or to a workload or Service: then new Pods join and
 * ended ones leave by themselves, and a restarted container goes on under its next attempt. Nothing is polled.
 */
import type { LogBatch, LogLine, LogQuery } from '../../../electron/contract.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Ref } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { PodAccess, PodLogOptions } from '../../server/pod-access.ts'
import type { Sink } from '../handlers.ts'

export interface LogDeps {
  pods: PodAccess
  snapshot(): Snapshot
  subscribe(listener: () => void): () => void
}

const gatherMs = 40
const defaultTail = 2_000

/** The Pods a ref stands for, in name order. */
export function podsOf(snapshot: Snapshot, ref: Ref): Pod[] {
  if (ref.kind === 'Pod') {
    const pod = snapshot.get<Pod>('Pod', ref.namespace, ref.name)
    return pod ? [pod] : []
  }
  const object = snapshot.get(ref.kind, ref.namespace, ref.name)
  if (!object) return []
  if (ref.kind === 'Service') {
    const selector = (object['spec'] as { selector?: Record<string, string> } | undefined)?.selector
    return selector && Object.keys(selector).length > 0 ? [...snapshot.labelled<Pod>('Pod', ref.namespace ?? '', selector)] : []
  }
  const under = (uid: string): Pod[] => snapshot.ownedBy(uid).flatMap((owned) => (owned.kind === 'Pod' ? [owned as Pod] : under(owned.metadata.uid)))
  return under(object.metadata.uid).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

interface Source {
  pod: Pod
  container: string
  attempt: number
}

/** Containers of a Pod that have run: each with the attempt whose lines are wanted. */
function sourcesOf(pod: Pod, query: LogQuery): Source[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? []), ...(pod.status?.ephemeralContainerStatuses ?? [])]
  return statuses
    .filter((status) => (query.containers === undefined || query.containers.includes(status.name)) && (status.state?.running || status.state?.terminated || status.lastState?.terminated))
    .map((status) => ({ pod, container: status.name, attempt: status.restartCount }))
    .filter((source) => !query.previous || source.attempt > 0)
}

export async function followLogs(deps: LogDeps, query: LogQuery, sink: Sink<LogBatch>): Promise<void> {
  const following = new Set<string>()
  let lines: LogLine[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const flush = () => {
    timer = undefined
    if (lines.length === 0) return
    const batch = lines.sort((a, b) => a.at - b.at)
    lines = []
    sink.message({ lines: batch })
  }
  const add = (line: LogLine) => {
    lines.push(line)
    timer ??= setTimeout(flush, gatherMs)
  }

  const follow = async (source: Source, stream: 'stdout' | 'stderr') => {
    const { pod, container, attempt } = source
    const options: PodLogOptions = {
      container,
      follow: query.follow && !query.previous,
      previous: query.previous ?? false,
      timestamps: true,
      tailLines: query.tailLines ?? defaultTail,
      stream,
      signal: sink.signal,
    }
    const target = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid, node: pod.spec?.nodeName ?? '' }
    for await (const text of linesOf(await deps.pods.logs(target, options))) {
      add({ pod: pod.metadata.name, container, attempt: query.previous ? attempt - 1 : attempt, stream, ...splitTime(text) })
      await sink.drained()
    }
  }

  const join = (source: Source) => {
    const id = `${source.pod.metadata.uid}/${source.container}/${source.attempt}`
    if (following.has(id)) return
    following.add(id)
    const named = { pod: source.pod.metadata.name, container: source.container, attempt: source.attempt }
    sink.message({ lines: [], joined: [named] })
    void Promise.allSettled([follow(source, 'stdout'), follow(source, 'stderr')]).then((results) => {
      if (sink.signal.aborted) return
      flush()
      const failed = results.find((result) => result.status === 'rejected')
      const say = failed ? (failed.reason instanceof Error ? failed.reason.message : String(failed.reason)) : 'ended'
      sink.message({ lines: [], left: [{ ...named, say }] })
      if (!query.follow) finishWhenAllLeft(id)
    })
  }

  const open = new Set<string>()
  const finishWhenAllLeft = (id: string) => {
    open.delete(id)
    if (open.size === 0) sink.end()
  }

  const look = () => {
    for (const pod of podsOf(deps.snapshot(), query.ref)) for (const source of sourcesOf(pod, query)) join(source)
  }

  if (!deps.snapshot().get(query.ref.kind, query.ref.namespace, query.ref.name)) throw new ApiError('NotFound', `${query.ref.kind} ${query.ref.name} does not exist`)
  if (!query.follow) {
    const sources = podsOf(deps.snapshot(), query.ref).flatMap((pod) => sourcesOf(pod, query))
    for (const source of sources) open.add(`${source.pod.metadata.uid}/${source.container}/${source.attempt}`)
    if (sources.length === 0) return sink.end()
    for (const source of sources) join(source)
    return
  }
  look()
  const stop = deps.subscribe(look)
  sink.signal.addEventListener('abort', () => {
    stop()
    clearTimeout(timer)
  })
}

/** `2026-11-22T12:04:31.123456789Z text` → milliseconds with fractions, and the text. */
export function splitTime(line: string): { at: number; text: string } {
  const space = line.indexOf(' ')
  const stamp = space < 0 ? line : line.slice(0, space)
  const whole = Date.parse(`${stamp.slice(0, 19)}Z`)
  if (Number.isNaN(whole)) return { at: Date.now(), text: line }
  const fraction = /^\.(\d+)/.exec(stamp.slice(19))?.[1]
  return { at: whole + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000), text: space < 0 ? '' : line.slice(space + 1) }
}

export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') yield rest
}
