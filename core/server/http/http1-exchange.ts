/** An exchange over HTTP/1.1. */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Proof } from '../auth/identity.ts'
import { collect, type AnswerHeaders, type Exchange, type Outlet } from './exchange.ts'

export class Http1Exchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly proof: Proof
  readonly #request: IncomingMessage
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse, proof: Proof) {
    this.#request = request
    this.#response = response
    this.headers = request.headers
    this.proof = proof
    this.method = request.method ?? 'GET'
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    this.path = mark === -1 ? url : url.slice(0, mark)
    this.query = mark === -1 ? '' : url.slice(mark + 1)
    request.on('error', ignore)
    response.on('error', ignore)
  }

  get answered(): boolean {
    return this.#response.headersSent || this.#response.destroyed
  }

  readBody(limit: number): Promise<Buffer> {
    return collect(this.#request, this.headers['content-length'], limit)
  }

  send(code: number, headers: AnswerHeaders, body?: string | Buffer): void {
    const response = this.#response
    if (response.headersSent || response.destroyed) return
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    response.writeHead(code, { ...headers, 'content-length': bytes?.length ?? 0 } as OutgoingHttpHeaders)
    response.end(this.method === 'HEAD' ? undefined : bytes)
    if (!this.#request.readableEnded) this.#request.resume()
  }

  open(code: number, headers: AnswerHeaders): Outlet {
    this.#response.writeHead(code, headers as OutgoingHttpHeaders)
    this.#response.flushHeaders()
    this.#request.resume()
    return this.#response
  }

  abort(): void {
    this.#response.destroy()
  }
}

const ignore = () => {}
