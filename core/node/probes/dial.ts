/** Straight to the Pod's address, where this machine reaches it, else through the runtime into the Pod's own network. */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Dialer } from './handlers.ts'
import type { Runtime } from '../runtime.ts'

export function directDialer(): Dialer {
  return ({ ip, port }, timeoutMs) =>
    new Promise<Duplex>((resolve, reject) => {
      const socket = connect({ host: ip, port })
      socket.setNoDelay(true)
      const late = setTimeout(() => socket.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' })), timeoutMs)
      socket.once('connect', () => {
        clearTimeout(late)
        socket.off('error', fail)
        resolve(socket)
      })
      const fail = (error: Error) => {
        clearTimeout(late)
        reject(error)
      }
      socket.once('error', fail)
    })
}

/** For engines whose Pods can't be reached from here (Docker Desktop, another machine). */
export const throughRuntime = (runtime: Runtime): Dialer => ({ sandbox, port }) => runtime.dial(sandbox, port)
