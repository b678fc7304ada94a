/** The three wire forms of protobuf that are needed here: strings, booleans, and messages within messages. */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  string(tag: number, value: string | undefined): this {
    return value === undefined || value === '' ? this : this.#text(tag, value)
  }

  strings(tag: number, values: readonly string[] | undefined): this {
    for (const value of values ?? []) this.#text(tag, value)
    return this
  }

  boolean(tag: number, value: boolean | undefined): this {
    return value ? this.#push([varint(tag << 3), Uint8Array.of(1)]) : this
  }

  message(tag: number, write: (inner: ProtobufWriter) => unknown): this {
    const inner = new ProtobufWriter()
    write(inner)
    return this.#bytes(tag, inner.#chunks, inner.#length)
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length)
    let at = 0
    for (const chunk of this.#chunks) {
      result.set(chunk, at)
      at += chunk.length
    }
    return result
  }

  #text(tag: number, value: string): this {
    const bytes = Buffer.from(value, 'utf8')
    return this.#bytes(tag, [bytes], bytes.length)
  }

  #bytes(tag: number, parts: readonly Uint8Array[], length: number): this {
    return this.#push([varint((tag << 3) | 2), varint(length)]).#push(parts)
  }

  /** Takes a list, not arguments: a whole document has more parts than a call may have. */
  #push(parts: readonly Uint8Array[]): this {
    for (const part of parts) {
      this.#chunks.push(part)
      this.#length += part.length
    }
    return this
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
