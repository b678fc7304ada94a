/** Services and endpoints for the network's tests; the snapshot is the real cache. */
import type { KubeObject } from '../../core/api/meta.ts'
import { LiveCache } from '../loop/live-cache.ts'

let made = 0
type Body = Record<string, unknown>
const object = (kind: string, apiVersion: string, namespace: string | undefined, name: string, body: Body, meta: Body = {}): KubeObject => ({
  apiVersion, kind, ...body,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid: `${kind}-${namespace}-${name}`, resourceVersion: String(++made), creationTimestamp: '2026-01-01T00:00:00Z', ...meta },
})

export const namespace = (name: string) => object('Namespace', 'v1', undefined, name, {})
export const node = (name: string, address: string, labels: Record<string, string> = {}) => object('Node', 'v1', undefined, name, { status: { addresses: [{ type: 'InternalIP', address }] } }, { labels })
export const service = (name: string, spec: Body) => object('Service', 'v1', 'default', name, { spec })
export const slice = (owner: string, ports: Body[], endpoints: Body[]) =>
  object('EndpointSlice', 'discovery.k8s.io/v1', 'default', `${owner}-${++made}`, { addressType: 'IPv4', ports, endpoints }, { labels: { 'kubernetes.io/service-name': owner } })
export const pod = (name: string, spec: Body, status: Body, meta: Body = {}) => object('Pod', 'v1', 'default', name, { spec, status }, meta)

export const worldOf = (...objects: KubeObject[]): LiveCache => new LiveCache().put(...objects)
