/** A review as sentences: what applying does, in numbers, and what the button says. Pure. */
import type { Mark } from '../../../core/api/state/words.ts'
import type { ApplyResult, Review } from '../../../electron/contract.ts'
import { count, listInWords } from '../../words/amounts.ts'

export interface ReviewWords { mark: Mark; title: string; say: string; button: string; changed: number }

export function reviewWords(review: Review): ReviewWords {
  const by = (action: string) => review.documents.filter((d) => d.action === action)
  const created = by('create')
  const changed = by('change')
  const same = by('same')
  const invalid = by('invalid')
  const errors = review.documents.flatMap((d) => d.problems).filter((p) => p.severity === 'error')
  const warnings = review.documents.flatMap((d) => d.problems).filter((p) => p.severity === 'warning')
  const writes = created.length + changed.length
  const kept = same.length === 0 ? '' : ` ${count(same.length, 'object')} ${same.length === 1 ? 'stays' : 'stay'} as ${same.length === 1 ? 'it is' : 'they are'}.`
  if (!review.ok || invalid.length > 0) {
    const first = errors[0]
    return { mark: 'failing', title: `${count(Math.max(invalid.length, 1), 'object')} cannot be written.`, say: first ? `${first.message}${errors.length > 1 ? ` And ${errors.length - 1} more.` : ''}` : '', button: 'Apply', changed: writes }
  }
  if (writes === 0) return { mark: 'finished', title: 'Nothing changes.', say: same.length === 0 ? 'The text holds no object.' : `${count(same.length, 'object')} already ${same.length === 1 ? 'is' : 'are'} like this.`, button: 'Nothing to apply', changed: 0 }
  const costs = [...created, ...changed].flatMap((d) => (d.cost === undefined ? [] : [d.cost]))
  const parts = [
    ...(created.length > 0 ? [`creates ${listInWords(named(created))}`] : []),
    ...(changed.length > 0 ? [`changes ${listInWords(named(changed))}`] : []),
  ]
  return {
    mark: warnings.length > 0 ? 'degraded' : 'ready',
    title: `Applying this ${listInWords(parts)}.`,
    say: `${costs.length === 0 ? '' : `${costs.map((c) => c.replace(/\.?$/, '.')).join(' ')}`}${kept}`.trim(),
    button: `Apply ${count(writes, 'change')}`,
    changed: writes,
  }
}

const named = (documents: readonly { ref?: { name: string; kind: string } }[]): string[] =>
  documents.length <= 3 ? documents.map((d) => d.ref?.name ?? 'an object') : [count(documents.length, 'object')]

/** What was and what was not written, for a result that stopped half way. */
export function resultWords(result: ApplyResult): { title: string; written: string; left: string; why?: string } {
  const names = (refs: readonly ({ kind: string; name: string } | null)[]) => (refs.length === 0 ? 'nothing' : listInWords(refs.map((r) => (r === null ? 'an unnamed object' : `${r.kind} ${r.name}`))))
  const real = result.written.filter((w) => w.action !== 'same')
  return {
    title: result.failed ? (real.length === 0 ? 'Nothing was written' : 'Part of it was written') : `${count(real.length, 'change')} written`,
    written: names(real.map((w) => w.ref)),
    left: names([...(result.failed ? [result.failed.ref ?? null] : []), ...result.notWritten]),
    ...(result.failed ? { why: result.failed.status.message ?? 'the cluster gave no reason' } : {}),
  }
}
