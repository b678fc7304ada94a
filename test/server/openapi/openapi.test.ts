import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { kindList } from '../../../core/api/kinds.ts'
import { noDocs } from '../../../core/api/schema/docs.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { openApi } from '../../../core/server/openapi/openapi.ts'
import type { Served } from '../../../core/server/openapi/operations.ts'

type Json = Record<string, unknown>
const golden = JSON.parse(readFileSync(new URL('../../golden/api/openapi.json', import.meta.url), 'utf8')) as { models: Json; operations: Record<string, Json> }

const faces: Served[] = kindList.flatMap((definition) => [definition, ...(definition.alsoServedAs ?? [])].map(({ group, version, schema }) => ({ definition, group, version, schema })))
const documents = openApi(faces, kubernetesFacts, noDocs)
const core = JSON.parse(documents.v3('api/v1')!.json) as { components: { schemas: Record<string, Json> }; paths: Record<string, Json> }
const apps = JSON.parse(documents.v3('apis/apps/v1')!.json) as typeof core

const schemas: Record<string, Json> = { ...core.components.schemas, ...apps.components.schemas }
for (const [name, model] of Object.entries(golden.models)) {
  test(`${name} has the real server's schema`, () => assert.deepEqual(schemas[name], model))
}

const names = (parameters: unknown) => ((parameters ?? []) as { name: string }[]).map(({ name }) => name)
for (const [what, operation] of Object.entries(golden.operations)) {
  test(`${what} as the real server describes it`, () => {
    const [method = '', path = ''] = what.split(' ')
    const ours = core.paths[path]?.[method] as Json | undefined
    assert.ok(ours)
    assert.deepEqual(
      {
        id: ours['operationId'],
        action: ours['x-kubernetes-action'],
        gvk: ours['x-kubernetes-group-version-kind'],
        parameters: [...names(ours['parameters']), ...names(core.paths[path]?.['parameters'])].sort(),
        codes: Object.keys(ours['responses'] as Json),
      },
      operation,
    )
  })
}

test('every reference leads somewhere, in every document', () => {
  for (const json of [...documents.groupVersions.map((gv) => documents.v3(gv)!.json), documents.v2().json]) {
    const document = JSON.parse(json) as { definitions?: Json; components?: { schemas: Json } }
    const known = new Set(Object.keys(document.definitions ?? document.components!.schemas))
    for (const match of json.matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)) assert.ok(known.has(match[1] ?? ''), match[0])
  }
})

test('both groups of events are published, and hashes tell documents apart', () => {
  assert.ok(documents.groupVersions.includes('apis/events.k8s.io/v1'))
  const hashes = documents.groupVersions.map((gv) => documents.v3(gv)!.hash)
  assert.equal(new Set(hashes).size, hashes.length)
  assert.equal(documents.v3('apis/none/v1'), undefined)
  assert.equal(documents.v3('api/v1'), documents.v3('api/v1'))
})

/** Just enough of a protobuf reader to look at the gnostic document. */
function fieldsOf(bytes: Uint8Array): [number, Uint8Array | number][] {
  const found: [number, Uint8Array | number][] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    if ((key & 7) === 0) found.push([key >> 3, varint()])
    else {
      const length = varint()
      found.push([key >> 3, bytes.subarray(at, (at += length))])
    }
  }
  return found
}
const inside = (bytes: Uint8Array, tag: number) => fieldsOf(bytes).filter(([t]) => t === tag).map(([, value]) => value as Uint8Array)
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array()).toString('utf8')
const namedIn = (bytes: Uint8Array, tag: number) => new Map(inside(bytes, tag).map((entry) => [text(inside(entry, 1)[0]), inside(entry, 2)[0]!]))

test('the gnostic document holds what the JSON one holds', () => {
  const json = JSON.parse(documents.v2().json) as { paths: Json; definitions: Record<string, { properties?: Json }> }
  const document = documents.v2Protobuf()
  assert.equal(text(inside(document, 1)[0]), '2.0')
  const paths = namedIn(inside(document, 8)[0]!, 2)
  const definitions = namedIn(inside(document, 9)[0]!, 1)
  assert.deepEqual([...paths.keys()].sort(), Object.keys(json.paths).sort())
  assert.deepEqual([...definitions.keys()].sort(), Object.keys(json.definitions).sort())
  const deployment = definitions.get('io.k8s.api.apps.v1.DeploymentSpec')!
  assert.deepEqual([...namedIn(inside(deployment, 25)[0]!, 1).keys()].sort(), Object.keys(json.definitions['io.k8s.api.apps.v1.DeploymentSpec']!.properties!).sort())
  // kubectl looks for a query parameter of PATCH to learn whether the server validates fields.
  const patch = inside(paths.get('/api/v1/namespaces/{namespace}/configmaps/{name}')!, 8)[0]!
  const parameters = inside(patch, 8).flatMap((item) => inside(item, 1)).flatMap((parameter) => inside(parameter, 2)).flatMap((parameter) => inside(parameter, 3)).map((query) => text(inside(query, 4)[0]))
  assert.ok(parameters.includes('fieldValidation') && parameters.includes('dryRun'))
})
