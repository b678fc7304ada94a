/** What every verb of the HTTP door holds: the registry behind it and the few things the server keeps for all requests. */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { PodAccess } from '../pod-access.ts'
import type { Caller, Face, Registry, User } from '../registry/registry.ts'
import type { TablePrinter } from '../table/table.ts'
import type { EventEncoder } from './event-encoder.ts'
import type { ListCache } from './list-cache.ts'
import type { Negotiator } from './negotiate.ts'

export interface Api {
  readonly registry: Registry
  readonly podAccess: PodAccess
  readonly clock: Clock
  readonly log: Logger
  readonly negotiator: Negotiator
  readonly events: EventEncoder
  readonly lists: ListCache
  readonly printers: Map<Face, TablePrinter>
  /** Ends when the server stops: watches and streams end with it. */
  readonly signal: AbortSignal
}

/** What a resource's path names. */
export interface Target {
  readonly face: Face
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** Of a proxied request: the path after the subresource, still percent-encoded, from its slash on. */
  readonly rest?: string
}

/** A caller that collects warnings for the answer's headers. */
export class HttpCaller implements Caller {
  readonly user: User
  readonly warnings: string[] = []

  constructor(user: User) {
    this.user = user
  }

  get actor(): string {
    return `user:${this.user.name}`
  }

  warn(text: string): void {
    this.warnings.push(text)
  }
}
