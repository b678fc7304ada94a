/**
 * YAML on its way in: parse (several documents), let the server try each (dry run, strict), and say per document what
 * would change, what is wrong, on which line, and what to do. `applyReviewed` then writes in dependency order and stops
 * at the first failure, saying what was and was not written.
 */
import { isMap, isSeq, LineCounter, parseAllDocuments, type Document } from 'yaml'
import type { ApplyResult, FieldChange, Problem, Review, ReviewedDocument, SchemaModel } from '../../../electron/contract.ts'
import { refOf, type KubeObject, type NewObject, type Ref } from '../../api/meta.ts'
import { kindNames } from '../../api/kind-names.ts'
import { ApiError, isNotFound } from '../../api/status.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import { isObject } from '../../base/json.ts'
import type { Client } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { tellingChanges } from '../journal/say-change.ts'

export interface ReviewDeps {
  client: Client
  snapshot(): Snapshot
  /** Fields of each model of a kind, to find what a misspelt one was meant to be. */
  schema(apiVersion: string, kind: string): Promise<SchemaModel>
  /** Whether the kind is namespaced; undefined for a kind or version that is not served. */
  namespaced(apiVersion: string, kind: string): boolean | undefined
}

interface Parsed {
  index: number
  fromLine: number
  toLine: number
  document: Document
  object?: NewObject
  problems: Problem[]
}

/** One window writes everything under one name, so that the next apply knows which fields were its own. */
export const fieldManager = 'orrery-window'
/** What others need comes first. */
const order: readonly string[] = ['Namespace', 'ServiceAccount', 'ConfigMap', 'Secret', 'Service', 'Deployment']

function parse(text: string, namespace: string, deps: ReviewDeps): Parsed[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, stringKeys: false })
  if (!Array.isArray(documents)) return []
  const parsed: Parsed[] = []
  for (const document of documents) {
    const range = document.contents?.range
    const fromLine = lines.linePos(range?.[0] ?? document.range?.[0] ?? 0).line
    const toLine = lines.linePos(Math.max(0, (range?.[1] ?? document.range?.[1] ?? 1) - 1)).line
    const problems: Problem[] = document.errors.map((error) => {
      const at = lines.linePos(error.pos[0])
      return { severity: 'error', message: sayYaml(error.code, error.message), line: at.line, column: at.col, ...helpFor(error.code) }
    })
    const value: unknown = problems.length === 0 ? document.toJS({ maxAliasCount: 100 }) : undefined
    if (problems.length === 0 && (value === null || value === undefined)) continue
    const entry: Parsed = { index: parsed.length, fromLine, toLine, document, problems }
    if (problems.length === 0) {
      if (!isObject(value)) problems.push({ severity: 'error', message: 'this document is not an object', help: 'A manifest starts with apiVersion, kind and metadata.', line: fromLine })
      else if (typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
        const missing = typeof value['apiVersion'] === 'string' ? 'kind' : 'apiVersion'
        problems.push({ severity: 'error', message: `${missing} is missing`, help: missing === 'kind' ? 'Say what this is, e.g. kind: Deployment.' : 'Say which version, e.g. apiVersion: apps/v1 for a Deployment, v1 for a Service.', line: fromLine, path: missing })
      } else {
        const object = value as unknown as NewObject
        if (!isObject(object.metadata)) object.metadata = {}
        const namespaced = deps.namespaced(object.apiVersion, object.kind)
        if (namespaced === undefined) {
          const known = (kindNames as readonly string[]).includes(object.kind)
          problems.push({
            severity: 'error',
            message: `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`,
            help: known ? `${object.kind} is served in another version; see Objects.` : `This cluster does not serve ${object.kind}.`,
            ...locate(document, lines, known ? 'apiVersion' : 'kind', fromLine),
          })
        } else {
          if (namespaced && object.metadata.namespace === undefined) object.metadata.namespace = namespace
          if (object.metadata.name === undefined && object.metadata.generateName === undefined) {
            problems.push({ severity: 'error', message: 'metadata.name is missing', help: 'Give it a name: lower case letters, digits and dashes.', path: 'metadata.name', ...locate(document, lines, 'metadata', fromLine) })
          }
          entry.object = object
        }
      }
    }
    parsed.push(entry)
  }
  return parsed
}

const sayYaml = (code: string, message: string) => (code === 'DUPLICATE_KEY' ? 'this key stands twice in the same place' : message.replace(/ at line \d+, column \d+:?[\s\S]*$/, ''))
const helpFor = (code: string): { help?: string } => {
  if (code === 'DUPLICATE_KEY') return { help: 'Keep one of the two; only the last would count.' }
  if (code === 'BAD_INDENT' || code === 'MULTILINE_IMPLICIT_KEY') return { help: 'Check the indentation: spaces only, items of one list in one column.' }
  if (code === 'TAB_AS_INDENT') return { help: 'YAML is indented with spaces, not tabs.' }
  return {}
}

/** `spec.containers[0].image` → the line of that node, or of its nearest ancestor that stands in the text. */
function locate(document: Document, lines: LineCounter, path: string, fallback: number): { line: number; column?: number } {
  const steps = [...path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map((match) => match[1] ?? (match[2] ?? '').replace(/^"|"$/g, ''))
  let node: unknown = document.contents
  let found: { line: number; column?: number } = { line: fallback }
  for (const step of steps) {
    let next: unknown
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === step)
      const range = isObject(pair?.key) ? (pair.key as { range?: [number, number, number] }).range : undefined
      if (range) {
        const at = lines.linePos(range[0])
        found = { line: at.line, column: at.col }
      }
      next = pair?.value
    } else if (isSeq(node)) {
      next = /^\d+$/.test(step) ? node.items[Number(step)] : node.items.find((item) => isMap(item) && String(item.get('name')) === step)
      const range = isObject(next) ? (next as { range?: [number, number, number] }).range : undefined
      if (range) {
        const at = lines.linePos(range[0])
        found = { line: at.line, column: at.col }
      }
    }
    if (next === undefined || next === null) break
    node = next
  }
  return found
}

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
function problemsOf(error: ApiError, entry: Parsed, lines: LineCounter, schema: SchemaModel | undefined): Problem[] {
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

async function reviewOne(entry: Parsed, deps: ReviewDeps, lines: LineCounter, made: ReadonlySet<string>): Promise<ReviewedDocument> {
  const { index, fromLine, toLine, object, problems } = entry
  const base = { index, fromLine, toLine, changes: [] as FieldChange[], problems }
  if (!object || problems.some((problem) => problem.severity === 'error')) {
    return { ...base, action: 'invalid', ...(object ? { ref: refOf(object), apiVersion: object.apiVersion } : {}) }
  }
  const ref = refOf(object)
  const current = deps.snapshot().get(ref.kind, ref.namespace, ref.name)
  const missingNamespace = ref.namespace !== undefined && made.has(ref.namespace) && !deps.snapshot().get('Namespace', undefined, ref.namespace)
  if (missingNamespace) {
    problems.push({ severity: 'warning', message: `checked when namespace ${ref.namespace} exists`, help: 'The same text creates it first.' })
    return { ...base, ref, apiVersion: object.apiVersion, action: 'create' }
  }
  try {
    const after = await deps.client.patch<KubeObject>(ref, { type: 'apply', body: object, force: true }, { dryRun: true, fieldManager })
    const changes = current ? tellingChanges(fieldDiff(current, after)).filter((change) => !change.path.startsWith('status')) : []
    const action = current ? (changes.length === 0 ? 'same' : 'change') : 'create'
    const cost = costOf(action, changes, current)
    return { ...base, ref, apiVersion: object.apiVersion, action, changes, ...(cost === undefined ? {} : { cost }) }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const schema = await deps.schema(object.apiVersion, object.kind).catch(() => undefined)
    problems.push(...problemsOf(error, entry, lines, schema))
    if (isNotFound(error) && ref.namespace !== undefined) problems[problems.length - 1]!.help = `Create the namespace first: kubectl create namespace ${ref.namespace}, or choose another.`
    return { ...base, ref, apiVersion: object.apiVersion, action: 'invalid' }
  }
}

/** What applying a change does to what runs, in words. */
function costOf(action: string, changes: readonly FieldChange[], current: KubeObject | undefined): string | undefined {
  if (action !== 'change' || !current) return undefined
  if (current.kind === 'Deployment' && changes.some((change) => change.path.startsWith('spec.template.'))) {
    const pods = (current['spec'] as { replicas?: number } | undefined)?.replicas ?? 1
    return pods === 0 ? undefined : `${pods} ${pods === 1 ? 'Pod is' : 'Pods are'} replaced`
  }
  const replicas = changes.find((change) => change.path === 'spec.replicas')
  if (replicas) {
    const delta = Number(replicas.after ?? 1) - Number(replicas.before ?? 1)
    const pods = Math.abs(delta)
    return `${pods} ${pods === 1 ? 'Pod' : 'Pods'} ${delta > 0 ? (pods === 1 ? 'starts' : 'start') : pods === 1 ? 'stops' : 'stop'}`
  }
  return undefined
}

export async function review(deps: ReviewDeps, q: { yaml: string; namespace: string }): Promise<Review> {
  const lines = new LineCounter()
  // parse() counts lines itself; positions for server errors need the same offsets.
  parseAllDocuments(q.yaml, { lineCounter: lines })
  const parsed = parse(q.yaml, q.namespace, deps)
  const made = new Set(parsed.flatMap((entry) => (entry.object?.kind === 'Namespace' && entry.object.metadata.name ? [entry.object.metadata.name] : [])))
  const documents: ReviewedDocument[] = []
  const seen = new Map<string, number>()
  for (const entry of parsed) {
    if (entry.object) {
      const id = JSON.stringify(refOf(entry.object))
      const earlier = seen.get(id)
      if (earlier !== undefined) entry.problems.push({ severity: 'error', message: `${entry.object.kind} ${entry.object.metadata.name ?? ''} stands twice in this text`, help: `The other one starts at line ${earlier}.`, line: entry.fromLine })
      seen.set(id, entry.fromLine)
    }
    documents.push(await reviewOne(entry, deps, lines, made))
  }
  return { documents, ok: documents.length > 0 && documents.every((document) => document.action !== 'invalid') }
}

export async function applyReviewed(deps: ReviewDeps, q: { yaml: string; namespace: string; force?: boolean }): Promise<ApplyResult> {
  const parsed = parse(q.yaml, q.namespace, deps)
  const broken = parsed.find((entry) => entry.problems.some((problem) => problem.severity === 'error'))
  if (broken) throw new ApiError('BadRequest', `line ${broken.problems[0]?.line ?? broken.fromLine}: ${broken.problems[0]?.message ?? 'invalid'}. Nothing was written.`)
  const rank = (object: NewObject | undefined) => {
    const at = order.indexOf(object?.kind ?? '')
    return at < 0 ? order.length : at
  }
  const queue = parsed.filter((entry) => entry.object !== undefined).sort((a, b) => rank(a.object) - rank(b.object) || a.index - b.index)
  const result: ApplyResult = { written: [], notWritten: [] }
  // All of one click is one story: every write after the first names the first as what led to it.
  const led: number[] = []
  for (const { object } of queue) {
    const ref: Ref = refOf(object!)
    if (result.failed) {
      result.notWritten.push(ref)
      continue
    }
    const before = deps.snapshot().get(ref.kind, ref.namespace, ref.name)
    try {
      const after = await deps.client.patch<KubeObject>(ref, { type: 'apply', body: object!, force: q.force ?? true }, { fieldManager, because: { code: before ? 'Applied' : 'Deployed', say: before ? '' : `deployed ${ref.kind} ${ref.name}`, why: '', led: [...led] } })
      result.written.push({ ref: refOf(after), action: before ? (before.metadata.resourceVersion === after.metadata.resourceVersion ? 'same' : 'change') : 'create' })
      if (led.length === 0) led.push(Number(after.metadata.resourceVersion))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      result.failed = { ref, status: error.toStatus() }
    }
  }
  return result
}
