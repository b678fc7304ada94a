/** Validation of Services. Upstream: pkg/apis/core/validation, ValidateService and ValidateServiceUpdate. */
import { equal } from '../../../base/json.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { ipMessage, isIp, isIpv6 } from '../../ip.ts'
import { validateLabels } from '../../label-selector.ts'
import { dns1123Label, dns1123Subdomain, labelKey, portNumber } from '../../names.ts'
import { immutableMessage } from '../../object-meta.ts'
import type { Service, ServicePort } from '../../types/core.ts'
import { specialIp } from '../endpoints.ts'
import { validatePort } from '../pod-spec/validate-probes.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const daySeconds = 86_400

export function validateService({ spec }: Service): FieldError[] {
  const errors: FieldError[] = []
  const ports = spec.ports ?? []
  const headless = spec.clusterIPs?.[0] === 'None'
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports'))
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`))
  if (spec.type === 'ExternalName') validateExternalName(spec, errors)
  const names = new Set<string>()
  for (const [i, port] of ports.entries()) validateServicePort(port, ports.length > 1, names, `spec.ports[${i}]`, errors)
  errors.push(...validateLabels(spec.selector, 'spec.selector'))
  validateAffinity(spec, errors)
  validateClusterIps(spec, errors)
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const at = `spec.externalIPs[${i}]`
    errors.push(...(isIp(ip) ? specialIp(ip, at) : [invalid(at, ip, ipMessage)]))
  }
  if (!types.includes(spec.type ?? '')) errors.push(notSupported('spec.type', spec.type, types))
  if (spec.type === 'ClusterIP') for (const [i, { nodePort }] of ports.entries()) if (nodePort) errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  validateUniquePorts(ports, errors)
  validateBalancer(spec, errors)
  validateTraffic(spec, errors)
  return errors
}

function validateExternalName(spec: Service['spec'], errors: FieldError[]): void {
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) if (spec[field] !== undefined) errors.push(forbidden(`spec.${field}`, 'may not be set for ExternalName services'))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (name === '') errors.push(required('spec.externalName'))
  else for (const sentence of dns1123Subdomain(name)) errors.push(invalid('spec.externalName', name, sentence))
}

function validateServicePort(port: ServicePort, needsName: boolean, names: Set<string>, path: string, errors: FieldError[]): void {
  if (needsName && !port.name) errors.push(required(`${path}.name`))
  else if (port.name) {
    for (const sentence of dns1123Label(port.name)) errors.push(invalid(`${path}.name`, port.name, sentence))
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name))
    names.add(port.name)
  }
  for (const sentence of portNumber(port.port)) errors.push(invalid(`${path}.port`, port.port, sentence))
  if (!protocols.includes(port.protocol ?? '')) errors.push(notSupported(`${path}.protocol`, port.protocol, protocols))
  validatePort(port.targetPort ?? 0, `${path}.targetPort`, errors)
  if (port.appProtocol !== undefined) for (const sentence of labelKey(port.appProtocol)) errors.push(invalid(`${path}.appProtocol`, port.appProtocol, sentence))
}

function validateUniquePorts(ports: readonly ServicePort[], errors: FieldError[]): void {
  const nodePorts = new Set<string>()
  for (const [i, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort))
    nodePorts.add(`${protocol}/${nodePort}`)
  }
  const seen = new Set<string>()
  for (const [i, { protocol, port }] of ports.entries()) {
    if (seen.has(`${protocol}/${port}`)) errors.push(duplicate(`spec.ports[${i}]`, { protocol, port, targetPort: 0 }))
    seen.add(`${protocol}/${port}`)
  }
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: Service['spec'], errors: FieldError[]): void {
  const path = 'spec.sessionAffinityConfig'
  if (sessionAffinity !== 'ClientIP' && sessionAffinity !== 'None') errors.push(notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']))
  else if (sessionAffinity === 'None') {
    if (sessionAffinityConfig) errors.push(forbidden(path, 'must not be set when session affinity is None'))
  } else {
    const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
    if (seconds === undefined) errors.push(required(`${path}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP'))
    else if (seconds <= 0 || seconds > daySeconds) errors.push(invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${daySeconds}`))
  }
}

function validateClusterIps(spec: Service['spec'], errors: FieldError[]): void {
  if (spec.type === 'ExternalName') return
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  if (clusterIP) {
    if (clusterIPs.length === 0) errors.push(required('spec.clusterIPs'))
    else if (clusterIPs[0] !== clusterIP) errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'))
  } else if (clusterIPs.length > 0) errors.push(invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'))
  const families = new Set<string>()
  for (const [i, family] of ipFamilies.entries()) {
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(`spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6']))
    if (families.has(family)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family))
    families.add(family)
  }
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy)) errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, policies))
  let sound = true
  for (const [i, ip] of clusterIPs.entries()) {
    if (i === 0 && ip === 'None') {
      if (clusterIPs.length > 1) {
        sound = false
        errors.push(invalid('spec.clusterIPs', clusterIPs, "'None' must be the first and only value"))
      }
    } else if (!isIp(ip)) {
      sound = false
      errors.push(invalid(`spec.clusterIPs[${i}]`, ip, ipMessage))
    }
  }
  if (clusterIPs.length > 2) errors.push(invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'))
  if (!sound) return
  if (clusterIPs.length > 1 && clusterIPs.every(isIpv6) === clusterIPs.some(isIpv6)) errors.push(invalid('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family'))
  if (clusterIPs[0] === 'None') return
  for (const [i, ip] of clusterIPs.entries()) {
    const family = ipFamilies[i]
    if (family !== undefined && (family === 'IPv6') !== isIpv6(ip)) errors.push(invalid(`spec.clusterIPs[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
  }
}

function validateBalancer(spec: Service['spec'], errors: FieldError[]): void {
  const balanced = spec.type === 'LoadBalancer'
  if (spec.loadBalancerSourceRanges?.length && !balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"))
  if (spec.allocateLoadBalancerNodePorts !== undefined && !balanced) errors.push(forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"))
  if (spec.loadBalancerClass !== undefined) {
    if (!balanced) errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"))
    else for (const sentence of labelKey(spec.loadBalancerClass)) errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, sentence))
  }
}

function validateTraffic(spec: Service['spec'], errors: FieldError[]): void {
  const external = spec.externalTrafficPolicy
  const accessible = spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
  if (!accessible) {
    if (external !== undefined) errors.push(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'))
  } else if (external === undefined) errors.push(required('spec.externalTrafficPolicy'))
  else if (external !== 'Cluster' && external !== 'Local') errors.push(notSupported('spec.externalTrafficPolicy', external, ['Cluster', 'Local']))
  const health = spec.healthCheckNodePort ?? 0
  if (spec.type !== 'LoadBalancer' || external !== 'Local') {
    if (health !== 0) errors.push(invalid('spec.healthCheckNodePort', health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
  }
  const internal = spec.internalTrafficPolicy
  if (internal === undefined && spec.type !== 'ExternalName' && types.includes(spec.type ?? '')) errors.push(required('spec.internalTrafficPolicy'))
  if (internal !== undefined && internal !== 'Cluster' && internal !== 'Local') errors.push(notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']))
  const spread = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  if (spec.trafficDistribution !== undefined && !spread.includes(spec.trafficDistribution)) errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, spread))
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = []
  const [spec, before] = [service.spec, old.spec]
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    for (const [i, ip] of (before.clusterIPs ?? []).entries()) {
      const now = spec.clusterIPs?.[i]
      if (i === 0 ? now !== ip : now !== undefined && now !== ip) errors.push(invalid(`spec.clusterIPs[${i}]`, spec.clusterIPs ?? null, i === 0 && now === undefined ? 'primary clusterIP can not be unset' : 'may not change once set'))
    }
  }
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && !equal(spec.loadBalancerClass, before.loadBalancerClass)) {
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'))
  }
  const health = before.healthCheckNodePort
  if (health && spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && before.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort !== health) {
    errors.push(invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, immutableMessage))
  }
  return errors
}
