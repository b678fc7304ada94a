/** The contract's two tables, put together from one file a concern. What a window may ask, and who answers. */
import type { ClusterStatus, MachineUsage, PullState, Settings, SchemaModel, ShellEvent } from '../../electron/contract.ts'
import type { Ref } from '../api/meta.ts'
import { ApiError } from '../api/status.ts'
import type { Client, WriteOptions } from '../loop/client.ts'
import type { DecisionRecord } from '../loop/decisions.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { QueuePlace, SchedulingCycle } from '../scheduler/verdict.ts'
import type { PodAccess } from '../server/pod-access.ts'
import type { Registry } from '../server/registry/registry.ts'
import { advice, type Measured } from './calls/advice.ts'
import { revisions } from './calls/revisions.ts'
import { kinds, table } from './calls/tables.ts'
import { undo, undoPreview } from './calls/undo.ts'
import type { WindowHandlers } from './handlers.ts'
import type { Journal } from './journal/journal.ts'
import { applyReviewed } from './review/apply.ts'
import { fieldManager, review } from './review/review.ts'
import { followLogs } from './streams/logs.ts'
import { openTerminal } from './streams/terminal.ts'
import { watchCluster } from './streams/watch.ts'
import { why } from './why/why.ts'

export interface Forwards {
  open(q: { ref: Ref; port: number | string }): Promise<{ id: string; url: string; port: number }>
  close(id: string): Promise<void>
  list(): { id: string; ref: Ref; port: number; url: string; state: 'listening' | 'no-pod' }[]
}

export interface WindowDeps {
  /** Writes as the person at the window. */
  client: Client
  registry: Registry
  journal: Journal
  snapshot(): Snapshot
  /** After each batch of changes. */
  subscribe(listener: () => void): () => void
  decisions(ref: Ref): readonly DecisionRecord[]
  cycle(podUid: string): SchedulingCycle | undefined
  queuePlace(podUid: string): QueuePlace | undefined
  /** Storage key prefix of an object, as the registry writes it. */
  keyOf(ref: Ref): string
  pods: PodAccess
  forwards: Forwards
  pulls: { current(): PullState[]; subscribe(listener: () => void): () => void; retry(pod: Ref): Promise<void> }
  status(): ClusterStatus
  usage(): Promise<MachineUsage[]>
  meter: Measured
  schema(apiVersion: string, kind: string): Promise<SchemaModel>
  settings: { read(): Settings; save(change: Partial<Settings>): Promise<Settings> }
  /** The desktop shell's events; absent in a browser. */
  shell?: (listener: (event: ShellEvent) => void) => () => void
  now(): number
}

const statusEveryMs = 2_000
const pullsAtMostEveryMs = 200

/** What a person did, as the feed prints it after "You"; empty words are found from the change itself. */
const because = (say: string | undefined): WriteOptions => ({ fieldManager, because: { code: 'Asked', say: say ?? '', why: '', led: [] } })

export function windowHandlers(deps: WindowDeps): WindowHandlers {
  const { client, registry, journal } = deps
  const reviewDeps = {
    client,
    snapshot: deps.snapshot,
    schema: deps.schema,
    namespaced: (apiVersion: string, kind: string) => {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion]
      const face = registry.faces.find((one) => one.definition.kind === kind && one.group === group && one.version === version)
      return face && face.definition.scope === 'Namespaced'
    },
  }
  const undoDeps = { client, journal, snapshot: deps.snapshot }
  const optional = <K extends string, V>(key: K, value: V | undefined) => (value === undefined ? {} : ({ [key]: value } as Record<K, V>))

  return {
    calls: {
      get: (ref) => client.get(ref),
      list: (q) => client.list(q),
      create: ({ object, dryRun, say }) => client.create(object, { ...because(say), ...optional('dryRun', dryRun) }),
      update: ({ object, subresource, dryRun, say }) => client.update(object, { ...because(say), ...optional('subresource', subresource), ...optional('dryRun', dryRun) }),
      patch: ({ ref, patch, subresource, dryRun, say }) => client.patch(ref, patch, { ...because(say), ...optional('subresource', subresource), ...optional('dryRun', dryRun) }),
      delete: async ({ ref, say, ...options }) => {
        await client.delete(ref, { ...options, ...because(say) })
        return {}
      },
      evict: async ({ ref, say }) => {
        await client.evict(ref, because(say))
        return {}
      },
      table: (q) => table(registry, q, deps.now()),
      kinds: () => kinds(registry),
      schema: ({ apiVersion, kind }) => deps.schema(apiVersion, kind),
      review: (q) => review(reviewDeps, q),
      applyReviewed: (q) => applyReviewed(reviewDeps, q),
      why: (ref) => why(deps, ref),
      decisions: (ref) => [...deps.decisions(ref)],
      scheduling: (ref) => {
        const pod = deps.snapshot().get('Pod', ref.namespace, ref.name)
        return (pod && deps.cycle(pod.metadata.uid)) ?? null
      },
      queuePlace: (ref) => {
        const pod = deps.snapshot().get('Pod', ref.namespace, ref.name)
        return (pod && deps.queuePlace(pod.metadata.uid)) ?? null
      },
      journal: ({ before, limit, about }) => journal.query({ limit: Math.min(limit, 2_000), ...optional('before', before), ...(about === undefined ? {} : { prefix: deps.keyOf(about) }) }),
      undoPreview: ({ revision }) => undoPreview(undoDeps, revision),
      undo: ({ revision }) => undo(undoDeps, revision),
      revisions: (ref) => revisions(deps.snapshot(), ref),
      advice: (ref) => advice(deps.snapshot(), deps.meter, ref),
      status: () => deps.status(),
      usage: () => deps.usage(),
      openPort: (q) => deps.forwards.open(q),
      closePort: async ({ id }) => {
        await deps.forwards.close(id)
        return {}
      },
      openPorts: () => deps.forwards.list(),
      retryPull: async (ref) => {
        if (ref.kind !== 'Pod') throw new ApiError('BadRequest', 'only a Pod pulls images')
        await deps.pulls.retry(ref)
        return {}
      },
      settings: () => deps.settings.read(),
      saveSettings: (change) => deps.settings.save(change),
    },
    streams: {
      watch: (_open, sink) => watchCluster(client, deps.snapshot, sink),
      logs: (q, sink) => followLogs(deps, q, sink),
      terminal: (q, sink) => openTerminal(deps, q, sink),
      journal: async ({ after }, sink) => {
        const stop = journal.subscribe((entries) => sink.message([...entries]))
        sink.signal.addEventListener('abort', stop)
        if (after !== undefined) sink.message((await journal.query({ after, limit: 500 })).reverse())
      },
      pulls: (_open, sink) => {
        let timer: ReturnType<typeof setTimeout> | undefined
        const tell = () => {
          timer = undefined
          sink.message(deps.pulls.current())
        }
        const stop = deps.pulls.subscribe(() => (timer ??= setTimeout(tell, pullsAtMostEveryMs)))
        sink.signal.addEventListener('abort', () => {
          stop()
          clearTimeout(timer)
        })
        tell()
      },
      status: (_open, sink) => {
        sink.message(deps.status())
        const timer = setInterval(() => sink.message(deps.status()), statusEveryMs)
        sink.signal.addEventListener('abort', () => clearInterval(timer))
      },
      shell: (_open, sink) => {
        const stop = deps.shell?.((event) => sink.message(event))
        if (stop) sink.signal.addEventListener('abort', stop)
      },
    },
  }
}
