/** Which backend a host and path lead to: particular before general, long before short, old before young. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownController } from '../../../core/api/ingress-door.ts'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Cache } from '../../../core/loop/cache.ts'
import { nothingLeads } from '../../../core/network/ingress/pages.ts'
import { certificateFor, find, hostOf, routesOf } from '../../../core/network/ingress/routes.ts'

type Path = [pathType: string, path: string, service: string]

const stored = (kind: string, name: string, rest: object, creationTimestamp = '2026-01-01T00:00:00Z'): KubeObject =>
  ({ apiVersion: 'networking.k8s.io/v1', kind, metadata: { name, ...(kind === 'Ingress' ? { namespace: 'default' } : {}), uid: `${kind}-${name}`, resourceVersion: '1', creationTimestamp }, ...rest }) as unknown as KubeObject
const ours = stored('IngressClass', 'orrery', { spec: { controller: ownController } })
const theirs = stored('IngressClass', 'nginx', { spec: { controller: 'k8s.io/ingress-nginx' } })
const backend = (name: string) => ({ service: { name, port: { number: 80 } } })
const rule = (host: string | undefined, ...paths: Path[]) => ({ ...(host === undefined ? {} : { host }), http: { paths: paths.map(([pathType, path, service]) => ({ pathType, path, backend: backend(service) })) } })

function tableOf(...objects: KubeObject[]) {
  const cache = new Cache()
  cache.replace([ours, theirs, ...objects], 1)
  return routesOf(cache)
}

const simple = (...rules: object[]) => tableOf(stored('Ingress', 'app', { spec: { ingressClassName: 'orrery', rules } }))
const leads = (table: ReturnType<typeof tableOf>, host: string, path: string) => find(table, host, path)?.backend.service?.name

test('paths: a prefix ends with an element, exact is exact, the longest wins', () => {
  const table = simple(rule('app.home', ['Prefix', '/', 'root'], ['Prefix', '/foo', 'foo'], ['Prefix', '/foo/bar/', 'bar'], ['Exact', '/foo', 'exact'], ['Exact', '/only', 'only'], ['ImplementationSpecific', '', 'never']))
  const expected = { '/': 'root', '/x': 'root', '/foo': 'exact', '/foo/': 'foo', '/foobar': 'root', '/foo/bar': 'bar', '/foo/bar/baz': 'bar', '/foo/barbaz': 'foo', '/only': 'only', '/only/': 'root' }
  for (const [path, service] of Object.entries(expected)) assert.equal(leads(table, 'app.home', path), service, path)
})

test('hosts: the named one, then a wildcard for one label, then rules for every host', () => {
  const table = simple(rule('app.home', ['Prefix', '/', 'app']), rule('*.home', ['Prefix', '/', 'wild']), rule(undefined, ['Prefix', '/all', 'all']))
  assert.equal(leads(table, 'app.home', '/'), 'app')
  assert.equal(leads(table, 'other.home', '/'), 'wild')
  assert.equal(leads(table, 'a.b.home', '/'), undefined)
  assert.equal(leads(table, 'a.b.home', '/all'), 'all')
  assert.equal(leads(table, 'home', '/all/x'), 'all')
})

test('default backends: of an Ingress that names the host, then the oldest', () => {
  const named = stored('Ingress', 'named', { spec: { ingressClassName: 'orrery', defaultBackend: backend('of-host'), rules: [rule('app.home', ['Exact', '/a', 'a'])] } }, '2026-01-03T00:00:00Z')
  const old = stored('Ingress', 'old', { spec: { ingressClassName: 'orrery', defaultBackend: backend('old') } })
  const young = stored('Ingress', 'young', { spec: { ingressClassName: 'orrery', defaultBackend: backend('young') } }, '2026-01-02T00:00:00Z')
  const table = tableOf(named, young, old)
  assert.equal(leads(table, 'app.home', '/a'), 'a')
  assert.equal(leads(table, 'app.home', '/b'), 'of-host')
  assert.equal(leads(table, 'else.home', '/'), 'old')
})

test('the older Ingress wins a path that two claim; others’ classes, and those on their way out, are left alone', () => {
  const claim = (name: string, at: string, rest: object = {}) => stored('Ingress', name, { spec: { ingressClassName: 'orrery', rules: [rule('app.home', ['Prefix', '/', name])], ...rest } }, at)
  assert.equal(leads(tableOf(claim('b', '2026-01-02T00:00:00Z'), claim('a', '2026-01-01T00:00:00Z')), 'app.home', '/'), 'a')
  assert.equal(leads(tableOf(claim('a', '2026-01-01T00:00:00Z', { ingressClassName: 'nginx' })), 'app.home', '/'), undefined)
  assert.equal(leads(tableOf(claim('a', '2026-01-01T00:00:00Z', { ingressClassName: 'missing' })), 'app.home', '/'), undefined)
  const leaving = claim('a', '2026-01-01T00:00:00Z')
  leaving.metadata.deletionTimestamp = '2026-01-02T00:00:00Z'
  assert.equal(tableOf(leaving).size, 0)
})

test('certificates: by host, by wildcard, and for all hosts of an Ingress that lists none', () => {
  const tls = [{ hosts: ['app.home', '*.wild.home'], secretName: 'one' }, { secretName: 'two' }]
  const table = tableOf(stored('Ingress', 'app', { spec: { ingressClassName: 'orrery', tls, rules: [rule('app.home', ['Prefix', '/', 'a']), rule('more.home', ['Prefix', '/', 'a'])] } }))
  assert.equal(certificateFor(table, 'app.home')?.secret, 'one')
  assert.equal(certificateFor(table, 'x.wild.home')?.secret, 'one')
  assert.equal(certificateFor(table, 'more.home')?.secret, 'two')
  assert.equal(certificateFor(table, 'x.home'), undefined)
})

test('hosts as clients send them', () => {
  assert.deepEqual(['App.Home:8080', 'app.home.', '[::1]:80', undefined, '10.0.0.1:80'].map(hostOf), ['app.home', 'app.home', '::1', '', '10.0.0.1'])
})

test('pages say what is missing', () => {
  const table = simple(rule('app.home', ['Exact', '/a', 'a'], ['Prefix', '/b', 'b']), rule('*.wild.home', ['Prefix', '/w', 'w']))
  assert.match(nothingLeads(table, 'x.home', '/').text, /No Ingress leads x\.home anywhere\n\nHosts with an Ingress: \*\.wild\.home, app\.home\./)
  assert.match(nothingLeads(table, 'app.home', '/c').text, /No Ingress leads app\.home\/c anywhere\n\nPaths of app\.home: \/a \(exactly\), \/b\./)
  assert.match(nothingLeads(table, 'x.wild.home', '/c').text, /Paths of x\.wild\.home: \/w\./)
})
