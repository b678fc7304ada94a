/** Service. Addresses and node ports are given out by the server. Upstream: pkg/registry/core/service/strategy.go. */
import { equal } from '../../base/json.ts'
import { defineKind } from '../kind.ts'
import type { Service, ServicePort } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateService, validateServiceUpdate } from './service/validate.ts'

const defaultAffinitySeconds = 10_800

export const service = defineKind<Service>({
  kind: 'Service',
  group: '',
  version: 'v1',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.Service',
  tracksGeneration: false,
  createOnUpdate: true,
  deleteReturnsObject: true,
  nameRule: 'label',
  subresources: { status: true, others: ['proxy'] },

  default: defaultService,
  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} }
    completeFamilies(draft)
  },
  prepareForUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,

  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: ({ spec }) => spec.type ?? '' },
    { name: 'Cluster-IP', type: 'string', cell: ({ spec }) => spec.clusterIPs?.[0] ?? '<none>' },
    { name: 'External-IP', type: 'string', cell: externalAddress },
    { name: 'Port(s)', type: 'string', cell: ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>' },
    ageColumn,
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => labelsText(spec.selector) },
  ],
  selectableFields: { 'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '', 'spec.type': ({ spec }) => spec.type ?? '' },
  refs: ({ metadata, spec }) => [
    ...ownerRefs(metadata),
    ...(Object.keys(spec.selector ?? {}).length === 0 || spec.type === 'ExternalName'
      ? []
      : [{ how: 'selects', kind: 'Pod', namespace: metadata.namespace ?? '', matchLabels: spec.selector ?? {} } as const]),
  ],
})

const portText = ({ port, nodePort, protocol }: ServicePort) => (nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`)
const labelsText = (labels: Readonly<Record<string, string>> = {}) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(',') || '<none>'

function externalAddress({ spec, status }: Service): string {
  const external = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>'
    case 'LoadBalancer': {
      const balanced = [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter((address) => address !== ''))].sort().join(',')
      return [...(balanced === '' ? [] : [balanced]), ...external].join(',') || '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

const isExternal = ({ spec }: Service) => spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
const hasClusterIp = ({ spec }: Service) => spec.type !== 'ExternalName'
const hasNodePorts = ({ spec }: Service) => spec.type === 'NodePort' || spec.type === 'LoadBalancer'

function defaultService(draft: Service): void {
  const { spec } = draft
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: defaultAffinitySeconds } }
  }
  spec.type ??= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
  }
  if (isExternal(draft)) spec.externalTrafficPolicy ??= 'Cluster'
  if (hasClusterIp(draft)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of draft.status.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
}

/** One address family. Upstream: pkg/registry/core/service/storage/alloc.go. */
function completeFamilies({ spec }: Service): void {
  if (spec.clusterIP && spec.clusterIPs === undefined) spec.clusterIPs = [spec.clusterIP]
  if (spec.type === 'ExternalName') return
  const headlessWithoutSelector = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= headlessWithoutSelector ? 'RequireDualStack' : 'SingleStack'
  spec.ipFamilies ??= headlessWithoutSelector ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** What the server gave out stays unless the new type has no use for it. */
function prepareForUpdate(draft: Service, old: Service): void {
  const [spec, before] = [draft.spec, old.spec]
  if (hasClusterIp(draft) && hasClusterIp(old)) {
    if (spec.clusterIP === undefined && spec.clusterIPs === undefined) {
      keep(spec, before, 'clusterIP')
      keep(spec, before, 'clusterIPs')
    } else if (spec.clusterIPs === undefined || (spec.clusterIP !== before.clusterIP && equal(spec.clusterIPs, before.clusterIPs))) {
      if (spec.clusterIP !== undefined) spec.clusterIPs = [spec.clusterIP]
    } else if (spec.clusterIP === undefined) spec.clusterIP = spec.clusterIPs[0]!
    if (spec.ipFamilies === undefined) keep(spec, before, 'ipFamilies')
    if (spec.ipFamilyPolicy === undefined) keep(spec, before, 'ipFamilyPolicy')
  }
  if (hasClusterIp(draft)) completeFamilies(draft)
  if (hasNodePorts(draft) && hasNodePorts(old)) keepNodePorts(spec.ports ?? [], before.ports ?? [])
  dropUseless(draft, old)
}

function keep<K extends keyof Service['spec']>(spec: Service['spec'], before: Service['spec'], field: K): void {
  if (before[field] !== undefined) spec[field] = before[field]
}

function keepNodePorts(ports: readonly ServicePort[], before: readonly ServicePort[]): void {
  const taken = new Set(ports.map(({ protocol, nodePort }) => `${protocol}/${nodePort}`))
  for (const port of ports) {
    if (port.nodePort) continue
    const known = before.find((candidate) => candidate.protocol === port.protocol && candidate.port === port.port)?.nodePort
    if (known === undefined || taken.has(`${port.protocol}/${known}`)) continue
    port.nodePort = known
    taken.add(`${port.protocol}/${known}`)
  }
}

/** Fields that only the old type had, and that the client left as they were. */
function dropUseless(draft: Service, old: Service): void {
  const [spec, before] = [draft.spec, old.spec]
  const unchanged = (field: keyof Service['spec']) => equal(spec[field], before[field])
  if (hasClusterIp(old) && !hasClusterIp(draft)) {
    if (unchanged('clusterIP') && unchanged('clusterIPs')) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (unchanged('ipFamilies')) delete spec.ipFamilies
    if (unchanged('ipFamilyPolicy')) delete spec.ipFamilyPolicy
    if (unchanged('internalTrafficPolicy')) delete spec.internalTrafficPolicy
  }
  if (hasNodePorts(old) && !hasNodePorts(draft)) {
    const known = new Set((before.ports ?? []).map(({ nodePort }) => nodePort))
    if ((spec.ports ?? []).every(({ nodePort }) => !nodePort || known.has(nodePort))) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (spec.type !== 'LoadBalancer') {
    if (before.type === 'LoadBalancer') {
      if (unchanged('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts
      if (unchanged('loadBalancerClass')) delete spec.loadBalancerClass
      if (unchanged('healthCheckNodePort')) delete spec.healthCheckNodePort
    }
    draft.status.loadBalancer = {}
  }
  if (isExternal(old) && !isExternal(draft) && unchanged('externalTrafficPolicy')) delete spec.externalTrafficPolicy
}

function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = []
  const external = (spec.externalIPs?.length ?? 0) > 0
  const hints = 'service.kubernetes.io/topology-aware-hints'
  if (metadata.annotations?.[hints] !== undefined) warnings.push(`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  const headless = spec.clusterIP === 'None'
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (external) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  if (external && !headless && spec.type !== 'ExternalName') warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (external && spec.type === 'ExternalName') warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (spec.type !== 'ExternalName' && spec.externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose') warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}
