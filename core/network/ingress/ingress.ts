/**
 * Opens the door while there are Ingresses of our class, and says on the class where it listens or why not. Ports: the one
 * asked for; else 80 and 443 where they are to be had, else the next free ones from 8080 and 8443 on.
 */
import { networkInterfaces } from 'node:os'
import { doorAnnotation, doorOf, doorText, ownClass, type DoorState } from '../../api/ingress-door.ts'
import { refOf } from '../../api/meta.ts'
import type { IngressClass } from '../../api/types/networking.ts'
import { isIpv4 } from '../../api/ip.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Client, WatchEvent } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { IngressDoor, type DoorOptions } from './door.ts'
import { routesOf, type RouteTable } from './routes.ts'

export interface IngressOptions extends Pick<DoorOptions, 'dial' | 'certificate'> {
  readonly cache: Snapshot & { subscribe(listener: (events: readonly WatchEvent[], snapshot: Snapshot) => void): () => void }
  readonly client: Client
  /** Address to listen on. */
  readonly listen: string
  /** The HTTP port asked for; 0: any free one. Absent: the usual ones. */
  readonly port: number | undefined
  readonly clock: Clock
  readonly log: Logger
}

const kinds = new Set(['Ingress', 'IngressClass'])
const triesUpwards = 20
const againMs = 10_000

export class IngressService {
  readonly #options: IngressOptions
  readonly #unsubscribe: () => void
  #table: RouteTable | undefined
  #door: IngressDoor | undefined
  #state: DoorState = {}
  #busy = false
  #again = false
  #closed = false
  #cancel = () => {}

  constructor(options: IngressOptions) {
    this.#options = options
    this.#unsubscribe = options.cache.subscribe((events) => {
      if (!events.some(({ object }) => kinds.has(object.kind))) return
      this.#table = undefined
      void this.#follow()
    })
    void this.#follow()
  }

  get state(): DoorState {
    return this.#state
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#unsubscribe()
    this.#cancel()
    await this.#door?.close()
  }

  #routes(): RouteTable {
    return (this.#table ??= routesOf(this.#options.cache))
  }

  async #follow(): Promise<void> {
    if (this.#busy) {
      this.#again = true
      return
    }
    this.#busy = true
    try {
      do {
        this.#again = false
        this.#cancel()
        await this.#settle()
      } while (this.#again && !this.#closed)
    } catch (error) {
      this.#options.log.warn('the ingress door could not say where it is', { error: String(error) })
      this.#cancel = this.#options.clock.after(againMs, () => void this.#follow())
    } finally {
      this.#busy = false
    }
  }

  async #settle(): Promise<void> {
    if (this.#closed) return
    const wanted = this.#routes().size > 0
    if (wanted && this.#door === undefined) await this.#open()
    else if (!wanted && (this.#door !== undefined || this.#state.problem !== undefined)) {
      const door = this.#door
      this.#door = undefined
      this.#state = {}
      await door?.close()
    }
    await this.#publish()
  }

  async #open(): Promise<void> {
    const { cache, dial, certificate, log, listen, port, clock } = this.#options
    const door = new IngressDoor({ snapshot: cache, table: () => this.#routes(), dial, certificate, log })
    try {
      const http = await listenOn(door, 'http', listen, port === undefined ? [80, ...upFrom(8080)] : [port])
      // Only with the plain port at its usual place is 443 what people expect.
      const https = await listenOn(door, 'https', listen, http === 80 ? [443, ...upFrom(8443)] : port === 0 ? [0] : upFrom(8443)).catch(() => undefined)
      this.#door = door
      this.#state = { address: addressOf(listen), http, ...(https === undefined ? {} : { https }) }
      log.info('ingress door open', { ...this.#state })
    } catch (error) {
      await door.close()
      const { code, message } = error as NodeJS.ErrnoException
      const which = port === undefined ? `80 or ${8080} to ${8080 + triesUpwards - 1}` : String(port)
      this.#state = { problem: code === 'EADDRINUSE' ? `port ${which} on ${listen} is in use by another program` : code === 'EACCES' ? `port ${which} on ${listen} may not be opened by this user` : message }
      log.warn('ingress door closed', { problem: this.#state.problem })
      this.#cancel = clock.after(againMs, () => void this.#follow())
    }
  }

  async #publish(): Promise<void> {
    const { cache, client } = this.#options
    const ownersClass = cache.get<IngressClass>('IngressClass', undefined, ownClass)
    if (!ownersClass || doorText(doorOf(ownersClass)) === doorText(this.#state)) return
    const because = { code: 'IngressDoor', say: this.#state.problem === undefined ? (this.#state.http === undefined ? 'closed the ingress door' : `listens on port ${this.#state.http}`) : 'could not open the ingress door', why: this.#state.problem ?? (this.#state.http === undefined ? 'no Ingress needs it' : 'an Ingress needs it'), led: [] }
    await client.patch(refOf(ownersClass), { type: 'merge', body: { metadata: { annotations: { [doorAnnotation]: doorText(this.#state) } } } }, { because })
  }
}

const upFrom = (first: number): number[] => Array.from({ length: triesUpwards }, (_, i) => first + i)

async function listenOn(door: IngressDoor, kind: 'http' | 'https', host: string, ports: readonly number[]): Promise<number> {
  let failure: unknown
  for (const port of ports) {
    try {
      return await door.listen(kind, host, port)
    } catch (error) {
      failure = error
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && code !== 'EACCES') break
    }
  }
  throw failure
}

/** Listening everywhere is no address to call: then the machine's own in its network. */
function addressOf(listen: string): string {
  if (listen !== '0.0.0.0' && listen !== '::') return listen
  const found = Object.values(networkInterfaces()).flatMap((all) => all ?? []).find(({ address, internal }) => !internal && isIpv4(address))
  return found?.address ?? '127.0.0.1'
}
