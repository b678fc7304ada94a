/**
 * Objects as the rows people see in `kubectl get` (upstream: meta.k8s.io Table; apiserver/pkg/endpoints/handlers/response.go).
 * Cells come from the kind's own columns; ages are told at the moment of asking.
 */
import type { AnyObject, Column } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import type { Face } from '../registry/registry.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[]
  readonly object?: unknown
}

export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: string
  readonly metadata: Record<string, unknown>
  readonly columnDefinitions: readonly unknown[] | null
  readonly rows: readonly TableRow[]
}

export function includeObjectOf(value: string | null): IncludeObject {
  if (value === null || value === '' || value === 'Metadata') return 'Metadata'
  if (value === 'None' || value === 'Object') return value
  throw new ApiError('BadRequest', `unrecognized includeObject value: ${JSON.stringify(value)}`)
}

export class TablePrinter {
  readonly #columns: readonly Column<AnyObject>[]
  readonly #face: Face

  constructor(face: Face) {
    this.#face = face
    const { definition } = face
    const other = face.fromWire === undefined ? undefined : definition.alsoServedAs?.find((f) => f.group === face.group && f.version === face.version)
    this.#columns = other?.columns ?? definition.columns
  }

  definitions(): unknown[] {
    return this.#columns.map((c) => ({ name: c.name, type: c.type, format: c.format ?? '', description: c.description ?? '', priority: c.priority ?? 0 }))
  }

  row(object: KubeObject, include: IncludeObject, version: string, now: number): TableRow {
    const stored = this.#face.fromWire?.(object) ?? object
    const cells = this.#columns.map((c) => c.cell(stored, now))
    if (include === 'None') return { cells }
    return { cells, object: include === 'Object' ? object : partialObject(object, version) }
  }

  table(objects: readonly KubeObject[], metadata: Record<string, unknown>, include: IncludeObject, version: string, now: number, headers = true): Table {
    return {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${version}`,
      metadata,
      columnDefinitions: headers ? this.definitions() : null,
      rows: objects.map((o) => this.row(o, include, version, now)),
    }
  }
}

/** An object's metadata alone (upstream: PartialObjectMetadata). */
export const partialObject = (object: KubeObject, version: string) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: object.metadata,
})
