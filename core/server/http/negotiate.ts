/**
 * Which form an answer takes (upstream: apiserver/pkg/endpoints/handlers/negotiation). JSON and YAML; as the object
 * itself, a Table, or its metadata alone. Parsed headers are kept: clients send a handful of different ones.
 */
import { ApiError } from '../../api/status.ts'

export interface Accepted {
  readonly format: 'json' | 'yaml'
  readonly as: 'object' | 'table' | 'metadata'
  /** Of meta.k8s.io, for tables and metadata. */
  readonly version: 'v1' | 'v1beta1'
}

interface Clause {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

const plain: Accepted = { format: 'json', as: 'object', version: 'v1' }
const kept = 200

export class Negotiator {
  readonly #known = new Map<string, Accepted>()

  accept(header: string | undefined): Accepted {
    if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return plain
    const known = this.#known.get(header)
    if (known !== undefined) return known
    const accepted = parseAccept(header)
    if (this.#known.size >= kept) this.#known.clear()
    this.#known.set(header, accepted)
    return accepted
  }
}

export function clauses(header: string): Clause[] {
  return header
    .split(',')
    .map((part) => {
      const [type = '', ...rest] = part.split(';').map((s) => s.trim())
      const parameters = new Map<string, string>()
      for (const parameter of rest) {
        const at = parameter.indexOf('=')
        if (at > 0) parameters.set(parameter.slice(0, at).toLowerCase(), parameter.slice(at + 1).replace(/^"(.*)"$/, '$1'))
      }
      const quality = Number(parameters.get('q') ?? 1)
      return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 1 }
    })
    .sort((a, b) => b.quality - a.quality)
}

function parseAccept(header: string): Accepted {
  for (const clause of clauses(header)) {
    const format = formatOf(clause.type)
    if (format === undefined || clause.quality === 0) continue
    const as = clause.parameters.get('as')
    if (as === undefined || as === '') return { ...plain, format }
    const version = clause.parameters.get('v')
    if (clause.parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue
    if (as === 'Table') return { format, as: 'table', version }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { format, as: 'metadata', version }
  }
  throw new ApiError('NotAcceptable', 'only the following media types are accepted: application/json, application/yaml')
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json'
  if (type === 'application/yaml') return 'yaml'
  return undefined
}
