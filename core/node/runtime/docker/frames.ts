/** The engine's framing of two streams in one (no terminal): a byte for the stream, three zero, four of length. */
export interface Frame {
  stream: 'stdout' | 'stderr'
  bytes: Buffer
}

export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** Whole payloads; a frame cut by the end of a chunk waits for its rest. */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (data.length >= 8) {
      const length = data.readUInt32BE(4)
      if (data.length < 8 + length) break
      frames.push({ stream: data[0] === 2 ? 'stderr' : 'stdout', bytes: data.subarray(8, 8 + length) })
      data = data.subarray(8 + length)
    }
    this.#rest = data
    return frames
  }
}
