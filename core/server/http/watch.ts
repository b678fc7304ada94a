/**
 * GET of a collection with `watch`: one JSON line an event, as they are committed (upstream: apiserver/pkg/endpoints/handlers/watch.go).
 * A reader that does not keep up is cut off, so that it resumes from its last revision; nothing is ever skipped.
 */
import { apiVersionOf } from '../../api/kind.ts'
import { ApiError } from '../../api/status.ts'
import type { WatchItem } from '../registry/registry.ts'
import { includeObjectOf, partialObject } from '../table/table.ts'
import type { Api, Target } from './api.ts'
import { headersFor, printerOf } from './answers.ts'
import type { EventEncoder } from './event-encoder.ts'
import type { Exchange, Outlet } from './exchange.ts'
import type { Accepted } from './negotiate.ts'
import { watchParams, type Query } from './options.ts'

const shortestDefaultMs = 30 * 60_000
const bookmarkEveryMs = 60_000

export async function watch(api: Api, exchange: Exchange, target: Target, query: Query): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  if (accepted.format === 'yaml') throw new ApiError('NotAcceptable', 'only the following media types are accepted: application/json;stream=watch')
  const { timeoutSeconds, ...params } = watchParams(query, target.namespace)
  const encode = lineWriter(api, target, query, accepted)
  const queue = new WatchQueue(encode)
  const stop = await api.registry.watch(target.face, params, (items) => queue.add(items), (error) => queue.finish(error))
  const outlet = exchange.open(200, headersFor('application/json'))
  const timeoutMs = timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds * 1000 : shortestDefaultMs * (1 + Math.random())
  const cancelTimeout = api.clock.after(timeoutMs, () => {
    if (params.allowBookmarks === true) bookmark()
    queue.finish(undefined)
  })
  let cancelBookmark = () => {}
  const bookmark = () => queue.add([bookmarkItem(target, api.registry.revision)])
  const bookmarkLater = () => {
    cancelBookmark = api.clock.after(bookmarkEveryMs, () => {
      bookmark()
      bookmarkLater()
    })
  }
  if (params.allowBookmarks === true) bookmarkLater()
  const shutdown = () => queue.finish(undefined)
  api.signal.addEventListener('abort', shutdown, { once: true })
  const over = () => {
    stop()
    cancelTimeout()
    cancelBookmark()
    api.signal.removeEventListener('abort', shutdown)
  }
  queue.attach(outlet, over)
}

/** Items carry everything up to the newest revision, because the registry hands them over before a commit is seen by anyone. */
function bookmarkItem(target: Target, revision: number): WatchItem {
  const { face } = target
  const object = {
    kind: face.definition.kind,
    apiVersion: apiVersionOf(face),
    metadata: { resourceVersion: String(revision), creationTimestamp: null },
  }
  return { type: 'BOOKMARK', revision, answer: { object: object as unknown as WatchItem['answer']['object'], json: JSON.stringify(object) } }
}

type Line = (item: WatchItem) => string

/** How one event becomes a line, by the form the client accepts. */
function lineWriter(api: Api, target: Target, query: Query, accepted: Accepted): Line & { shared?: EventEncoder } {
  const { face } = target
  if (accepted.as === 'metadata') {
    return (item) => `{"type":"${item.type}","object":${JSON.stringify(partialObject(item.answer.object, accepted.version))}}\n`
  }
  if (accepted.as === 'table') {
    const printer = printerOf(api, face)
    const include = includeObjectOf(query.get('includeObject'))
    let headers = true
    return (item) => {
      const { object } = item.answer
      const metadata = { resourceVersion: object.metadata.resourceVersion }
      const rows = item.type === 'BOOKMARK' ? [] : [object]
      const table = printer.table(rows, metadata, include, accepted.version, api.clock.now(), headers)
      headers = false
      return `{"type":"${item.type}","object":${JSON.stringify(table)}}\n`
    }
  }
  return Object.assign((item: WatchItem) => `{"type":"${item.type}","object":${item.answer.json}}\n`, { shared: api.events })
}

/** How much may wait in the stream before the queue holds the rest back. */
const waterMarkBytes = 128 * 1024
/** What one write carries while catching up. */
const chunkChars = 64 * 1024
/** How far a reader may fall behind, beyond the initial events. */
const mostBehindItems = 20_000
const mostBehindChars = 32 * 1024 * 1024

/** Events on their way to one reader. Holds references to shared texts; what waits is bounded. */
class WatchQueue {
  readonly #line: Line & { shared?: EventEncoder }
  #waiting: WatchItem[] = []
  #next = 0
  #behindChars = 0
  #allowance = mostBehindItems
  #outlet: Outlet | undefined
  #over: (() => void) | undefined
  #finished = false
  #last: string | undefined
  #draining = false

  constructor(line: Line & { shared?: EventEncoder }) {
    this.#line = line
  }

  /** From here on events flow; what came before (the initial events) counts as one allowed batch. */
  attach(outlet: Outlet, over: () => void): void {
    this.#outlet = outlet
    this.#over = over
    this.#allowance = mostBehindItems + this.#waiting.length
    const end = () => this.#end()
    outlet.on('close', end)
    outlet.on('error', end)
    outlet.on('drain', () => {
      this.#draining = false
      this.#pump()
    })
    if (outlet.destroyed) this.#end()
    else this.#pump()
  }

  add(items: readonly WatchItem[]): void {
    if (this.#finished) return
    const outlet = this.#outlet
    const { shared } = this.#line
    if (outlet !== undefined && !this.#draining && this.#next === this.#waiting.length && items.length <= 16 && shared !== undefined) {
      if (!outlet.write(shared.encode(items))) this.#draining = outlet.writableLength > waterMarkBytes
      return
    }
    for (const item of items) this.#waiting.push(item)
    if (outlet === undefined) return
    for (const item of items) this.#behindChars += item.answer.json.length
    if (this.#waiting.length - this.#next > this.#allowance || this.#behindChars > mostBehindChars) {
      this.#waiting = []
      // With an error, so that the reader takes it as broken off, not as a clean end.
      outlet.destroy(new Error('the reader does not keep up'))
      this.#end()
      return
    }
    this.#pump()
  }

  /** Ends the stream after what waits; an error is told first, as an ERROR event. */
  finish(error: Error | undefined): void {
    if (this.#finished) return
    this.#finished = true
    if (error !== undefined) {
      const status = error instanceof ApiError ? error.toStatus() : new ApiError('InternalError', error.message).toStatus()
      this.#last = `{"type":"ERROR","object":${JSON.stringify(status)}}\n`
    }
    if (this.#outlet !== undefined) this.#pump()
  }

  #pump(): void {
    const outlet = this.#outlet!
    while (this.#next < this.#waiting.length && !outlet.destroyed) {
      if (outlet.writableLength > waterMarkBytes) {
        this.#draining = true
        return
      }
      let text = ''
      while (this.#next < this.#waiting.length && text.length < chunkChars) text += this.#line(this.#waiting[this.#next++]!)
      outlet.write(Buffer.from(text))
    }
    this.#waiting = []
    this.#next = 0
    this.#behindChars = 0
    if (this.#finished && !outlet.destroyed) outlet.end(this.#last)
  }

  #end(): void {
    this.#finished = true
    this.#waiting = []
    this.#next = 0
    const over = this.#over
    this.#over = undefined
    over?.()
  }
}
