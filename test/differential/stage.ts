/** Everything that happens on a cluster while scenarios play, by namespace: each object's last state and the order of changes. */
import { Client, type KubeObject, type WatchLine } from './client.ts'
import { kindsOfOutcome, placeOf } from './places.ts'

export interface Change {
  type: WatchLine['type']
  kind: string
  object: KubeObject
}

export class Stage {
  readonly client: Client
  /** How long nothing must happen in a namespace for it to be at rest. */
  readonly restMs: number
  readonly changes: Change[] = []
  readonly #last = new Map<string, number>()
  readonly #current = new Map<string, Change>()
  readonly #abort = new AbortController()

  private constructor(client: Client, restMs: number) {
    this.client = client
    this.restMs = restMs
  }

  static async open(kubeconfig: string, restMs: number): Promise<Stage> {
    const stage = new Stage(new Client(kubeconfig), restMs)
    await Promise.all([...kindsOfOutcome, 'Event', 'Node'].map((kind) => stage.client.follow(kind, (line) => stage.#take(kind, line), stage.#abort.signal)))
    return stage
  }

  #take(kind: string, { type, object }: WatchLine): void {
    if (type === 'BOOKMARK' || type === 'ERROR') return
    const change = { type, kind, object }
    this.changes.push(change)
    const key = keyOf(kind, object.metadata.namespace, object.metadata.name)
    if (type === 'DELETED') this.#current.delete(key)
    else this.#current.set(key, change)
    // Nodes and Events go on for ever.
    if (kind !== 'Node' && kind !== 'Event') this.#last.set(placeOf(kind).namespaced ? (object.metadata.namespace ?? '') : (object.metadata.labels?.['scenario'] ?? ''), performance.now())
  }

  get(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.#current.get(keyOf(kind, placeOf(kind).namespaced ? namespace : undefined, name))?.object
  }

  list(kind: string): KubeObject[] {
    return [...this.#current.values()].filter((change) => change.kind === kind).map(({ object }) => object)
  }

  /** The simulated nodes that the scenarios play on, by name. */
  nodes(): string[] {
    const all = this.list('Node')
    const kwok = all.filter(({ metadata }) => metadata.labels?.['type'] === 'kwok')
    return (kwok.length > 0 ? kwok : all).map(({ metadata }) => metadata.name).sort()
  }

  async rest(namespace: string, isAsExpected: () => boolean): Promise<void> {
    const since = performance.now()
    let asked = 0
    for (;;) {
      const last = this.#last.get(namespace) ?? 0
      const quietMs = performance.now() - Math.max(since, last)
      if (quietMs >= this.restMs) return
      if (quietMs >= glanceMs && asked !== last) {
        if (isAsExpected()) return
        asked = last
      }
      await after(glanceMs)
    }
  }

  close(): void {
    this.#abort.abort()
    this.client.close()
  }
}

/** How long nothing must have happened for a look whether it is as expected. */
const glanceMs = 60

export const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const keyOf = (kind: string, namespace: string | undefined, name: string) => `${kind}/${namespace ?? ''}/${name}`
