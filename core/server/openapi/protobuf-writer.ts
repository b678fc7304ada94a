/** The three wire forms of protobuf that are needed here: strings, booleans, and messages within messages. */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  string(tag: number, value: string | undefined): this {
    return value === undefined || value === '' ? this : this.#bytes(tag, Buffer.from(value, 'utf8'))
  }

  strings(tag: number, values: readonly string[] | undefined): this {
    for (const value of values ?? []) this.#bytes(tag, Buffer.from(value, 'utf8'))
    return this
  }

  boolean(tag: number, value: boolean | undefined): this {
    return value ? this.#push(varint(tag << 3), Uint8Array.of(1)) : this
  }

  message(tag: number, write: (inner: ProtobufWriter) => unknown): this {
    const inner = new ProtobufWriter()
    write(inner)
    return this.#bytes(tag, ...inner.#chunks)
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

  #bytes(tag: number, ...parts: Uint8Array[]): this {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    return this.#push(varint((tag << 3) | 2), varint(length), ...parts)
  }

  #push(...parts: Uint8Array[]): this {
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
