/** What the palette shows for a text: actions on the selection, then objects, then places; letters in order are enough. Pure. */
export interface Entry { id: string; group: 'action' | 'object' | 'place'; text: string; detail: string; kubectl?: string; /** Searched too, not shown. */ also?: string }
export interface Ranked { entry: Entry; hits: readonly [number, number][]; score: number }

/** Where the words of the query are found in a text, or undefined. Whole words and beginnings count more. */
export function match(query: string, text: string): { hits: [number, number][]; score: number } | undefined {
  const lower = text.toLowerCase()
  const hits: [number, number][] = []
  let score = 0
  for (const word of query.toLowerCase().split(/\s+/).filter((w) => w !== '')) {
    const at = bestIndex(lower, word)
    if (at >= 0) {
      hits.push([at, at + word.length])
      score += word.length * 3 + (at === 0 ? 8 : /[\s/-]/.test(lower[at - 1] ?? '') ? 5 : 0)
      continue
    }
    const single = word.length < 3 ? undefined : scattered(lower, word)
    if (!single) return undefined
    hits.push(...single)
    score += word.length
  }
  return { hits: hits.sort((a, b) => a[0] - b[0]), score: score - text.length / 100 }
}

/** Letters in order within one word: "ngd" finds nginx-deployment, but "notes" is not "uNdO ThE laSt". Worth less than a whole word. */
function scattered(text: string, letters: string): [number, number][] | undefined {
  for (const { 0: word, index: start } of text.matchAll(/\S+/g)) {
    const single: [number, number][] = []
    let from = 0
    for (const letter of letters) {
      const found = word.indexOf(letter, from)
      if (found < 0) break
      single.push([start + found, start + found + 1])
      from = found + 1
    }
    if (single.length === letters.length && single.at(-1)![1] - single[0]![0] <= letters.length * 5) return single
  }
  return undefined
}

function bestIndex(text: string, word: string): number {
  let first = -1
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[\s/.-]/.test(text[at - 1]!)) return at
    if (first < 0) first = at
  }
  return first
}

export type Mode = 'all' | 'actions' | 'machines' | 'labels'
export const modeOf = (query: string): { mode: Mode; rest: string } =>
  query.startsWith('>') ? { mode: 'actions', rest: query.slice(1).trim() }
  : query.startsWith('@') ? { mode: 'machines', rest: query.slice(1).trim() }
  : /^[A-Za-z0-9][\w./-]*!?=[\w.-]*$/.test(query.trim()) ? { mode: 'labels', rest: query.trim() }
  : { mode: 'all', rest: query.trim() }

const groupOrder = { action: 0, object: 1, place: 2 }
export function rank(entries: readonly Entry[], query: string, most = 40): Ranked[] {
  const found = entries.flatMap((entry): Ranked[] => {
    if (query === '') return [{ entry, hits: [], score: 0 }]
    const own = match(query, entry.text)
    if (own) return [{ entry, hits: own.hits, score: own.score }]
    const other = match(query, `${entry.text} ${entry.detail} ${entry.also ?? ''}`)
    return other && other.hits.length <= query.split(/\s+/).length ? [{ entry, hits: [], score: other.score / 2 }] : []
  })
  // Within a group the best comes first; groups keep their order, so that nothing jumps while typing.
  return found.map((one, i) => ({ one, i })).toSorted((a, b) => groupOrder[a.one.entry.group] - groupOrder[b.one.entry.group] || b.one.score - a.one.score || a.i - b.i).map(({ one }) => one).slice(0, most)
}

/** A text cut at its hits, for marking them. */
export function pieces(text: string, hits: readonly [number, number][]): { text: string; hit: boolean }[] {
  const parts: { text: string; hit: boolean }[] = []
  let from = 0
  for (const [start, end] of hits) {
    if (start < from) continue
    if (start > from) parts.push({ text: text.slice(from, start), hit: false })
    parts.push({ text: text.slice(start, end), hit: true })
    from = end
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false })
  return parts
}
