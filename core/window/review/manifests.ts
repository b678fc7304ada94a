/** Text as manifests: the documents of a YAML text, each with its lines and with what is wrong before any server is asked. */
import { isMap, isSeq, LineCounter, parseAllDocuments, type Document } from 'yaml'
import type { Problem } from '../../../electron/contract.ts'
import { kindNames } from '../../api/kind-names.ts'
import type { NewObject } from '../../api/meta.ts'
import { isObject } from '../../base/json.ts'

export interface Manifest {
  index: number
  fromLine: number
  toLine: number
  document: Document
  object?: NewObject
  problems: Problem[]
}

export interface Manifests {
  lines: LineCounter
  documents: Manifest[]
}

/** Whether the kind is namespaced; undefined for a kind or version that is not served. */
export type Namespaced = (apiVersion: string, kind: string) => boolean | undefined

/** Documents that are empty are left out. */
export function parseManifests(text: string, namespace: string, namespaced: Namespaced): Manifests {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, stringKeys: false })
  if (!Array.isArray(documents)) return { lines, documents: [] }
  const parsed: Manifest[] = []
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
    const entry: Manifest = { index: parsed.length, fromLine, toLine, document, problems }
    if (problems.length === 0) {
      if (!isObject(value)) problems.push({ severity: 'error', message: 'this document is not an object', help: 'A manifest starts with apiVersion, kind and metadata.', line: fromLine })
      else if (typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
        const missing = typeof value['apiVersion'] === 'string' ? 'kind' : 'apiVersion'
        problems.push({ severity: 'error', message: `${missing} is missing`, help: missing === 'kind' ? 'Say what this is, e.g. kind: Deployment.' : 'Say which version, e.g. apiVersion: apps/v1 for a Deployment, v1 for a Service.', line: fromLine, path: missing })
      } else {
        const object = value as unknown as NewObject
        if (!isObject(object.metadata)) object.metadata = {}
        const inNamespace = namespaced(object.apiVersion, object.kind)
        if (inNamespace === undefined) {
          const known = (kindNames as readonly string[]).includes(object.kind)
          problems.push({
            severity: 'error',
            message: `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`,
            help: known ? `${object.kind} is served in another version; see Objects.` : `This cluster does not serve ${object.kind}.`,
            ...locate(document, lines, known ? 'apiVersion' : 'kind', fromLine),
          })
        } else {
          if (inNamespace && object.metadata.namespace === undefined) object.metadata.namespace = namespace
          if (object.metadata.name === undefined && object.metadata.generateName === undefined) {
            problems.push({ severity: 'error', message: 'metadata.name is missing', help: 'Give it a name: lower case letters, digits and dashes.', path: 'metadata.name', ...locate(document, lines, 'metadata', fromLine) })
          }
          entry.object = object
        }
      }
    }
    parsed.push(entry)
  }
  return { lines, documents: parsed }
}

const sayYaml = (code: string, message: string) => (code === 'DUPLICATE_KEY' ? 'this key stands twice in the same place' : message.replace(/ at line \d+, column \d+:?[\s\S]*$/, ''))
const helpFor = (code: string): { help?: string } => {
  if (code === 'DUPLICATE_KEY') return { help: 'Keep one of the two; only the last would count.' }
  if (code === 'BAD_INDENT' || code === 'MULTILINE_IMPLICIT_KEY') return { help: 'Check the indentation: spaces only, items of one list in one column.' }
  if (code === 'TAB_AS_INDENT') return { help: 'YAML is indented with spaces, not tabs.' }
  return {}
}

/** `spec.containers[0].image` → the line of that node, or of its nearest ancestor that stands in the text. */
export function locate(document: Document, lines: LineCounter, path: string, fallback: number): { line: number; column?: number } {
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
