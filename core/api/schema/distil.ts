/**
 * Distils the structure of the Kubernetes API into `facts.json`, and TypeScript types into `../types/*.ts`.
 *
 *   node core/api/schema/distil.ts --kubeconfig FILE --api DIR --apimachinery DIR
 *
 * Models, list topology, merge keys, defaults and enums come from a running server's /openapi/v3; what JSON schemas
 * cannot say (Go type names that error messages quote, pointers, omitempty, protobuf numbers) comes from the struct tags
 * in the Go modules k8s.io/api and k8s.io/apimachinery of the same release. No prose is taken. A developer's tool: no
 * part of the product imports it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { kindNames } from '../kind-names.ts'
import type { FactsFile, FieldFacts, ModelFacts } from './facts.ts'
import { typeFiles } from './generate-types.ts'

type Schema = {
  type?: string
  format?: string
  enum?: string[]
  default?: unknown
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  $ref?: string
  [extension: `x-kubernetes-${string}`]: unknown
}
type Operation = { parameters?: Parameter[]; 'x-kubernetes-action'?: string; 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string } }
type Parameter = { name: string; in: string; schema: { type: string } }
type Document = { components: { schemas: Record<string, Schema> }; paths: Record<string, Record<string, unknown>> }

const groupVersions = [
  'api/v1', 'apis/apps/v1', 'apis/discovery.k8s.io/v1', 'apis/coordination.k8s.io/v1', 'apis/events.k8s.io/v1',
  'apis/authentication.k8s.io/v1', 'apis/authorization.k8s.io/v1', 'apis/autoscaling/v1', 'apis/autoscaling/v2', 'apis/policy/v1',
  'apis/batch/v1', 'apis/storage.k8s.io/v1', 'apis/scheduling.k8s.io/v1', 'apis/node.k8s.io/v1', 'apis/networking.k8s.io/v1', 'apis/resource.k8s.io/v1',
]
const rootDocuments = ['api', 'apis', 'apis/apps', 'version']
const furtherKinds = ['Scale', 'Eviction', 'Binding', 'TokenRequest', 'Status', 'WatchEvent', 'DeleteOptions', 'APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions']
/** Query parameters are recorded for these operations; the same hold for every kind. */
const plainResource = '/api/v1/namespaces/{namespace}/configmaps'
const podSubresources = ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'status']

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' }, api: { type: 'string' }, apimachinery: { type: 'string' } } })
if (!options.kubeconfig || !options.api || !options.apimachinery) throw new Error('usage: distil.ts --kubeconfig FILE --api DIR --apimachinery DIR')
const here = new URL('.', import.meta.url)

const config = parse(readFileSync(options.kubeconfig, 'utf8')) as {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }]
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }]
}
const decode64 = (text: string) => Buffer.from(text, 'base64')

function get<T>(path: string): Promise<T> {
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  return new Promise((resolve, reject) => {
    const sent = request(`${cluster.server}/${path}`, {
      ca: decode64(cluster['certificate-authority-data']),
      cert: decode64(user['client-certificate-data']),
      key: decode64(user['client-key-data']),
      headers: { accept: 'application/json' },
    }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as T))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Go struct fields by JSON name, embedded structs spread in place. */
type GoField = { via?: string; type: string; omitEmpty: boolean; omitZero: boolean; tag: number | undefined }
const goFiles = new Map<string, string>()
function goSource(dir: string): string {
  let text = goFiles.get(dir)
  if (text === undefined) {
    text = readFileSync(`${dir}/types.go`, 'utf8')
    if (dir.endsWith('meta/v1')) text += readFileSync(`${dir}/watch.go`, 'utf8')
    goFiles.set(dir, text)
  }
  return text
}
function goDirectory(model: string): string | undefined {
  const api = /^io\.k8s\.api\.([^.]+)\.([^.]+)\./.exec(model)
  if (api) return `${options.api}/${api[1]}/${api[2]}`
  if (model.startsWith('io.k8s.apimachinery.pkg.apis.meta.v1.')) return `${options.apimachinery}/pkg/apis/meta/v1`
  return undefined
}
function goStruct(dir: string, name: string): Map<string, GoField> {
  const fields = new Map<string, GoField>()
  const body = new RegExp(`^type ${name} struct \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(goSource(dir))?.[1] ?? ''
  for (const line of body.split('\n')) {
    const match = /^\t(?:(\w+)\s+)?([^\s`/]+)\s+`([^`]*)`/.exec(line)
    if (!match) continue
    const [, , type, tags] = match
    const [jsonName, ...flags] = (/json:"([^"]*)"/.exec(tags!)?.[1] ?? '').split(',')
    if (jsonName === '' && flags.includes('inline')) {
      const local = type!.replace(/^\*/, '')
      if (local.endsWith('TypeMeta')) {
        fields.set('kind', { type: 'string', omitEmpty: true, omitZero: false, tag: undefined })
        fields.set('apiVersion', { type: 'string', omitEmpty: true, omitZero: false, tag: undefined })
      } else for (const [key, field] of goStruct(dir, local)) fields.set(key, { ...field, via: field.via === undefined ? local : `${local}.${field.via}` })
      continue
    }
    if (!jsonName || jsonName === '-') continue
    const tag = /protobuf:"\w+,(\d+)/.exec(tags!)?.[1]
    fields.set(jsonName, { type: qualified(type!, /\/(v\d\w*)$/.exec(dir)?.[1] ?? 'v1'), omitEmpty: flags.includes('omitempty'), omitZero: flags.includes('omitzero'), tag: tag === undefined ? undefined : Number(tag) })
  }
  return fields
}
/** Go prints the last part of the package path: the API version, but for the few that come qualified. */
const qualified = (type: string, version: string) => type.replace(/\b(?:meta|core)v1\./g, 'v1.').replace(/(^|[\]*])([A-Z]\w*)/g, `$1${version}.$2`).replace(/\bv\d\w*\.v1\./g, 'v1.')

const scalars: Record<string, string> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'int-or-string',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'micro-time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': 'any',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
}
const refName = (ref: string) => ref.slice('#/components/schemas/'.length)

function typeOf(schema: Schema): string {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (ref !== undefined) return scalars[refName(ref)] ?? `#${refName(ref)}`
  if (schema.type === 'array') return `[]${typeOf(schema.items ?? {})}`
  if (schema.type === 'object') return schema.additionalProperties ? `{}${typeOf(schema.additionalProperties)}` : 'any'
  if (schema.type === 'integer') return schema.format === 'int64' ? 'int64' : 'int32'
  if (schema.type === 'number') return 'double'
  if (schema.type === 'string') return schema.format === 'byte' ? 'bytes' : 'string'
  return schema.type ?? 'any'
}
const plainGo: Record<string, string> = { string: 'string', boolean: 'bool', int32: 'int32', int64: 'int64', '[]string': '[]string', '{}string': 'map[string]string' }

function fieldFacts(name: string, schema: Schema, owner: Schema, go: GoField | undefined): FieldFacts {
  const type = typeOf(schema)
  const facts: FieldFacts = { type }
  const goType = go?.type
  if (goType !== undefined && goType !== plainGo[type]) facts.go = goType
  if (go?.tag !== undefined) facts.tag = go.tag
  if (go?.via !== undefined) facts.via = go.via
  if (owner.required?.includes(name)) facts.required = true
  if (go && !go.omitEmpty && !go.omitZero) facts.keepsZero = true
  if (go?.omitZero) facts.omitZero = true
  // An empty default says something only where an empty value could be left out.
  if (schema.default !== undefined && typeof schema.default !== 'object' && (schema.default !== '' || go?.omitEmpty)) facts.default = schema.default
  const choices = schema.enum ?? schema.items?.enum
  if (choices) facts.enum = [...choices].sort()
  const ext = <T>(key: string) => schema[`x-kubernetes-${key}`] as T | undefined
  const set = <K extends keyof FieldFacts>(key: K, value: FieldFacts[K] | undefined) => { if (value !== undefined) facts[key] = value }
  set('listType', ext('list-type'))
  set('listKeys', ext('list-map-keys'))
  set('mapType', ext('map-type'))
  set('mergeKey', ext('patch-merge-key'))
  set('strategy', ext('patch-strategy'))
  return facts
}

function referenced(type: string): string | undefined {
  const at = type.indexOf('#')
  return at < 0 ? undefined : type.slice(at + 1)
}

const index = await get<{ paths: Record<string, { serverRelativeURL: string }> }>('openapi/v3')
const version = await get<{ gitVersion: string }>('version')
const documents: Document[] = []
for (const path of [...groupVersions, ...rootDocuments]) documents.push(await get<Document>(index.paths[path]!.serverRelativeURL.slice(1)))

const schemas: Record<string, Schema> = Object.assign({}, ...documents.map((document) => document.components?.schemas ?? {}))
const wanted = new Set<string>([...kindNames, ...kindNames.map((kind) => `${kind}List`), ...furtherKinds])
const queue = Object.keys(schemas).filter((name) => wanted.has(name.slice(name.lastIndexOf('.') + 1)))
const models: Record<string, ModelFacts> = {}
for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
  if (name in models || name in scalars) continue
  const schema = schemas[name]
  if (!schema) throw new Error(`no schema for ${name}`)
  const dir = goDirectory(name)
  const go = dir === undefined ? new Map<string, GoField>() : goStruct(dir, name.slice(name.lastIndexOf('.') + 1))
  const model: ModelFacts = { fields: {} }
  const gvks = schema['x-kubernetes-group-version-kind'] as { group: string; version: string; kind: string }[] | undefined
  // Options stand in every group; the one fact that matters is the core one.
  if (gvks) model.gvk = gvks.filter((gvk) => gvks.length === 1 || gvk.group === '').map((gvk) => [gvk.group, gvk.version, gvk.kind])
  if (schema['x-kubernetes-map-type']) model.mapType = schema['x-kubernetes-map-type'] as string
  if (schema['x-kubernetes-unions']) model.unions = schema['x-kubernetes-unions']
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const facts = fieldFacts(field, property, schema, go.get(field))
    model.fields[field] = facts
    const next = referenced(facts.type)
    if (next !== undefined) queue.push(next)
  }
  models[name] = model
}

const parameters: FactsFile['parameters'] = {}
const core = documents[0]!
function record(path: string, methods: Record<string, string>) {
  const common = (core.paths[path]?.['parameters'] ?? []) as Parameter[]
  for (const [method, label] of Object.entries(methods)) {
    const operation = core.paths[path]?.[method] as Operation | undefined
    if (!operation) continue
    const all = [...(operation.parameters ?? []), ...common].filter((parameter) => parameter.in === 'query')
    parameters[label] = Object.fromEntries(all.map((parameter) => [parameter.name, parameter.schema.type]).sort())
  }
}
record(plainResource, { get: 'list', post: 'create', delete: 'deletecollection' })
record(`${plainResource}/{name}`, { get: 'get', put: 'update', patch: 'patch', delete: 'delete' })
for (const sub of podSubresources) record(`/api/v1/namespaces/{namespace}/pods/{name}/${sub}`, { get: `pods/${sub} get`, post: `pods/${sub} create` })

const line = (value: unknown) => JSON.stringify(value)
const entries = (object: Record<string, unknown>) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `    ${line(key)}: ${line(value)}`).join(',\n')
writeFileSync(new URL('facts.json', here), `{\n  "version": ${line(version.gitVersion)},\n  "models": {\n${entries(models)}\n  },\n  "parameters": {\n${entries(parameters)}\n  }\n}\n`)
for (const [file, text] of typeFiles(models)) writeFileSync(new URL(`../types/${file}`, here), text)
