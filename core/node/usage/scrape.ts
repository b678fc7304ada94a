/** Where a Pod tells its metrics (the customary `prometheus.io/` annotations), and one reading of it. */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import type { Pod } from '../../api/types/core.ts'

export interface ScrapeTarget {
  readonly port: number
  readonly path: string
  readonly secure: boolean
}

const bodyLimit = 8 * 2 ** 20

/** Undefined where the Pod does not ask to be read. */
export function scrapeTargetOf({ metadata, spec, status }: Pod): ScrapeTarget | undefined {
  const asked = (key: string) => metadata.annotations?.[`prometheus.io/${key}`]
  if (asked('scrape') !== 'true' || status?.phase !== 'Running' || metadata.deletionTimestamp !== undefined) return undefined
  const declared = spec.containers.flatMap(({ ports = [] }) => ports).find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort
  const port = Number(asked('port') ?? declared)
  if (!Number.isInteger(port) || port < 1 || port > 65535) return undefined
  const path = asked('path') ?? '/metrics'
  return { port, path: path.startsWith('/') ? path : `/${path}`, secure: asked('scheme') === 'https' }
}

/** Upstream's Prometheus does not verify either when told by annotations alone: the certificate is the Pod's own. */
export function readMetrics(open: () => Promise<Duplex>, host: string, { port, path, secure }: ScrapeTarget, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let socket: Duplex | undefined
    const end = (finish: () => void) => {
      clearTimeout(timer)
      socket?.destroy()
      finish()
    }
    const fail = (error: Error) => end(() => reject(error))
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    open().then((opened) => {
      socket = opened
      socket.on('error', fail)
      const send = secure ? httpsRequest : httpRequest
      const headers = { host: `${host}:${port}`, accept: 'text/plain;version=0.0.4', connection: 'close' }
      const sent = send({ method: 'GET', path, headers, createConnection: () => (secure ? tlsConnect({ socket: opened, rejectUnauthorized: false }) : opened) }, (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > bodyLimit) fail(new Error(`more than ${bodyLimit} bytes`))
          else chunks.push(chunk)
        })
        response.on('error', fail)
        response.on('end', () => (response.statusCode === 200 ? end(() => resolve(Buffer.concat(chunks).toString('utf8'))) : fail(new Error(`answered ${response.statusCode}`))))
      })
      sent.on('error', fail)
      sent.end()
    }, fail)
  })
}
