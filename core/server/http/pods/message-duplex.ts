/** A byte stream inside the binary messages of a WebSocket. */
import { Duplex } from 'node:stream'
import type WebSocket from 'ws'

export class MessageDuplex extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.on('message', (data) => {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
      if (bytes.length > 0 && !this.push(bytes)) socket.pause()
    })
    socket.on('close', () => {
      this.push(null)
      this.destroy()
    })
    socket.on('error', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) done(new Error('the connection is closed'))
    else this.#socket.send(chunk, { binary: true }, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close(1000)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.close(1000)
    done(error)
  }
}
