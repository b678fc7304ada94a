/** YAML text of an object and the lines each path stands on, so that a field or a change can light them. Pure. */
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, stringify, type Node, type Pair } from 'yaml'

export const toYaml = (object: unknown): string => stringify(object, { lineWidth: 0, indentSeq: false })

export interface LineRange { from: number; to: number }

/** 1-based line range of every path (`spec.template.spec.containers.0.image`) in a YAML text. */
export function linesOfPaths(text: string): Map<string, LineRange> {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const found = new Map<string, LineRange>()
  const lineAt = (offset: number) => counter.linePos(offset).line
  const endLine = (node: Node | null | undefined, fallback: number): number => {
    const range = node?.range
    if (!range) return fallback
    // A block's value end may already sit on the next line: step back over the line break.
    let end = range[1]
    while (end > range[0] && /\s/.test(text[end - 1] ?? '')) end--
    return lineAt(Math.max(range[0], end - 1))
  }
  const visit = (node: unknown, path: string) => {
    if (isMap(node)) {
      for (const item of node.items as Pair<unknown, unknown>[]) {
        if (!isPair(item) || !isScalar(item.key)) continue
        const key = `${path === '' ? '' : `${path}.`}${String(item.key.value)}`
        const from = lineAt(item.key.range?.[0] ?? 0)
        found.set(key, { from, to: Math.max(from, endLine(item.value as Node | null, from)) })
        visit(item.value, key)
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => {
        const key = `${path}.${index}`
        const range = (item as Node).range
        if (range) found.set(key, { from: lineAt(range[0]), to: endLine(item as Node, lineAt(range[0])) })
        visit(item, key)
      })
    }
  }
  visit(document.contents, '')
  return found
}

/** `spec.containers[0].image` (the API's way) → `spec.containers.0.image`. */
/** Named items (`containers[web]`) are not positions: their nearest parent is lit. */
export const dotted = (path: string): string => path.replace(/\[(\d+)\]/g, '.$1').replace(/\[["']?([^\]"']+)["']?\]/g, '.$1').replace(/^\./, '')

/** Lines of the path, or of the nearest parent that is there. */
export function linesFor(lines: ReadonlyMap<string, LineRange>, path: string): LineRange | undefined {
  let at = dotted(path)
  for (;;) {
    const range = lines.get(at)
    if (range) return range
    const dot = at.lastIndexOf('.')
    if (dot < 0) return undefined
    at = at.slice(0, dot)
  }
}
