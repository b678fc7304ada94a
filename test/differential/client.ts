/**
 * A plain HTTPS client for any API server a kubeconfig names: the differential plays the same requests on a real control
 * plane and on Orrery. No client library stands between, so that answers are seen as they are.
 */
import { readFileSync } from 'node:fs'
import { Agent, request, type RequestOptions } from 'node:https'
import { parse } from 'yaml'
import { placeOf } from './places.ts'

export interface Answer {
  code: number
  body: KubeObject & { message?: string; items?: KubeObject[] }
}

/** Read as jq would; the normaliser and the comparison are what checks the shape. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: { name: string; namespace?: string; generateName?: string; uid: string; resourceVersion: string; deletionTimestamp?: string; labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown }
  [field: string]: unknown
}

export interface WatchLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubeObject
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string; token?: string } }[]
}

const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8')

export class Client {
  readonly #server: URL
  readonly #agent: Agent
  readonly #headers: Record<string, string>

  constructor(kubeconfig: string) {
    const config = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
    const { cluster } = config.clusters[0]!
    const { user } = config.users[0]!
    this.#server = new URL(cluster.server)
    this.#agent = new Agent({
      keepAlive: true,
      ca: decode(cluster['certificate-authority-data']),
      ...(user['client-certificate-data'] === undefined ? {} : { cert: decode(user['client-certificate-data']), key: decode(user['client-key-data'] ?? '') }),
    })
    this.#headers = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` }
  }

  #options(method: string, path: string, contentType?: string): RequestOptions {
    return { agent: this.#agent, host: this.#server.hostname, port: this.#server.port, method, path, headers: { ...this.#headers, accept: 'application/json', ...(contentType === undefined ? {} : { 'content-type': contentType }) } }
  }

  ask(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const content = body === undefined ? '' : JSON.stringify(body)
      const options = this.#options(method, path, body === undefined ? undefined : contentType)
      // Told for DELETE as well, which Node sends without.
      const sent = request({ ...options, headers: { ...(options.headers as Record<string, string>), 'content-length': Buffer.byteLength(content) } }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(text || '{}') as Answer['body'] }))
      })
      sent.on('error', reject)
      sent.end(content)
    })
  }

  /** Lists a kind in all namespaces, then tells every change until the signal is given. */
  async follow(kind: string, onLine: (line: WatchLine) => void, signal: AbortSignal): Promise<void> {
    const path = placeOf(kind).all
    const list = await this.ask('GET', path)
    if (list.code !== 200) throw new Error(`GET ${path}: ${list.code} ${list.body.message ?? ''}`)
    for (const object of list.body.items ?? []) onLine({ type: 'ADDED', object })
    const sent = request(this.#options('GET', `${path}?watch=1&resourceVersion=${list.body.metadata.resourceVersion}&timeoutSeconds=3000`), (response) => {
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line !== '') onLine(JSON.parse(line) as WatchLine)
      })
    })
    sent.on('error', (error) => {
      if (!signal.aborted) throw error
    })
    signal.addEventListener('abort', () => sent.destroy())
    sent.end()
  }

  close(): void {
    this.#agent.destroy()
  }
}
