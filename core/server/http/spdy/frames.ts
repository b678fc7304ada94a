/** Frames of SPDY/3.1 as bytes. Only what Kubernetes' streams use; others are skipped by the reader. */
export const frameType = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const
export const flagFin = 1
const headBytes = 8
/** No frame of a Kubernetes client comes near it (their data frames carry at most 32 KiB). */
const longestFrameBytes = 4 * 1024 * 1024
const version = 3

export interface Frame {
  /** Undefined for data. */
  readonly type: number | undefined
  /** Of data frames. */
  readonly streamId: number
  readonly flags: number
  readonly payload: Buffer
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #parts: Buffer[] = []
  #size = 0

  push(chunk: Buffer): void {
    this.#parts.push(chunk)
    this.#size += chunk.length
  }

  /** Undefined until a whole frame is there. Throws for what is not SPDY/3.1. */
  next(): Frame | undefined {
    if (this.#size < headBytes) return undefined
    let all = this.#parts[0]!
    if (this.#parts.length > 1) {
      all = Buffer.concat(this.#parts, this.#size)
      this.#parts = [all]
    }
    const length = all.readUIntBE(5, 3)
    if (length > longestFrameBytes) throw new Error('SPDY frame is too long')
    if (all.length < headBytes + length) return undefined
    const rest = all.subarray(headBytes + length)
    this.#parts = rest.length === 0 ? [] : [rest]
    this.#size = rest.length
    const word = all.readUInt32BE(0)
    const flags = all[4]!
    const payload = all.subarray(headBytes, headBytes + length)
    if (word >>> 31 === 0) return { type: undefined, streamId: word, flags, payload }
    if (((word >>> 16) & 0x7fff) !== version) throw new Error('not SPDY/3.1')
    return { type: word & 0xffff, streamId: 0, flags, payload }
  }
}

export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(headBytes + payload.length)
  frame.writeUInt32BE((0x80000000 + (version << 16) + type) >>> 0, 0)
  frame[4] = flags
  frame.writeUIntBE(payload.length, 5, 3)
  payload.copy(frame, headBytes)
  return frame
}

export function dataFrame(streamId: number, flags: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + payload.length)
  frame.writeUInt32BE(streamId, 0)
  frame[4] = flags
  frame.writeUIntBE(payload.length, 5, 3)
  payload.copy(frame, headBytes)
  return frame
}

export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4))
  return bytes
}
