/**
 * The server's end of a SPDY/3.1 connection over any duplex (a socket after an upgrade, or WebSocket messages): the client
 * opens streams, each is a Duplex here. Flow control is the transport's, as with the Kubernetes clients.
 * (Counterpart: the moby/spdystream module that client-go uses.)
 */
import { Duplex } from 'node:stream'
import { controlFrame, dataFrame, flagFin, FrameReader, frameType, words, type Frame } from './frames.ts'
import { HeaderReader, HeaderWriter, type SpdyHeaders } from './headers.ts'

const mostStreams = 1024
const dataPieceBytes = 32 * 1024
const refused = 3
const cancelled = 5

export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #session: SpdySession

  constructor(session: SpdySession, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true })
    this.#session = session
    this.id = id
    this.headers = headers
  }

  override _read(): void {
    this.#session.wanted(this)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#session.sendData(this.id, chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#session.sendFin(this.id, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#session.forget(this, !this.writableFinished)
    done(error)
  }
}

export class SpdySession {
  readonly #transport: Duplex
  readonly #onStream: (stream: SpdyStream) => void
  readonly #frames = new FrameReader()
  readonly #reader = new HeaderReader()
  readonly #writer = new HeaderWriter()
  readonly #streams = new Map<number, SpdyStream>()
  /** Streams whose reader has enough; while there is one, nothing more is taken from the transport. */
  readonly #full = new Set<SpdyStream>()
  #closed = false
  #working = false
  readonly #onClose: () => void

  constructor(transport: Duplex, onStream: (stream: SpdyStream) => void, onClose: () => void) {
    this.#transport = transport
    this.#onStream = onStream
    this.#onClose = onClose
    transport.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      void this.#work()
    })
    transport.on('end', () => this.close())
    transport.on('close', () => this.close())
    transport.on('error', () => this.close())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stream of [...this.#streams.values()]) stream.destroy()
    this.#reader.close()
    this.#writer.close()
    this.#transport.destroy()
    this.#onClose()
  }

  /** Ends the connection after what was written has left. */
  finish(): void {
    if (this.#closed) return
    this.#transport.end(controlFrame(frameType.goAway, 0, words(0, 0)))
  }

  wanted(stream: SpdyStream): void {
    if (this.#full.delete(stream) && this.#full.size === 0) {
      this.#transport.resume()
      void this.#work()
    }
  }

  sendData(id: number, chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#closed) {
      done(new Error('the connection is closed'))
      return
    }
    for (let at = 0; at < chunk.length || at === 0; at += dataPieceBytes) {
      const piece = chunk.subarray(at, at + dataPieceBytes)
      const last = at + dataPieceBytes >= chunk.length
      this.#transport.write(dataFrame(id, 0, piece), last ? done : undefined)
    }
  }

  sendFin(id: number, done: (error?: Error | null) => void): void {
    if (this.#closed) done()
    else this.#transport.write(dataFrame(id, flagFin, Buffer.alloc(0)), done)
  }

  forget(stream: SpdyStream, broken: boolean): void {
    if (!this.#streams.delete(stream.id)) return
    this.wanted(stream)
    if (broken && !this.#closed) this.#transport.write(controlFrame(frameType.rstStream, 0, words(stream.id, cancelled)))
  }

  /** One frame after the other, because header blocks are one compressed stream. */
  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    try {
      while (!this.#closed && this.#full.size === 0) {
        const frame = this.#frames.next()
        if (frame === undefined) break
        await this.#frame(frame)
      }
    } catch {
      this.close()
    } finally {
      this.#working = false
    }
  }

  async #frame(frame: Frame): Promise<void> {
    const { payload } = frame
    switch (frame.type) {
      case undefined:
        this.#data(frame)
        break
      case frameType.synStream:
        await this.#opened(payload.readUInt32BE(0) & 0x7fffffff, payload.subarray(10), frame.flags)
        break
      case frameType.headers:
      case frameType.synReply:
        // Nothing in them matters here, but the block belongs to the one compressed stream.
        await this.#reader.read(payload.subarray(4))
        break
      case frameType.rstStream:
        this.#streams.get(payload.readUInt32BE(0) & 0x7fffffff)?.destroy()
        break
      case frameType.ping:
        this.#transport.write(controlFrame(frameType.ping, 0, payload))
        break
      default:
    }
  }

  async #opened(id: number, block: Buffer, flags: number): Promise<void> {
    const headers = await this.#reader.read(block)
    if (this.#streams.size >= mostStreams || this.#streams.has(id)) {
      this.#transport.write(controlFrame(frameType.rstStream, 0, words(id, refused)))
      return
    }
    const stream = new SpdyStream(this, id, headers)
    stream.on('error', ignore)
    this.#streams.set(id, stream)
    const reply = await this.#writer.write({})
    if (this.#closed) return
    this.#transport.write(controlFrame(frameType.synReply, 0, Buffer.concat([words(id), reply])))
    if ((flags & flagFin) !== 0) stream.push(null)
    this.#onStream(stream)
  }

  #data(frame: Frame): void {
    const stream = this.#streams.get(frame.streamId)
    if (stream === undefined) return
    if (frame.payload.length > 0 && !stream.push(frame.payload)) {
      this.#full.add(stream)
      this.#transport.pause()
    }
    if ((frame.flags & flagFin) !== 0) {
      stream.push(null)
      this.wanted(stream)
    }
  }
}

const ignore = () => {}
