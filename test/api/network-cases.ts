/** Ingresses, IngressClasses, ServiceCIDRs, IPAddresses: good ones and what is wrong with others. */
import type { Json } from '../../core/base/json.ts'

type Fields = Record<string, Json>
const of = (kind: string, fields: Fields, name = 'x', metadata: Fields = {}): Json => ({ apiVersion: 'networking.k8s.io/v1', kind, metadata: { name, ...metadata }, ...fields })
const ingress = (spec: Fields, metadata: Fields = {}): Json => of('Ingress', { spec }, 'x', metadata)
const to = (name: string, port: Fields = { number: 80 }): Fields => ({ service: { name, port } })
const rules = (host: string | undefined, ...paths: Json[]): Json => ingress({ rules: [{ ...(host === undefined ? {} : { host }), http: { paths } }] })
const path = (value: string, pathType: string, backend: Json = to('web')): Json => ({ path: value, pathType, backend })
const ingressClass = (spec: Fields): Json => of('IngressClass', { spec })
const range = (...cidrs: string[]): Json => of('ServiceCIDR', { spec: { cidrs } })
const address = (name: string, spec: Fields): Json => of('IPAddress', { spec }, name)

export const networkCases: Readonly<Record<string, Json>> = {
  'ingress/plain': rules('app.home', path('/', 'Prefix'), path('/exact', 'Exact'), path('/any', 'ImplementationSpecific')),
  'ingress/default backend': ingress({ defaultBackend: to('web', { name: 'http' }), ingressClassName: 'none', tls: [{ hosts: ['a.home', '*.b.home'], secretName: 's' }] }),
  'ingress/status given': of('Ingress', { spec: { defaultBackend: to('web') }, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
  'ingress/old annotation': ingress({ defaultBackend: to('web') }, { annotations: { 'kubernetes.io/ingress.class': 'a' } }),
  'ingress/empty': ingress({}),
  'ingress/no paths': rules('app.home'),
  'ingress/address as host': rules('192.0.2.1', path('/', 'Prefix')),
  'ingress/bad host': rules('a_b', path('/', 'Prefix')),
  'ingress/bad wildcard': rules('*.a.*', path('/', 'Prefix')),
  'ingress/wildcard': rules('*.app.home', path('/', 'Prefix')),
  'ingress/paths': rules(undefined, path('x', 'Exact'), path('/a//b/..', 'Prefix'), path('/%2f/.', 'Prefix'), path('x', 'ImplementationSpecific'), path('', 'ImplementationSpecific'), path('/', 'Foo'), { path: '/', backend: to('web') }),
  'ingress/backends': rules(undefined, path('/', 'Prefix', {}), path('/', 'Prefix', { ...to('web'), resource: { kind: 'x', name: 'y' } }), path('/', 'Prefix', { resource: { apiGroup: 'A', kind: '', name: 'a/b' } }), path('/', 'Prefix', { resource: { kind: 'Bucket', name: 'b' } })),
  'ingress/ports': rules(undefined, path('/', 'Prefix', to('web', {})), path('/', 'Prefix', to('web', { name: 'a', number: 1 })), path('/', 'Prefix', to('web', { number: 70_000 })), path('/', 'Prefix', to('web', { name: '-a' })), path('/', 'Prefix', to('')), path('/', 'Prefix', to('A_b')), path('/', 'Prefix', to('1web'))),
  'ingress/bad tls': ingress({ defaultBackend: to('web'), tls: [{ hosts: ['*.*.x', 'b_'], secretName: 'A' }] }),
  'ingress/bad class': ingress({ defaultBackend: to('web'), ingressClassName: 'A' }),
  'ingressclass/plain': ingressClass({ controller: 'example.com/a/b' }),
  'ingressclass/parameters': ingressClass({ controller: 'example.com/a', parameters: { apiGroup: 'example.com', kind: 'Config', name: 'c' } }),
  'ingressclass/namespaced parameters': ingressClass({ controller: 'example.com/a', parameters: { kind: 'Config', name: 'c', scope: 'Namespace', namespace: 'default' } }),
  'ingressclass/no controller': ingressClass({}),
  'ingressclass/controller without a path': ingressClass({ controller: 'foo' }),
  'ingressclass/bad controller': ingressClass({ controller: 'a_/f|oo' }),
  'ingressclass/long controller': ingressClass({ controller: `a/${'b'.repeat(260)}` }),
  'ingressclass/bad parameters': ingressClass({ controller: 'a/b', parameters: { apiGroup: 'A', kind: '', name: '', scope: 'Namespace' } }),
  'ingressclass/namespace of a cluster object': ingressClass({ controller: 'a/b', parameters: { kind: 'a', name: 'b', namespace: 'x' } }),
  'ingressclass/unknown scope': ingressClass({ controller: 'a/b', parameters: { kind: 'a', name: 'b', scope: 'Foo' } }),
  'servicecidr/plain': range('10.55.0.0/24'),
  'servicecidr/both families': range('2001:db8::/64', '10.55.0.0/24'),
  'servicecidr/none': range(),
  'servicecidr/three': range('2001:db8::/64', '10.1.0.0/24', '10.2.0.0/24'),
  'servicecidr/one family': range('10.1.0.0/24', '10.2.0.0/24'),
  'servicecidr/host bits': range('10.0.0.1/24'),
  'servicecidr/nonsense': range('x', '10.0.0.0'),
  'servicecidr/form': range('2001:DB8:0::/64'),
  'ipaddress/plain': address('192.0.2.9', { parentRef: { resource: 'gateways', group: 'example.com', name: 'g' } }),
  'ipaddress/IPv6': address('2001:db8::9', { parentRef: { resource: 'services', namespace: 'default', name: 's' } }),
  'ipaddress/no parent': address('192.0.2.9', {}),
  'ipaddress/bad parent': address('192.0.2.9', { parentRef: { group: 'A_', resource: 'a/b', namespace: 'c%', name: '' } }),
  'ipaddress/name': address('foo', { parentRef: { resource: 'services', name: 's' } }),
  'ipaddress/form': address('2001:DB8::1', { parentRef: { resource: 'services', name: 's' } }),
}
