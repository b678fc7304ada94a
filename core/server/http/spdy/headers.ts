/**
 * Header blocks of SPDY/3.1: name and value pairs in one zlib stream a direction, so blocks must be read and written in
 * the order of their frames.
 */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { headerDictionary } from './dictionary.ts'

export type SpdyHeaders = Readonly<Record<string, string>>

const longestBlockBytes = 64 * 1024

export class HeaderReader {
  readonly #inflate: Inflate = createInflate({ dictionary: headerDictionary(), finishFlush: constants.Z_SYNC_FLUSH })

  async read(block: Buffer): Promise<SpdyHeaders> {
    const plain = await through(this.#inflate, (done) => this.#inflate.write(block, done))
    if (plain.length > longestBlockBytes) throw new Error('SPDY header block is too long')
    return decode(plain)
  }

  close(): void {
    this.#inflate.close()
  }
}

export class HeaderWriter {
  readonly #deflate: Deflate = createDeflate({ dictionary: headerDictionary(), level: constants.Z_BEST_SPEED })

  write(headers: SpdyHeaders): Promise<Buffer> {
    return through(this.#deflate, (done) => {
      this.#deflate.write(encode(headers))
      this.#deflate.flush(constants.Z_SYNC_FLUSH, done)
    })
  }

  close(): void {
    this.#deflate.close()
  }
}

function through(zlib: Inflate | Deflate, write: (done: () => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const data = (part: Buffer) => parts.push(part)
    const failed = (error: Error) => {
      zlib.off('data', data)
      reject(error)
    }
    zlib.on('data', data)
    zlib.once('error', failed)
    write(() => {
      // What the last step produced is still on its way to the listener.
      setImmediate(() => {
        zlib.off('data', data)
        zlib.off('error', failed)
        resolve(Buffer.concat(parts))
      })
    })
  })
}

export function encode(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers)
  const parts: Buffer[] = [number(entries.length)]
  for (const [name, value] of entries) {
    for (const text of [name.toLowerCase(), value]) {
      const bytes = Buffer.from(text)
      parts.push(number(bytes.length), bytes)
    }
  }
  return Buffer.concat(parts)
}

export function decode(plain: Buffer): SpdyHeaders {
  const headers: Record<string, string> = {}
  let at = 4
  const text = () => {
    const length = plain.readUInt32BE(at)
    at += 4
    if (at + length > plain.length) throw new Error('SPDY header block is cut short')
    const value = plain.toString('utf8', at, at + length)
    at += length
    return value
  }
  for (let left = plain.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase()
    headers[name] = text()
  }
  return headers
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
