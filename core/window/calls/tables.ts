/** The Objects view: the server's own columns and cells of a kind, and the kinds there are. */
import type { KindInfo, Table } from '../../../electron/contract.ts'
import { apiVersionOf, type Verb } from '../../api/kind.ts'
import { refOf } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import { isObject } from '../../base/json.ts'
import type { Registry } from '../../server/registry/registry.ts'
import { TablePrinter } from '../../server/table/table.ts'

const everyVerb: readonly Verb[] = ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection']

export async function table(registry: Registry, q: { kind: string; namespace?: string; labelSelector?: string }, now: number): Promise<Table> {
  const face = registry.faces.find((one) => one.definition.kind === q.kind && one.fromWire === undefined)
  if (!face) throw new ApiError('NotFound', `this cluster does not serve the kind ${q.kind}`)
  const { items, revision } = await registry.list(face, { ...(q.namespace === undefined ? {} : { namespace: q.namespace }), ...(q.labelSelector === undefined ? {} : { labelSelector: q.labelSelector }) })
  const printer = new TablePrinter(face)
  const columns = printer.definitions().map((column) => {
    const { name, type, priority, description } = isObject(column) ? column : {}
    return { name: String(name), type: String(type), priority: Number(priority ?? 0), description: String(description ?? '') }
  })
  return { columns, rows: items.map(({ object }) => ({ ref: refOf(object), cells: [...printer.row(object, 'None', 'v1', now).cells] })), revision }
}

export const kinds = (registry: Registry): KindInfo[] =>
  registry.faces
    .filter((face) => face.fromWire === undefined && (face.definition.verbs ?? everyVerb).includes('list'))
    .map(({ definition }) => ({
      kind: definition.kind,
      apiVersion: apiVersionOf(definition),
      plural: definition.plural,
      shortNames: [...definition.shortNames],
      namespaced: definition.scope === 'Namespaced',
      verbs: [...(definition.verbs ?? everyVerb)],
    }))
