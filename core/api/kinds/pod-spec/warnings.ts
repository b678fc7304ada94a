/** What is allowed in a Pod's spec but surely not meant. Upstream: pkg/api/pod/warnings.go. */
import type { ObjectMeta } from '../../meta.ts'
import { dns1123Label } from '../../names.ts'
import { parseQuantity } from '../../quantity.ts'
import type { Container, ContainerPort, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume } from '../../types/core.ts'

const deprecatedAnnotations: Record<string, string> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const deprecatedNodeLabels: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}
const deprecatedVolumes: Partial<Record<keyof Volume, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

export const templateWarnings = (template: PodTemplateSpec | undefined, path = 'spec.template'): string[] => (template ? podSpecWarnings(template.spec, `${path}.spec`, template.metadata) : [])

/** Of a kind whose name becomes a part of its Pods' names; `use` says what for. */
export function podNameWarnings(name: string, use = 'in Pod names and hostnames'): string[] {
  const wrong = dns1123Label(name)
  return wrong.length === 0 ? [] : [`metadata.name: this is used ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`]
}

/** `path` is that of the spec: `spec`, or `spec.template.spec`. */
export function podSpecWarnings(spec: PodSpec, path: string, meta: ObjectMeta): string[] {
  const warnings: string[] = []
  const metaPath = path.replace(/spec$/, 'metadata')
  for (const key in spec.nodeSelector) if (deprecatedNodeLabels[key]) warnings.push(`${path}.nodeSelector[${key}]: ${deprecatedNodeLabels[key]}`)
  for (const [i, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${i}]`
    if (deprecatedNodeLabels[topologyKey]) warnings.push(`${at}.topologyKey: ${topologyKey} is ${deprecatedNodeLabels[topologyKey]}`)
    if (!labelSelector) warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`)
  }
  for (const key in deprecatedAnnotations) if (meta.annotations?.[key] !== undefined) warnings.push(`${metaPath}.annotations[${key}]: ${deprecatedAnnotations[key]}`)
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    for (const [source, message] of Object.entries(deprecatedVolumes)) if (source in volume) warnings.push(`${path}.volumes[${i}].${source === 'storageos' ? 'storageOS' : source}: ${message}`)
  }
  repeated((spec.hostAliases ?? []).map(({ ip }) => ip), (i, ip) => warnings.push(`${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`))
  repeated((spec.imagePullSecrets ?? []).map(({ name = '' }) => name), (i, name) => warnings.push(`${path}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`))
  for (const [i, { name }] of (spec.imagePullSecrets ?? []).entries()) if (!name) warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`)

  const containers = containersWithPath(spec, path)
  for (const { container, at } of containers) containerWarnings(container, at, warnings)
  portWarnings(containers, warnings)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) warnings.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[kind]
    const where = `${path}.affinity.${kind}`
    for (const [i, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) noSelector(term, `${where}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, warnings)
    for (const [i, { podAffinityTerm }] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      noSelector(podAffinityTerm, `${where}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`, warnings)
    }
  }
  return warnings
}

type Located = { container: Container; at: string }

function containersWithPath(spec: PodSpec, path: string): Located[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) => (spec[field] ?? []).map((container, i) => ({ container, at: `${path}.${field}[${i}]` })))
}

function containerWarnings(container: Container, path: string, warnings: string[]): void {
  for (const name of ['memory', 'ephemeral-storage']) {
    for (const which of ['limits', 'requests'] as const) {
      const amount = container.resources?.[which]?.[name]
      if (amount !== undefined && parseQuantity(amount).nano % 1_000_000_000n !== 0n) warnings.push(`${path}.resources.${which}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`)
    }
  }
  const names = new Set<string>()
  for (const [i, { name, value = '', valueFrom }] of (container.env ?? []).entries()) {
    const own = `$(${name})`
    if (names.has(name) && (valueFrom || value === own || !value.includes(own))) warnings.push(`${path}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
    names.add(name)
  }
}

function portWarnings(containers: readonly Located[], warnings: string[]): void {
  const seen = new Map<string, { at: string; port: ContainerPort }[]>()
  const names = new Map<string, string>()
  const nameWarnings: string[] = []
  for (const { container, at } of containers) {
    for (const [i, port] of (container.ports ?? []).entries()) {
      const where = `${at}.ports[${i}]`
      const key = `${port.containerPort}/${port.protocol}`
      const others = seen.get(key) ?? []
      for (const other of others) {
        const [ip, otherIp] = [port.hostIP ?? '', other.port.hostIP ?? '']
        const [host, otherHost] = [port.hostPort ?? 0, other.port.hostPort ?? 0]
        if (ip === otherIp && host === otherHost) warnings.push(`${where}: duplicate port definition with ${other.at}`)
        else if (host === 0 || otherHost === 0) warnings.push(`${where}: overlapping port definition with ${other.at}`)
        else if (host === otherHost && (ip === '') !== (otherIp === '')) warnings.push(`${where}: dangerously ambiguous port definition with ${other.at}`)
      }
      seen.set(key, [...others, { at: where, port }])
      if (!port.name) continue
      const first = names.get(port.name)
      if (first === undefined) names.set(port.name, where)
      else nameWarnings.push(`${where}: duplicate port name ${JSON.stringify(port.name)} with ${first}, services and probes that select ports by name will use ${first}`)
    }
  }
  warnings.push(...nameWarnings)
}

function noSelector(term: PodAffinityTerm, path: string, warnings: string[]): void {
  if (!term.labelSelector) warnings.push(`${path}.labelSelector: a null labelSelector results in matching no pod`)
}

function repeated(values: readonly string[], report: (i: number, value: string) => void): void {
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) report(i, value)
    seen.add(value)
  }
}
