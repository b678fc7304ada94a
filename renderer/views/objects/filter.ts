/** The filter of a table: words, and `key=value` label selectors as kubectl writes them. Pure. */
import type { KubeObject } from '../../../core/api/meta.ts'

export interface TableFilter { words: string[]; labels: { key: string; operator: '=' | '!=' | 'exists' | 'missing'; value: string }[] }

export function parseFilter(text: string): TableFilter {
  const filter: TableFilter = { words: [], labels: [] }
  for (const part of text.split(/[\s,]+/).filter((one) => one !== '')) {
    const match = /^([A-Za-z0-9][\w./-]*)(!=|==|=)([\w.-]*)$/.exec(part)
    if (match) filter.labels.push({ key: match[1]!, operator: match[2] === '!=' ? '!=' : '=', value: match[3]! })
    else filter.words.push(part.toLowerCase())
  }
  return filter
}

export const passes = (filter: TableFilter, cells: readonly unknown[], object: KubeObject | undefined): boolean =>
  filter.words.every((word) => cells.some((cell) => String(cell ?? '').toLowerCase().includes(word)) || (object?.metadata.namespace ?? '').toLowerCase().includes(word)) &&
  filter.labels.every(({ key, operator, value }) => {
    const has = object?.metadata.labels?.[key]
    return operator === '!=' ? has !== value : has === value
  })
