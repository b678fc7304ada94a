/**
 * The built-in fulfilment of Ingresses, put together: how a place is dialled. Straight to a Pod's address where this machine
 * reaches it, else through the runtime into the Pod's own network.
 */
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import type { Cache } from '../loop/cache.ts'
import type { Client } from '../loop/client.ts'
import type { Place } from '../network/ingress/backends.ts'
import { IngressService } from '../network/ingress/ingress.ts'
import type { NodePodAccess } from '../node/pod-access.ts'
import type { Options } from '../options.ts'
import type { Authority } from '../server/auth/authority.ts'

export interface IngressParts {
  readonly cache: Cache
  readonly client: Client
  readonly pods: NodePodAccess
  readonly authority: Authority
  readonly options: Pick<Options, 'listen' | 'ingressPort'>
  /** Pods' addresses mean something on this machine: not on simulated nodes. */
  readonly reachable: boolean
  readonly clock: Clock
  readonly log: Logger
  readonly scope: Scope
}

/** A bridge of this machine answers in less than a millisecond. */
const directMs = 500
const forgetMs = 60_000

export function openIngress({ cache, client, pods, authority, options, reachable, clock, log, scope }: IngressParts): IngressService {
  let directAgainMs = reachable ? 0 : Infinity
  const dial = async (place: Place): Promise<Duplex> => {
    const { pod, address, port } = place
    if (!pod) return await connected(address, port, 10 * directMs)
    if (clock.now() >= directAgainMs) {
      try {
        return await connected(address, port, directMs)
      } catch (error) {
        // It was reached, and nobody listens there.
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') throw error
        directAgainMs = clock.now() + forgetMs
      }
    }
    const { namespace = '', name, uid } = pod.metadata
    return await pods.dial({ namespace, name, uid, node: pod.spec.nodeName ?? '' }, port)
  }
  const { server } = authority
  const service = new IngressService({ cache, client, dial, certificate: { key: server.keyPem, cert: server.certificatePem + authority.caPem }, listen: options.listen, port: options.ingressPort, clock, log })
  scope.add('ingress', () => service.close())
  return service
}

function connected(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    socket.setTimeout(timeoutMs, () => socket.destroy(Object.assign(new Error(`${host}:${port} did not answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' })))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
