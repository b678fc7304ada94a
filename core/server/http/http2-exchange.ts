/** An exchange over one HTTP/2 stream. Uses the core stream API: Node's compatibility layer costs as much as a small request. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Proof } from '../auth/identity.ts'
import { collect, type AnswerHeaders, type Exchange, type Outlet } from './exchange.ts'

const noContent = Buffer.alloc(0)

export class Http2Exchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly proof: Proof
  readonly #stream: ServerHttp2Stream
  readonly #bodyless: boolean

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, proof: Proof, bodyless: boolean) {
    this.#stream = stream
    this.#bodyless = bodyless
    this.headers = headers
    this.proof = proof
    this.method = headers[':method'] ?? 'GET'
    const url = headers[':path'] ?? '/'
    const mark = url.indexOf('?')
    this.path = mark === -1 ? url : url.slice(0, mark)
    this.query = mark === -1 ? '' : url.slice(mark + 1)
    // A stream that the client resets is not an error of ours; without a listener it would end the process.
    stream.on('error', ignore)
  }

  get answered(): boolean {
    return this.#stream.headersSent || this.#stream.destroyed
  }

  readBody(limit: number): Promise<Buffer> {
    return this.#bodyless ? Promise.resolve(noContent) : collect(this.#stream, this.headers['content-length'], limit)
  }

  send(code: number, headers: AnswerHeaders, body?: string | Buffer): void {
    const stream = this.#stream
    if (stream.destroyed || stream.headersSent) return
    const answer = headers as OutgoingHttpHeaders
    answer[':status'] = code
    if (body === undefined) {
      stream.respond(answer, { endStream: true })
    } else {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      answer['content-length'] = bytes.length
      stream.respond(answer)
      stream.end(bytes)
    }
    // Nobody reads what is left of the body; unread it would hold the connection's window.
    if (!this.#bodyless && !stream.readableEnded) stream.resume()
  }

  open(code: number, headers: AnswerHeaders): Outlet {
    this.#stream.respond({ ':status': code, ...headers } as OutgoingHttpHeaders)
    if (!this.#bodyless) this.#stream.resume()
    return this.#stream
  }

  abort(): void {
    this.#stream.destroy()
  }
}

const ignore = () => {}
