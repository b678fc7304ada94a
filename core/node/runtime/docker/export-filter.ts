/**
 * An exported container's archive without what the engine itself put beside the image's files: mount points such as
 * /etc/hosts. They are known by their path and by being no older than the container.
 */
const block = 512
const engineFiles = new Set(['.dockerenv', 'dev', 'dev/console', 'dev/pts', 'dev/shm', 'etc', 'etc/hostname', 'etc/hosts', 'etc/mtab', 'etc/resolv.conf', 'proc', 'sys'])
/** Headers that speak of the entry after them: long names, extended attributes. */
const prefixTypes = new Set(['x', 'g', 'L', 'K'])

/** A folder that falls out is made again by whatever of the image lies in it. */
export async function* withoutEngineFiles(archive: AsyncIterable<Uint8Array>, madeSeconds: number): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  /** Bytes of the entry's content that are still to come, and whether they go out. */
  let left = 0
  let pass = true
  let held: Buffer[] = []
  let holding = false
  for await (const chunk of archive) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    let at = 0
    for (;;) {
      if (left > 0) {
        const piece = rest.subarray(at, at + left)
        if (piece.length === 0) break
        if (holding) held.push(Buffer.from(piece))
        else if (pass) yield piece
        left -= piece.length
        at += piece.length
        continue
      }
      if (rest.length - at < block) break
      const header = rest.subarray(at, at + block)
      at += block
      const type = String.fromCharCode(header[156]!)
      left = Math.ceil(octal(header, 124, 12) / block) * block
      holding = prefixTypes.has(type)
      if (holding) {
        held.push(Buffer.from(header))
        continue
      }
      pass = !(engineFiles.has(nameOf(header)) && octal(header, 136, 12) >= madeSeconds)
      if (pass) yield* [...held, header]
      held = []
    }
    rest = rest.subarray(at)
  }
  if (rest.length > 0) yield rest
}

function nameOf(header: Buffer): string {
  const text = (at: number, width: number) => header.toString('utf8', at, at + width).split('\0')[0]!
  const prefix = text(345, 155)
  return `${prefix === '' ? '' : `${prefix}/`}${text(0, 100)}`.replace(/^\.\//, '').replace(/\/$/, '')
}

/** Octal digits, or, where they don't suffice, a big-endian number marked by its first bit. */
function octal(header: Buffer, at: number, width: number): number {
  if ((header[at]! & 0x80) !== 0) return Number(header.readBigUInt64BE(at + width - 8))
  return Number.parseInt(header.toString('latin1', at, at + width).replace(/[\0 ]/g, '') || '0', 8)
}
