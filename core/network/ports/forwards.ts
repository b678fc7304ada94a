/**
 * Ports on this machine that lead into the cluster. Each connection looks again where to go, so that a forward outlives
 * the Pods behind it; while none is ready, a new connection waits a little for one instead of failing.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { refKey, type Ref } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { WatchEvent } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { resolve, type Resolved } from './resolve.ts'

export interface ForwardsOptions {
  readonly cache: Snapshot & { subscribe(listener: (events: readonly WatchEvent[], snapshot: Snapshot) => void): () => void }
  /** A connection to a port of that Pod. */
  readonly dial: (pod: Pod, port: number) => Promise<Duplex>
  readonly clock: Clock
  readonly log: Logger
  readonly address?: string
}

export interface OpenPort {
  readonly id: string
  readonly ref: Ref
  /** In the cluster, as asked for. */
  readonly target: number | string
  /** On this machine. */
  readonly port: number
  readonly url: string
  readonly state: 'listening' | 'no-pod'
  /** Why there is none. */
  readonly say?: string
  readonly connections: number
}

interface Forward {
  readonly id: string
  readonly ref: Ref
  readonly target: number | string
  readonly server: Server
  readonly port: number
  readonly sockets: Set<Socket>
  turn: number
}

const waitForPodMs = 10_000
const attempts = 3

export class Forwards {
  readonly #options: ForwardsOptions
  readonly #open = new Map<string, Forward>()
  readonly #opening = new Map<string, Promise<Forward>>()

  constructor(options: ForwardsOptions) {
    this.#options = options
  }

  /** Opens, or finds what is open already. `localPort`: a wish; if it is taken, any free one. */
  async open(ref: Ref, target: number | string, localPort?: number): Promise<OpenPort> {
    const id = `${refKey(ref)}:${target}`
    const there = this.#open.get(id)
    if (there) return this.#show(there)
    let opening = this.#opening.get(id)
    if (!opening) {
      opening = this.#listen(id, ref, target, localPort).finally(() => this.#opening.delete(id))
      this.#opening.set(id, opening)
    }
    return this.#show(await opening)
  }

  list(): OpenPort[] {
    return [...this.#open.values()].map((forward) => this.#show(forward))
  }

  async close(id: string): Promise<void> {
    const forward = this.#open.get(id)
    if (!forward) return
    this.#open.delete(id)
    for (const socket of forward.sockets) socket.destroy()
    await new Promise<void>((done) => forward.server.close(() => done()))
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)))
  }

  #show({ id, ref, target, port, sockets, turn }: Forward): OpenPort {
    const { address = '127.0.0.1', cache } = this.#options
    const found = resolve(ref, target, cache, turn)
    const host = address.includes(':') ? `[${address}]` : address
    return { id, ref, target, port, url: `http://${host}:${port}`, connections: sockets.size, ...('none' in found ? { state: 'no-pod', say: found.none } : { state: 'listening' }) }
  }

  async #listen(id: string, ref: Ref, target: number | string, localPort: number | undefined): Promise<Forward> {
    const { address = '127.0.0.1' } = this.#options
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      void this.#carry(forward, socket)
    })
    const listen = (port: number) =>
      new Promise<number>((done, failed) => {
        server.once('error', failed)
        server.listen(port, address, () => {
          server.removeListener('error', failed)
          const bound = server.address()
          done(typeof bound === 'object' && bound ? bound.port : port)
        })
      })
    const port = await (localPort === undefined ? listen(0) : listen(localPort).catch(() => listen(0)))
    const forward: Forward = { id, ref, target, server, port, sockets, turn: 0 }
    this.#open.set(id, forward)
    return forward
  }

  async #carry(forward: Forward, socket: Socket): Promise<void> {
    const { dial, log } = this.#options
    for (let attempt = 1; ; attempt++) {
      const found = await this.#find(forward, socket)
      if (socket.destroyed) return
      if ('none' in found) {
        log.debug('a forwarded connection found no Pod', { forward: forward.id, say: found.none })
        socket.destroy()
        return
      }
      try {
        join(socket, await dial(found.pod, found.port))
        return
      } catch (error) {
        // The Pod may have gone between the look and the call: look again.
        if (attempt < attempts) continue
        log.debug('a forwarded connection failed', { forward: forward.id, pod: found.pod.metadata.name, error: error instanceof Error ? error.message : String(error) })
        socket.destroy()
        return
      }
    }
  }

  #find(forward: Forward, socket: Socket): Promise<Resolved> {
    const { cache, clock } = this.#options
    const look = () => resolve(forward.ref, forward.target, cache, forward.turn++)
    const first = look()
    if (!('none' in first) || !first.wait) return Promise.resolve(first)
    return new Promise((done) => {
      const finish = (found: Resolved) => {
        cancel()
        unsubscribe()
        socket.removeListener('close', given)
        done(found)
      }
      const given = () => finish(first)
      const cancel = clock.after(waitForPodMs, given)
      const unsubscribe = cache.subscribe(() => {
        const now = look()
        if (!('none' in now) || !now.wait) finish(now)
      })
      socket.once('close', given)
    })
  }
}

/** Both directions, each closed when its source ends; an error on one side ends the other. */
function join(local: Socket, remote: Duplex): void {
  if (local.destroyed) {
    remote.destroy()
    return
  }
  remote.on('error', () => local.destroy())
  remote.on('close', () => local.end())
  local.on('close', () => remote.destroy())
  local.pipe(remote)
  remote.pipe(local)
}
