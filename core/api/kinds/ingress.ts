/** Ingress: which host and path leads to which Service. Upstream: pkg/apis/networking/validation, pkg/registry/networking/ingress. */
import type { FieldError } from '../field-error.ts'
import { invalid } from '../field-error.ts'
import { ipMessage, isIp } from '../ip.ts'
import { defineKind, type Reference } from '../kind.ts'
import { dns1123Subdomain } from '../names.ts'
import type { Ingress, IngressBackend } from '../types/networking.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { validateIngress } from './ingress/validate.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const classAnnotation = 'kubernetes.io/ingress.class'
const shownHosts = 3
const addressWidth = 16

export const ingress = defineKind<Ingress>({
  kind: 'Ingress',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.networking.v1.Ingress',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  subresources: { status: true },

  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} }
  },
  validate: validateIngress,
  validateStatusUpdate,
  warnings: ({ metadata, spec }) =>
    metadata.annotations?.[classAnnotation] !== undefined && spec.ingressClassName === undefined ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`] : [],

  columns: [
    nameColumn,
    { name: 'Class', type: 'string', cell: ({ spec }) => spec.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', cell: hostsText },
    { name: 'Address', type: 'string', cell: addressText },
    { name: 'Ports', type: 'string', cell: ({ spec }) => ((spec.tls?.length ?? 0) > 0 ? '80, 443' : '80') },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => {
    const namespace = metadata.namespace ?? ''
    const backends = [spec.defaultBackend, ...(spec.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))]
    return [
      ...ownerRefs(metadata),
      ...[...new Set(backends.flatMap(serviceName))].map((name): Reference => ({ how: 'routes-to', to: { kind: 'Service', namespace, name } })),
      ...(spec.tls ?? []).flatMap(({ secretName }): Reference[] => (secretName ? [{ how: 'reads', to: { kind: 'Secret', namespace, name: secretName } }] : [])),
      ...(spec.ingressClassName ? [{ how: 'about', to: { kind: 'IngressClass', name: spec.ingressClassName } } as const] : []),
    ]
  },
})

const serviceName = (backend: IngressBackend | undefined): string[] => (backend?.service?.name ? [backend.service.name] : [])

function hostsText({ spec }: Ingress): string {
  const rules = spec.rules ?? []
  const shown: string[] = []
  let more = false
  for (const { host } of rules) {
    if (shown.length === shownHosts) more = true
    else if (host) shown.push(host)
  }
  if (shown.length === 0) return '*'
  return more ? `${shown.join(',')} + ${rules.length - shownHosts} more...` : shown.join(',')
}

function addressText({ status }: Ingress): string {
  const all = [...new Set((status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []))].sort().join(',')
  return all.length > addressWidth ? `${all.slice(0, addressWidth - 3)}...` : all
}

function validateStatusUpdate({ status }: Ingress): FieldError[] {
  return (status.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, i) => {
    const path = `status.loadBalancer.ingress[${i}]`
    return [
      ...(ip && !isIp(ip) ? [invalid(`${path}.ip`, ip, ipMessage)] : []),
      ...(hostname ? dns1123Subdomain(hostname).map((sentence) => invalid(`${path}.hostname`, hostname, sentence)) : []),
      ...(hostname && isIp(hostname) ? [invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
    ]
  })
}
