/** What the server refuses, as problems of the text: one a cause, at its line, with the name that was probably meant. */
import type { LineCounter } from 'yaml'
import type { Problem, SchemaModel } from '../../../electron/contract.ts'
import type { ApiError } from '../../api/status.ts'
import { locate, type Manifest } from './manifests.ts'

/** Names of the fields that may stand beside the one at `path`. */
function fieldsAt(schema: SchemaModel, path: string): string[] {
  let model = schema.models[schema.root]
  for (const step of path.replace(/\[[^\]]*\]/g, '').split('.').slice(0, -1)) {
    const of = model?.fields[step]?.of
    if (of === undefined) return []
    model = schema.models[of]
  }
  return Object.keys(model?.fields ?? {})
}

/** The name nearest to what was typed, where it is near enough to be meant. */
function closest(typed: string, names: readonly string[]): string | undefined {
  const far = Math.max(1, Math.floor(typed.length / 3))
  const [best] = names.map((name) => ({ name, away: distance(typed.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.away - b.away)
  return best && best.away <= far ? best.name : undefined
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

/** One problem per cause of a Status, each at its own line. */
export function problemsOf(error: ApiError, entry: Manifest, lines: LineCounter, schema: SchemaModel | undefined): Problem[] {
  const causes = error.details?.causes ?? []
  if (causes.length > 0 && error.reason === 'Invalid') {
    return causes.map((cause) => ({
      severity: 'error',
      message: `${cause.field ?? ''}: ${cause.message ?? ''}`.replace(/^: /, ''),
      ...(cause.field === undefined ? {} : { path: cause.field }),
      ...locate(entry.document, lines, cause.field ?? '', entry.fromLine),
    }))
  }
  // Strict decoding names fields one way, structured merge another.
  const strict = [
    ...[...error.message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)].map(([, what, path]) => ({ unknown: what === 'unknown', path: path! })),
    ...[...error.message.matchAll(/\.(\S+): (field not declared in schema|duplicate field)/g)].map(([, path, what]) => ({ unknown: what !== 'duplicate field', path: path! })),
  ]
  if (strict.length > 0) {
    return strict.map(({ unknown, path }) => {
      const name = path.replace(/^.*[.\]]/, '')
      const meant = unknown && schema ? closest(name, fieldsAt(schema, path)) : undefined
      return {
        severity: 'error',
        message: unknown ? `unknown field "${name}"` : `field "${name}" stands twice`,
        path,
        help: !unknown ? 'Keep one of the two; only the last would count.' : meant === undefined ? 'Check the spelling and the indentation; the field may belong one level up or down.' : `Did you mean ${meant}?`,
        ...locate(entry.document, lines, path, entry.fromLine),
      }
    })
  }
  const field = /field \w+\.([\w.[\]]+) of type/.exec(error.message)?.[1]
  return [{ severity: 'error', message: error.message, ...locate(entry.document, lines, field ?? '', entry.fromLine) }]
}
