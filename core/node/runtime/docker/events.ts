/**
 * The engine's event stream, filtered to this cluster's containers, applied to the table. A listing at the start and
 * now and then finds what a broken stream has missed.
 */
import type { Clock } from '../../../base/clock.ts'
import { RuntimeError, type RuntimeContainer, type RuntimeEvent } from '../../runtime.ts'
import { asRuntimeError, type Connection } from './connection.ts'
import { identify, label } from './labels.ts'
import { observed, startErrorExitCode } from './observe.ts'
import type { ContainerTable } from './table.ts'

const relistMs = 60_000

interface EngineEvent {
  Action: string
  timeNano: number
  Actor: { ID: string; Attributes: Record<string, string> }
}

/** Lists and compares; returns what changed. Containers whose state the table knows already are not asked for again. */
export async function relist(connection: Connection, cluster: string, table: ContainerTable): Promise<RuntimeEvent[]> {
  const known = new Set(table.all().map((container) => container.id))
  const listed = await connection.call((docker) => docker.listContainers({ all: true, filters: { label: [`${label.cluster}=${cluster}`] } }))
  const changed: RuntimeEvent[] = []
  await Promise.all(
    listed.map(async (entry) => {
      known.delete(entry.Id)
      const before = table.get(entry.Id)
      if (before && (before.state === entry.State || (before.state === 'exited' && entry.State === 'created'))) return
      if (!identify(entry.Labels)) return
      const container = await look(connection, entry.Id)
      if (container && table.put(container)) changed.push({ podUid: container.pod.uid, node: container.node })
    }),
  )
  for (const id of known) {
    // Made after the listing was asked for: its create call has returned, so it would be listed otherwise.
    const gone = table.get(id)
    if (!gone || (await look(connection, id))) continue
    table.drop(id)
    changed.push({ podUid: gone.pod.uid, node: gone.node })
  }
  return changed
}

export async function look(connection: Connection, id: string): Promise<RuntimeContainer | undefined> {
  try {
    return observed(await connection.call((docker) => docker.getContainer(id).inspect()))
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'NotFound') return undefined
    throw error
  }
}

export async function* watchEvents(connection: Connection, cluster: string, table: ContainerTable, clock: Clock, signal: AbortSignal): AsyncIterable<RuntimeEvent> {
  if (signal.aborted) return
  const filters = JSON.stringify({ type: ['container'], label: [`${label.cluster}=${cluster}`], event: ['create', 'start', 'die', 'oom', 'destroy'] })
  const stream = (await connection.stream('/events', { filters })) as NodeJS.ReadableStream & { destroy(): void }
  const pending: RuntimeEvent[] = []
  let failure: unknown
  let ended = false
  let wake = () => {}
  const push = (events: readonly RuntimeEvent[]) => {
    pending.push(...events)
    wake()
  }
  const fail = (error: unknown) => {
    failure ??= error
    ended = true
    wake()
  }
  let cancelRelist = () => {}
  const relistLater = () => {
    cancelRelist = clock.after(relistMs, () => {
      relist(connection, cluster, table).then(push, fail).finally(() => {
        if (!ended) relistLater()
      })
    })
  }
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') void take(connection, table, JSON.parse(line) as EngineEvent).then(push, fail)
  })
  const over = () => fail(new RuntimeError('EngineUnreachable', 'the engine closed its event stream'))
  stream.on('end', over)
  stream.on('close', over)
  stream.on('error', (error: unknown) => fail(asRuntimeError(error)))
  const stop = () => fail(undefined)
  signal.addEventListener('abort', stop)
  relistLater()
  try {
    // What happened between the last listing and this subscription.
    push(await relist(connection, cluster, table))
    for (;;) {
      yield* pending.splice(0)
      if (ended) break
      if (pending.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    }
    if (!signal.aborted && failure !== undefined) throw asRuntimeError(failure)
  } finally {
    ended = true
    cancelRelist()
    signal.removeEventListener('abort', stop)
    stream.removeAllListeners('close')
    stream.destroy()
  }
}

async function take(connection: Connection, table: ContainerTable, event: EngineEvent): Promise<RuntimeEvent[]> {
  const { ID: id, Attributes: attributes } = event.Actor
  const who = identify(attributes)
  if (!who) return []
  const atMs = Math.floor(event.timeNano / 1e6)
  const signal: RuntimeEvent[] = [{ podUid: who.pod.uid, node: who.node }]
  switch (event.Action) {
    case 'create':
      if (!table.get(id)) table.put({ ...who, id, image: attributes['image'] ?? '', imageId: '', state: 'created', createdMs: atMs, labels: attributes })
      return []
    case 'start': {
      const before = table.get(id)
      if (before?.state === 'running') return []
      if (before?.state === 'exited') {
        // Started again from outside (docker restart): the table would refuse to go back.
        table.drop(id)
      }
      const container = await look(connection, id)
      return container && table.put(container) ? signal : []
    }
    case 'die': {
      const container = await look(connection, id)
      const exitCode = Number(attributes['exitCode'] ?? startErrorExitCode)
      const changed = container && container.state === 'exited' ? table.put(container) : table.move(id, { state: 'exited', exitCode, finishedMs: atMs })
      return changed ? signal : []
    }
    case 'oom':
      table.move(id, { oomKilled: true })
      return []
    case 'destroy':
      return table.drop(id) ? signal : []
    default:
      return []
  }
}
