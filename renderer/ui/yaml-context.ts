/** Where a cursor stands in a YAML text: which object, which field path, key or value. Works on half-typed text, by indentation. Pure. */
export interface YamlContext {
  apiVersion: string
  kind: string
  /** Parent field names, without list positions: ['spec','template','spec','containers']. */
  path: string[]
  at: 'key' | 'value'
  /** The key whose value is typed; only where at = 'value'. */
  key?: string
  /** What is typed so far, up to the cursor, and where it begins. */
  prefix: string
  from: number
  /** Keys already there beside this one. */
  siblings: string[]
}

const linePattern = /^(\s*)((?:- +)*)(?:("[^"]*"|'[^']*'|[^\s#:'"-][^:#]*?|-[^\s:][^:]*?):(?=\s|$))?/
interface Line { text: string; indent: number; dash: number | undefined; key: string | undefined }

function readLine(text: string): Line | undefined {
  if (text.trim() === '' || /^\s*#/.test(text)) return undefined
  const match = linePattern.exec(text)
  if (!match) return undefined
  const spaces = match[1]!.length
  const dashes = match[2]!
  return { text, indent: spaces + dashes.length, dash: dashes === '' ? undefined : spaces, key: match[3]?.replace(/^["']|["']$/g, '') }
}

/** The document around an offset, as lines, and the index of the cursor's line in them. */
function documentAt(text: string, offset: number): { lines: string[]; index: number } {
  const before = text.slice(0, offset).split('\n')
  const after = text.slice(offset).split('\n')
  const all = [...before.slice(0, -1), before.at(-1)! + after[0]!, ...after.slice(1)]
  const at = before.length - 1
  let from = at
  while (from > 0 && !/^---(\s|$)/.test(all[from]!)) from--
  let to = at + 1
  while (to < all.length && !/^---(\s|$)/.test(all[to]!)) to++
  return { lines: all.slice(from, to), index: at - from }
}

const topValue = (lines: readonly string[], key: string): string => {
  for (const line of lines) {
    const match = new RegExp(`^${key}:\\s*["']?([^"'#\\s]+)`).exec(line)
    if (match) return match[1]!
  }
  return ''
}

/** Parents of a line at this indentation, nearest last. */
function parents(lines: readonly string[], index: number, indent: number, dash: number | undefined): string[] {
  const path: string[] = []
  let need = dash === undefined ? indent : dash + 1
  for (let i = index - 1; i >= 0 && need > 0; i--) {
    const line = readLine(lines[i]!)
    if (!line) continue
    if (line.indent < need && line.key !== undefined) {
      path.unshift(line.key)
      need = line.dash === undefined ? line.indent : line.dash + 1
    } else if (line.indent === need && line.dash !== undefined) need = line.dash + 1
    else if (line.dash !== undefined && line.dash < need && line.indent >= need) need = Math.min(need, line.dash + 1)
  }
  return path
}

function siblingsOf(lines: readonly string[], index: number, indent: number, startsItem: boolean): string[] {
  const keys: string[] = []
  const look = (from: number, step: number) => {
    for (let i = from; i >= 0 && i < lines.length; i += step) {
      const line = readLine(lines[i]!)
      if (!line) continue
      if (line.indent < indent || (step > 0 && line.dash !== undefined && line.dash < indent)) break
      if (line.indent === indent && line.key !== undefined) keys.push(line.key)
      if (step < 0 && line.indent === indent && line.dash !== undefined) break
    }
  }
  if (!startsItem) look(index - 1, -1)
  look(index + 1, 1)
  return keys
}

export function contextAt(text: string, offset: number): YamlContext | undefined {
  const { lines, index } = documentAt(text, offset)
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const typed = text.slice(lineStart, offset)
  if (/^\s*#/.test(typed) || /\s#/.test(typed)) return undefined
  const base = { apiVersion: topValue(lines, 'apiVersion'), kind: topValue(lines, 'kind') }
  const key = /^(\s*)((?:- +)*)([^\s:#]*)$/.exec(typed)
  if (key) {
    const indent = key[1]!.length + key[2]!.length
    const dash = key[2] === '' ? undefined : key[1]!.length
    return { ...base, path: parents(lines, index, indent, dash), at: 'key', prefix: key[3]!, from: offset - key[3]!.length, siblings: siblingsOf(lines, index, indent, dash !== undefined) }
  }
  const value = /^(\s*)((?:- +)*)([^\s:#][^:#]*):\s+(\S*)$/.exec(typed)
  if (!value) return undefined
  const indent = value[1]!.length + value[2]!.length
  const dash = value[2] === '' ? undefined : value[1]!.length
  return { ...base, path: parents(lines, index, indent, dash), at: 'value', key: value[3]!.trim().replace(/^["']|["']$/g, ''), prefix: value[4]!, from: offset - value[4]!.length, siblings: [] }
}

/** The field under a hovering pointer: its parents and its name. */
export function fieldAt(text: string, offset: number): { apiVersion: string; kind: string; path: string[]; key: string; from: number; to: number } | undefined {
  const { lines, index } = documentAt(text, offset)
  const line = readLine(lines[index] ?? '')
  if (!line || line.key === undefined) return undefined
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const from = lineStart + line.indent
  const to = from + line.key.length
  if (offset < from || offset > to) return undefined
  return { apiVersion: topValue(lines, 'apiVersion'), kind: topValue(lines, 'kind'), path: parents(lines, index, line.indent, line.dash), key: line.key, from, to }
}
