/** Watches over HTTP: order, initial events, transitions, forms, ends, and readers that do not keep up. */
import assert from 'node:assert/strict'
import { connect } from 'node:http2'
import { after, before, test } from 'node:test'
import { openDoor, type Door } from './door.ts'

let door: Door
before(async () => {
  door = await openDoor()
})
after(() => door.close())

const path = (ns: string, name = '') => `/api/v1/namespaces/${ns}/configmaps${name === '' ? '' : `/${name}`}`
const put = async (ns: string, name: string, labels: Record<string, string> = {}, data = {}) => {
  const made = await door.request('POST', path(ns), { metadata: { name, labels }, data })
  assert.equal(made.status, 201, made.text)
  return made
}
const space = async (name: string) => {
  await door.request('POST', '/api/v1/namespaces', { metadata: { name } })
  return name
}
interface Event {
  type: string
  object: { kind: string; metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> }; code?: number; reason?: string; rows?: { cells: unknown[]; object: { kind: string } }[]; columnDefinitions?: unknown[] | null }
}
const events = (lines: string[]) => lines.map((line) => JSON.parse(line) as Event)

test('existing objects first, then every change in order', async () => {
  const ns = await space('order')
  await put(ns, 'a')
  const watching = door.lines(`${path(ns)}?watch=1`, (l) => l.length === 4)
  await put(ns, 'b')
  await door.request('PUT', path(ns, 'b'), { metadata: { name: 'b' }, data: { x: '1' } })
  await door.request('DELETE', path(ns, 'a'))
  const seen = events(await watching)
  assert.deepEqual(seen.map((e) => `${e.type} ${e.object.metadata.name}`), ['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED a'])
  const revisions = seen.map((e) => Number(e.object.metadata.resourceVersion))
  assert.deepEqual(revisions, [...revisions].sort((x, y) => x - y))
})

test('watch-list: initial events are closed by an annotated bookmark, then it goes on', async () => {
  const ns = await space('watchlist')
  await put(ns, 'a')
  await put(ns, 'b')
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const watching = door.lines(`${path(ns)}?${query}`, (l) => l.length === 4)
  await new Promise((resolve) => setImmediate(resolve))
  await put(ns, 'c')
  const seen = events(await watching)
  assert.deepEqual(seen.map((e) => e.type), ['ADDED', 'ADDED', 'BOOKMARK', 'ADDED'])
  assert.equal(seen[2]!.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true')
  assert.ok(Number(seen[2]!.object.metadata.resourceVersion) >= Number(seen[1]!.object.metadata.resourceVersion))
})

test('what leaves or enters a selection is deleted or added to its readers', async () => {
  const ns = await space('selected')
  await put(ns, 'a', { app: 'x' })
  const watching = door.lines(`${path(ns)}?watch=1&labelSelector=app%3Dx`, (l) => l.length === 3)
  await new Promise((resolve) => setImmediate(resolve))
  await door.request('PUT', path(ns, 'a'), { metadata: { name: 'a', labels: { app: 'y' } } })
  await door.request('PUT', path(ns, 'a'), { metadata: { name: 'a', labels: { app: 'x' } } })
  assert.deepEqual(events(await watching).map((e) => e.type), ['ADDED', 'DELETED', 'ADDED'])
})

test('from a revision on, only what came after', async () => {
  const ns = await space('after')
  const first = await put(ns, 'a')
  const from = String((first.json.metadata as { resourceVersion: string }).resourceVersion)
  await put(ns, 'b')
  const seen = events(await door.lines(`${path(ns)}?watch=1&resourceVersion=${from}`, (l) => l.length === 1))
  assert.equal(seen[0]!.object.metadata.name, 'b')
})

test('timeoutSeconds ends a watch cleanly, with a bookmark for those who want one', async () => {
  const ns = await space('timeout')
  const seen = events(await door.lines(`${path(ns)}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`, () => false))
  assert.deepEqual(seen.map((e) => e.type), ['BOOKMARK'])
})

test('as a Table: columns once, one row an event', async () => {
  const ns = await space('table')
  await put(ns, 'a', {}, { k: 'v' })
  await put(ns, 'b')
  const lines = await door.lines(`${path(ns)}?watch=1`, (l) => l.length === 2, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })
  const [first, second] = events(lines)
  assert.equal(first!.object.kind, 'Table')
  assert.ok(Array.isArray(first!.object.columnDefinitions))
  assert.equal(second!.object.columnDefinitions, null)
  assert.deepEqual(first!.object.rows![0]!.cells.slice(0, 2), ['a', 1])
  assert.equal(first!.object.rows![0]!.object.kind, 'PartialObjectMetadata')
})

test('as metadata only', async () => {
  const ns = await space('meta')
  await put(ns, 'a', {}, { k: 'v' })
  const lines = await door.lines(`${path(ns)}?watch=1`, (l) => l.length === 1, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' })
  const [event] = events(lines)
  assert.equal(event!.object.kind, 'PartialObjectMetadata')
  assert.equal('data' in event!.object, false)
})

test('the legacy path /watch/ and a single name', async () => {
  const ns = await space('legacy')
  await put(ns, 'a')
  await put(ns, 'b')
  assert.equal(events(await door.lines(`/api/v1/watch/namespaces/${ns}/configmaps`, (l) => l.length === 2)).length, 2)
  const one = events(await door.lines(`/api/v1/watch/namespaces/${ns}/configmaps/b`, (l) => l.length === 1))
  assert.equal(one[0]!.object.metadata.name, 'b')
})

test('a reader that does not read is cut off, and nobody else notices', async () => {
  const ns = await space('slow')
  // Its own connection: unread data holds the window of all streams of a connection.
  const { caPem, admin } = door.authority
  const session = connect(door.server.url, { ca: caPem, cert: admin.certificatePem, key: admin.keyPem })
  session.on('error', () => {})
  const slow = session.request({ ':path': `${path(ns)}?watch=1` }, { endStream: true })
  slow.on('error', () => {})
  const cut = new Promise((resolve) => slow.on('close', resolve))
  await new Promise((resolve) => slow.on('response', resolve))
  const data = { big: 'x'.repeat(900_000) }
  const quick = door.lines(`${path(ns)}?watch=1`, (l) => l.length === 60)
  for (let i = 0; i < 60; i++) await put(ns, `big-${i}`, {}, data)
  assert.equal((await quick).length, 60)
  await cut
  session.destroy()
})

test('a hundred watches with many objects on one connection all arrive whole', async () => {
  const ns = await space('many')
  for (let i = 0; i < 100; i++) await put(ns, `o-${i}`, {}, { a: 'x'.repeat(2000) })
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  const all = await Promise.all(Array.from({ length: 100 }, () => door.lines(`${path(ns)}?${query}`, (l) => l.length === 101)))
  for (const lines of all) assert.equal(lines.length, 101)
})
