/** The forms of an answer, and the forms of a body. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { openDoor, type Door } from './door.ts'

let door: Door
const configMaps = '/api/v1/namespaces/default/configmaps'
before(async () => {
  door = await openDoor()
  for (const name of ['a', 'b', 'c']) await door.request('POST', configMaps, { metadata: { name }, data: { k: name } })
})
after(() => door.close())

test('YAML in and out; keys that stand twice are told', async () => {
  const made = await door.request('POST', configMaps, 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: yy\ndata:\n  on: "yes"\n  a: "1"\n  a: "2"\n', { 'content-type': 'application/yaml', accept: 'application/yaml' })
  assert.equal(made.status, 201, made.text)
  assert.equal(made.headers['content-type'], 'application/yaml')
  assert.equal((parse(made.text) as { data: { a: string } }).data.a, '2')
  assert.match(String(made.headers['warning']), /^299 - "duplicate field \\"data\.a\\""$/)
})

test('a kind on its way out says so on reads as well', async () => {
  const { headers } = await door.request('GET', '/api/v1/namespaces/default/endpoints')
  assert.equal(String(headers['warning']), '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"')
  assert.equal((await door.request('GET', configMaps)).headers['warning'], undefined)
})

test('a Table with the kind\'s columns, and as much of the object as was asked for', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
  for (const [include, kind] of [['', 'PartialObjectMetadata'], ['?includeObject=Object', 'ConfigMap'], ['?includeObject=None', undefined]] as const) {
    const { json } = await door.request('GET', `${configMaps}${include}`, undefined, { accept })
    assert.equal(json['kind'], 'Table')
    assert.equal(json['apiVersion'], 'meta.k8s.io/v1')
    assert.deepEqual((json['columnDefinitions'] as { name: string }[]).map((c) => c.name), ['Name', 'Data', 'Age'])
    const row = (json['rows'] as { cells: unknown[]; object?: { kind: string } }[])[0]!
    assert.deepEqual(row.cells.slice(0, 2), ['a', 1])
    assert.equal(row.object?.kind, kind)
  }
})

test('metadata only, of one and of many', async () => {
  const one = await door.request('GET', `${configMaps}/a`, undefined, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' })
  assert.equal(one.json['kind'], 'PartialObjectMetadata')
  const many = await door.request('GET', configMaps, undefined, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' })
  assert.equal(many.json['kind'], 'PartialObjectMetadataList')
  assert.equal('data' in many.json.items![0]!, false)
})

test('pages', async () => {
  const first = await door.request('GET', `${configMaps}?limit=2`)
  assert.equal(first.json.items!.length, 2)
  assert.ok(Number(first.json.metadata!['remainingItemCount']) >= 1)
  const next = await door.request('GET', `${configMaps}?limit=2&continue=${encodeURIComponent(String(first.json.metadata!['continue']))}`)
  assert.equal((next.json.items![0]!['metadata'] as { name: string }).name, 'c')
  assert.equal(next.json.metadata!['resourceVersion'], first.json.metadata!['resourceVersion'])
})

test('protobuf is taken only as a body; clients that prefer it get JSON, those that insist a refusal', async () => {
  const both = await door.request('GET', configMaps, undefined, { accept: 'application/vnd.kubernetes.protobuf,application/json' })
  assert.equal(both.headers['content-type'], 'application/json')
  assert.equal((await door.request('GET', configMaps, undefined, { accept: 'application/vnd.kubernetes.protobuf' })).status, 406)
})

test('large answers are compressed for those who ask', async () => {
  for (let i = 0; i < 4; i++) await door.request('POST', configMaps, { metadata: { name: `large-${i}` }, data: { a: 'x'.repeat(50_000) } })
  const stream = door.session.request({ ':path': configMaps, 'accept-encoding': 'gzip' }, { endStream: true })
  const parts: Buffer[] = []
  const encoding = await new Promise((resolve) => {
    let seen: unknown
    stream.on('response', (h) => (seen = h['content-encoding']))
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => resolve(seen))
  })
  assert.equal(encoding, 'gzip')
  assert.ok((JSON.parse(gunzipSync(Buffer.concat(parts)).toString()) as { items: unknown[] }).items.length >= 4)
})

test('pretty for people, plain for programs', async () => {
  assert.equal((await door.request('GET', `${configMaps}/a`)).text.split('\n').length, 2)
  assert.ok((await door.request('GET', `${configMaps}/a?pretty=true`)).text.split('\n').length > 5)
  assert.ok((await door.request('GET', `${configMaps}/a`, undefined, { 'user-agent': 'curl/8' })).text.split('\n').length > 5)
})

test('discovery: legacy and aggregated, with an ETag', async () => {
  const legacy = await door.request('GET', '/apis')
  assert.equal(legacy.json['kind'], 'APIGroupList')
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
  for (const path of ['/api', '/apis']) {
    const whole = await door.request('GET', path, undefined, { accept })
    assert.equal(whole.headers['content-type'], 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    assert.equal(whole.json['kind'], 'APIGroupDiscoveryList')
    const again = await door.request('GET', path, undefined, { accept, 'if-none-match': String(whole.headers['etag']) })
    assert.equal(again.status, 304)
  }
  const pods = ((await door.request('GET', '/api/v1')).json['resources'] as { name: string }[]).map((r) => r.name).filter((n) => n.startsWith('pods'))
  assert.deepEqual(pods, ['pods', 'pods/attach', 'pods/binding', 'pods/ephemeralcontainers', 'pods/eviction', 'pods/exec', 'pods/log', 'pods/portforward', 'pods/proxy', 'pods/resize', 'pods/status'])
})

test('version, health, metrics, OpenAPI and the list of paths', async () => {
  const version = (await door.request('GET', '/version')).json
  assert.deepEqual([version['major'], version['minor']], ['1', '36'])
  assert.equal((await door.request('GET', '/readyz?verbose')).text, '[+]ping ok\nreadyz check passed\n')
  assert.match((await door.request('GET', '/metrics')).text, /process_resident_memory_bytes \d+/)
  const paths = (await door.request('GET', '/')).json['paths'] as string[]
  assert.ok(paths.includes('/apis/apps/v1') && paths.includes('/openapi/v2'))
  assert.equal((await door.request('GET', '/openapi/v3/api/v1?hash=ABC')).headers['cache-control'], 'public, immutable, max-age=31536000')
  const moved = await door.request('GET', '/openapi/v3/api/v1?hash=old')
  assert.deepEqual([moved.status, moved.headers['location']], [301, '/openapi/v3/api/v1?hash=ABC'])
  assert.equal((await door.request('GET', '/openapi/v3/apis/nothere/v1')).status, 404)
})
