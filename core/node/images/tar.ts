/** Writes a POSIX ustar archive in memory: what the engine's import and build calls take. */
export interface TarEntry {
  /** Without a leading slash; at most 255 characters in two parts. */
  path: string
  mode: number
  type: 'file' | 'directory' | 'link'
  content?: Uint8Array
  /** Owner's group; root's without. */
  group?: number
  /** Of a link. */
  target?: string
}

const block = 512

export function tar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const entry of entries) {
    const content = entry.content ?? new Uint8Array()
    parts.push(header(entry, content.length), content)
    const rest = content.length % block
    if (rest > 0) parts.push(new Uint8Array(block - rest))
  }
  parts.push(new Uint8Array(2 * block))
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function header(entry: TarEntry, size: number): Uint8Array {
  const bytes = new Uint8Array(block)
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at)
  const octal = (at: number, width: number, value: number) => text(at, `${value.toString(8).padStart(width - 1, '0')}\0`)
  const [prefix, name] = split(entry.path)
  text(0, name)
  octal(100, 8, entry.mode)
  octal(108, 8, 0)
  octal(116, 8, entry.group ?? 0)
  octal(124, 12, size)
  octal(136, 12, 0) // a constant time: equal content gives an equal archive
  text(148, '        ')
  text(156, { file: '0', link: '2', directory: '5' }[entry.type])
  if (entry.target !== undefined) text(157, entry.target)
  text(257, 'ustar\0' + '00')
  text(345, prefix)
  octal(148, 7, bytes.reduce((sum, byte) => sum + byte, 0))
  return bytes
}

function split(path: string): [prefix: string, name: string] {
  if (path.length <= 100) return ['', path]
  const slash = path.indexOf('/', path.length - 101)
  if (slash < 0 || slash > 155 || path.length - slash - 1 > 100) throw new Error(`path too long for an archive: ${path}`)
  return [path.slice(0, slash), path.slice(slash + 1)]
}
