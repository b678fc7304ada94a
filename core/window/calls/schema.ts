/** Structure and words of a kind for the editor: one model and all it reaches, from the facts and the field documentation. */
import type { SchemaModel } from '../../../electron/contract.ts'
import { ApiError } from '../../api/status.ts'
import type { Docs } from '../../api/schema/docs.ts'
import type { FieldType, SchemaFacts } from '../../api/schema/facts.ts'
import type { Registry } from '../../server/registry/registry.ts'

/** `list`/`map` wrap what `of` or `type` names. */
function shapeOf(type: FieldType): { type: string; of?: string; list?: boolean; map?: boolean } {
  switch (type.is) {
    case 'scalar':
      return { type: type.scalar }
    case 'model':
      return { type: 'object', of: type.model.name }
    case 'list':
      return { ...shapeOf(type.items), list: true }
    case 'map':
      return { ...shapeOf(type.values), map: true }
  }
}

export function schemaModel(registry: Registry, facts: SchemaFacts, docs: Docs, apiVersion: string, kind: string): SchemaModel {
  const face = registry.faces.find((one) => one.definition.kind === kind && (one.group === '' ? one.version : `${one.group}/${one.version}`) === apiVersion)
  if (!face) throw new ApiError('NotFound', `this cluster does not serve ${kind} in ${apiVersion}`)
  const models: SchemaModel['models'] = {}
  const visit = (name: string) => {
    if (models[name]) return
    const model = facts.model(name)
    const words = docs[name]
    const fields: SchemaModel['models'][string]['fields'] = {}
    models[name] = { doc: words?.about ?? '', required: [...model.fields.values()].filter((field) => field.required).map((field) => field.name), fields }
    for (const field of model.fields.values()) {
      const shape = shapeOf(field.type)
      fields[field.name] = { ...shape, doc: words?.fields[field.name] ?? '', ...(field.enum === undefined ? {} : { enum: [...field.enum] }) }
      if (shape.of !== undefined) visit(shape.of)
    }
  }
  visit(face.schema)
  return { root: face.schema, models }
}
