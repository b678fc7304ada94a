/**
 * Swagger v2 as a gnostic `openapi.v2.Document` in protobuf: kubectl, Helm and Argo CD ask for v2 in this form only.
 * Field numbers: github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto.
 */
import { ProtobufWriter } from './protobuf-writer.ts'
import type { Json } from './schema.ts'

export function gnosticV2(document: Json): Uint8Array {
  const writer = new ProtobufWriter()
  const info = document['info'] as { title: string; version: string }
  writer.string(1, document['swagger'] as string)
  writer.message(2, (w) => w.string(1, info.title).string(2, info.version))
  writer.message(8, (paths) => named(paths, 2, document['paths'] as Record<string, Json>, pathItem))
  writer.message(9, (definitions) => named(definitions, 1, document['definitions'] as Record<string, Json>, schema))
  for (const requirement of document['security'] as Record<string, string[]>[]) {
    writer.message(12, (w) => named(w, 1, requirement, (inner, scopes) => inner.strings(1, scopes)))
  }
  writer.message(13, (definitions) =>
    named(definitions, 1, document['securityDefinitions'] as Record<string, Record<string, string>>, (item, key) =>
      item.message(2, (w) => w.string(1, key['type']).string(2, key['name']).string(3, key['in']).string(4, key['description'])),
    ),
  )
  return writer.finish()
}

/** NamedX { name, value }, repeated. */
function named<T>(writer: ProtobufWriter, tag: number, entries: Readonly<Record<string, T>>, write: (inner: ProtobufWriter, value: T) => unknown): void {
  for (const [name, value] of Object.entries(entries)) writer.message(tag, (w) => w.string(1, name).message(2, (inner) => write(inner, value)))
}

const methods = [['get', 2], ['put', 3], ['post', 4], ['delete', 5], ['patch', 8]] as const

function pathItem(writer: ProtobufWriter, item: Json): void {
  for (const [method, tag] of methods) if (item[method] !== undefined) writer.message(tag, (w) => operation(w, item[method] as Json))
  for (const parameter of item['parameters'] as Json[]) writer.message(9, (w) => w.message(1, (inner) => parameterOf(inner, parameter)))
}

function operation(writer: ProtobufWriter, value: Json): void {
  writer.strings(1, value['tags'] as string[]).string(3, value['description'] as string).string(5, value['operationId'] as string)
  writer.strings(6, value['produces'] as string[]).strings(7, value['consumes'] as string[])
  for (const parameter of value['parameters'] as Json[]) writer.message(8, (w) => w.message(1, (inner) => parameterOf(inner, parameter)))
  writer.message(9, (responses) =>
    named(responses, 1, value['responses'] as Record<string, Json>, (item, response) =>
      item.message(1, (w) => {
        w.string(1, response['description'] as string)
        if (response['schema'] !== undefined) w.message(2, (s) => s.message(1, (inner) => schema(inner, response['schema'] as Json)))
      }),
    ),
  )
  writer.strings(10, value['schemes'] as string[])
  extensions(writer, 13, value)
}

/** BodyParameter, or a query or path parameter. */
function parameterOf(writer: ProtobufWriter, value: Json): void {
  const [name, place, about, required] = [value['name'] as string, value['in'] as string, value['description'] as string | undefined, value['required'] as boolean | undefined]
  if (place === 'body') {
    writer.message(1, (w) => w.string(1, about).string(2, name).string(3, place).boolean(4, required).message(5, (inner) => schema(inner, value['schema'] as Json)))
    return
  }
  const type = value['type'] as string
  const unique = value['uniqueItems'] as boolean | undefined
  writer.message(2, (w) =>
    place === 'query'
      ? w.message(3, (q) => q.boolean(1, required).string(2, place).string(3, about).string(4, name).string(6, type).boolean(20, unique))
      : w.message(4, (p) => p.boolean(1, required).string(2, place).string(3, about).string(4, name).string(5, type).boolean(19, unique)),
  )
}

function schema(writer: ProtobufWriter, value: Json): void {
  writer.string(1, value['$ref'] as string | undefined).string(2, value['format'] as string | undefined).string(4, value['description'] as string | undefined)
  writer.strings(19, value['required'] as string[] | undefined)
  for (const choice of (value['enum'] as string[] | undefined) ?? []) writer.message(20, (w) => w.string(2, JSON.stringify(choice)))
  if (value['additionalProperties'] !== undefined) writer.message(21, (w) => w.message(1, (inner) => schema(inner, value['additionalProperties'] as Json)))
  if (value['type'] !== undefined) writer.message(22, (w) => w.string(1, value['type'] as string))
  if (value['items'] !== undefined) writer.message(23, (w) => w.message(1, (inner) => schema(inner, value['items'] as Json)))
  if (value['properties'] !== undefined) writer.message(25, (w) => named(w, 1, value['properties'] as Record<string, Json>, schema))
  extensions(writer, 31, value)
}

/** NamedAny { name, value: Any { yaml } }: JSON is YAML. */
function extensions(writer: ProtobufWriter, tag: number, value: Json): void {
  for (const [key, extension] of Object.entries(value)) {
    if (key.startsWith('x-')) writer.message(tag, (w) => w.string(1, key).message(2, (any) => any.string(2, JSON.stringify(extension))))
  }
}
