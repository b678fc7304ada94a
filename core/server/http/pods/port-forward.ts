/**
 * pods/portforward: pairs of streams (data and error) for each connection, over SPDY, which itself comes plain or inside
 * WebSocket messages (upstream: apimachinery/pkg/util/portforward, kubelet/pkg/cri/streaming/portforward).
 */
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { PodAccess, PodTarget } from '../../pod-access.ts'
import { SpdySession, type SpdyStream } from '../spdy/session.ts'

export const portForwardProtocol = 'portforward.k8s.io'
export const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`

const pairTimeoutMs = 30_000

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
  timer?: NodeJS.Timeout
}

/** Serves until the client goes away. */
export function forwardPorts(transport: Duplex, access: PodAccess, pod: PodTarget): Promise<void> {
  const pairs = new Map<string, Pair>()
  return new Promise((resolve) => {
    new SpdySession(
      transport,
      (stream) => {
        const id = stream.headers['requestid'] ?? ''
        const pair = pairs.get(id) ?? {}
        pairs.set(id, pair)
        if (stream.headers['streamtype'] === 'error') pair.error = stream
        else pair.data = stream
        pair.timer ??= setTimeout(() => {
          pairs.delete(id)
          pair.data?.destroy()
          pair.error?.destroy()
        }, pairTimeoutMs)
        if (pair.data === undefined || pair.error === undefined) return
        clearTimeout(pair.timer)
        pairs.delete(id)
        void forward(access, pod, pair.data, pair.error)
      },
      () => {
        for (const pair of pairs.values()) clearTimeout(pair.timer)
        resolve()
      },
    )
  })
}

async function forward(access: PodAccess, pod: PodTarget, data: SpdyStream, error: SpdyStream): Promise<void> {
  error.resume()
  const port = Number(data.headers['port'])
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${JSON.stringify(data.headers['port'])} is not a port`)
    const connection = await access.dial(pod, port)
    let failure: unknown
    connection.once('error', (reason) => (failure = reason))
    await Promise.all([pipeline(data, connection), pipeline(connection, data)]).catch(() => {
      connection.destroy()
      data.destroy()
    })
    // A dialler may answer before it has connected: only now is known whether someone was there.
    if (failure !== undefined) throw failure
    error.end()
  } catch (reason) {
    error.end(`error forwarding port ${data.headers['port'] ?? ''} to pod ${pod.name}, uid : ${reason instanceof Error ? reason.message : String(reason)}`)
    data.end()
    data.resume()
  }
}
