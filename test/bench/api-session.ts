/**
 * An API server, as a kubeconfig names it: the least that a bench needs, so that its own work is small. Requests share one
 * HTTP/2 connection; a watch has an HTTP/1.1 connection of its own, because Node's HTTP/2 client was seen to stop asking a
 * Go server for more.
 */
import { readFileSync } from 'node:fs'
import { connect, type ClientHttp2Session } from 'node:http2'
import { request } from 'node:https'
import { parse } from 'yaml'

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, string> }[]
}

export class ApiSession {
  readonly #server: string
  readonly #tls: { ca: Buffer; cert: Buffer; key: Buffer }
  readonly #session: ClientHttp2Session

  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
    const cluster = clusters[0]!.cluster
    const user = users[0]!.user
    const pem = (from: Record<string, string>, name: string): Buffer => {
      const data = from[`${name}-data`]
      return data === undefined ? readFileSync(from[name]!) : Buffer.from(data, 'base64')
    }
    this.#server = cluster['server']!
    this.#tls = { ca: pem(cluster, 'certificate-authority'), cert: pem(user, 'client-certificate'), key: pem(user, 'client-key') }
    this.#session = connect(this.#server, this.#tls)
  }

  /** Answers with the number of bytes received. An object that exists already is no error. */
  send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<number> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request({ ':method': method, ':path': path, accept: 'application/json', 'accept-encoding': 'gzip', ...(body === undefined ? {} : { 'content-type': type }) })
      let status = 0
      let bytes = 0
      stream.on('response', (headers) => (status = Number(headers[':status'])))
      stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
      stream.on('end', () => (status < 300 || status === 409 ? resolve(bytes) : reject(new Error(`${method} ${path}: ${status}`))))
      stream.on('error', reject)
      stream.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** Calls back with every line of a watch until the returned function is called. */
  watch(path: string, onLine: (line: string) => void): () => void {
    let rest = ''
    const watching = request(`${this.#server}${path}`, { ...this.#tls, agent: false, headers: { accept: 'application/json' } }, (answer) => {
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) onLine(line)
      })
      answer.on('error', () => {})
    })
    watching.on('error', () => {})
    watching.end()
    return () => watching.destroy()
  }

  /** Sends many requests, `wide` at a time. */
  async many(count: number, wide: number, one: (i: number) => Promise<unknown>): Promise<void> {
    let next = 0
    await Promise.all(Array.from({ length: wide }, async () => {
      while (next < count) await one(next++)
    }))
  }

  close(): void {
    this.#session.close()
  }
}
