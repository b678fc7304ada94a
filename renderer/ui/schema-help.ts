/** What a schema knows about a place in a YAML text: the fields that fit, their documentation, values to choose from. Pure. */
import type { SchemaModel } from '../../electron/contract.ts'

type Model = SchemaModel['models'][string]
export type Field = Model['fields'][string]

const headFields: Record<string, Field> = {
  apiVersion: { type: 'string', doc: 'Group and version of the kind, for instance apps/v1.' },
  kind: { type: 'string', doc: 'What this object is, for instance Deployment.' },
}

/** The model that the field path leads to; undefined where the path leaves the schema (maps of free names, unknown fields). */
export function modelAt(schema: SchemaModel, path: readonly string[]): Model | undefined {
  let model = schema.models[schema.root]
  let free = false
  for (const name of path) {
    if (free) { free = false; continue }
    const field: Field | undefined = model?.fields[name]
    if (!field || field.of === undefined) return undefined
    model = schema.models[field.of]
    free = field.map === true
  }
  return model
}

export const fieldOf = (schema: SchemaModel, path: readonly string[], name: string): Field | undefined =>
  modelAt(schema, path)?.fields[name] ?? (path.length === 0 ? headFields[name] : undefined)

export const typeWords = (field: Field): string => {
  const one = field.of ?? field.type
  return field.list ? `list of ${one}` : field.map ? `map of ${one}` : one
}

export interface Completion { label: string; detail: string; info: string; insert: string; required: boolean }

const firstSentence = (doc: string): string => /^[\s\S]*?[.](?=\s|$)/.exec(doc)?.[0] ?? doc

/** Fields that can stand here and do not yet; required ones first. */
export function keyCompletions(schema: SchemaModel, path: readonly string[], siblings: readonly string[]): Completion[] {
  const model = modelAt(schema, path)
  if (!model) return []
  const there = new Set(siblings)
  const fields = path.length === 0 ? { ...headFields, ...model.fields } : model.fields
  return Object.entries(fields)
    .filter(([name]) => !there.has(name) && !(path.length === 0 && name === 'status'))
    .map(([name, field]) => ({
      label: name,
      detail: `${typeWords(field)}${model.required.includes(name) ? ', required' : ''}`,
      info: firstSentence(field.doc),
      insert: `${name}:${field.of !== undefined || field.list || field.map ? '' : ' '}`,
      required: model.required.includes(name),
    }))
    .toSorted((a, b) => Number(b.required) - Number(a.required) || a.label.localeCompare(b.label))
}

export function valueCompletions(schema: SchemaModel, path: readonly string[], key: string): Completion[] {
  const field = fieldOf(schema, path, key)
  if (!field) return []
  const values = field.enum ?? (field.type === 'boolean' ? ['true', 'false'] : [])
  return values.map((value) => ({ label: value, detail: '', info: '', insert: value, required: false }))
}
