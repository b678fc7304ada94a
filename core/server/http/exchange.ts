/**
 * One request and its answer, the same for HTTP/2 streams and HTTP/1.1 messages. A verb reads what it needs, then calls
 * exactly one of `send` (whole answer) and `open` (streamed answer).
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Writable } from 'node:stream'
import { ApiError } from '../../api/status.ts'
import type { Proof } from '../auth/identity.ts'

export type AnswerHeaders = Record<string, string | readonly string[]>

/** What streamed answers use of a stream; `writableLength` is what still waits in this process. */
export type Outlet = Writable

export interface Exchange {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: string
  /** Without the question mark; empty where there is none. */
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly proof: Proof
  /** Rejects with RequestEntityTooLarge past `limit`, with BadRequest when the body breaks off. */
  readBody(limit: number): Promise<Buffer>
  send(code: number, headers: AnswerHeaders, body?: string | Buffer): void
  open(code: number, headers: AnswerHeaders): Outlet
  /** Whether an answer has begun; nothing else can be sent then. */
  readonly answered: boolean
  /** Breaks the exchange off, e.g. when an answer fails half-way. */
  abort(): void
}

const tooLarge = (limit: number) => new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)

const bodyTimeoutMs = 60_000

/** Collects a body from any stream of Buffers. What comes after the limit is read and dropped, so that the answer can be read by the client. */
export function collect(
  source: NodeJS.ReadableStream & { destroyed?: boolean },
  announced: string | undefined,
  limit: number,
): Promise<Buffer> {
  if (announced !== undefined && Number(announced) > limit) {
    source.resume()
    return Promise.reject(tooLarge(limit))
  }
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let size = 0
    let done = false
    const timer = setTimeout(() => fail(() => new ApiError('Timeout', 'Timeout: the request body did not arrive within 60 seconds')), bodyTimeoutMs)
    const fail = (reason: () => ApiError) => {
      if (done) return
      done = true
      clearTimeout(timer)
      rest = undefined
      reject(reason())
    }
    const finish = () => {
      if (done) return
      done = true
      clearTimeout(timer)
      resolve(rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest, size))
    }
    source.on('data', (chunk: Buffer) => {
      if (done) return
      size += chunk.length
      if (size > limit) fail(() => tooLarge(limit))
      else if (first === undefined) first = chunk
      else if (rest === undefined) rest = [first, chunk]
      else rest.push(chunk)
    })
    source.on('end', finish)
    // Comes after every request too, so the error is made only where the body is missing.
    const broken = () => fail(() => new ApiError('BadRequest', 'unexpected EOF'))
    source.on('error', broken)
    source.on('aborted', broken)
    source.on('close', broken)
  })
}
