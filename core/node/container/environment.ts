/**
 * A container's environment, command and arguments as upstream makes them (pkg/kubelet/kubelet_pods.go,
 * makeEnvironmentVariables; third_party/forked/golang/expansion). Pure over a lookup.
 */
import type { KubeObject } from '../../api/meta.ts'
import type { Container, Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { fieldValue, resourceValue } from './downward.ts'

/** The container can't be made yet: reason CreateContainerConfigError. */
export class ConfigError extends Error {}

export interface EnvironmentFacts {
  pod: Pod
  podIP: string
  hostIP: string
  snapshot: Snapshot
  allocatable: Readonly<Record<string, string>>
}

type Data = KubeObject & { data?: Record<string, string>; binaryData?: Record<string, string> }

/** Replaces $(NAME) by the mapping; $$ is one $; what is not known stays as it is. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => (whole === '$$' ? '$' : (lookup(name!) ?? whole)))
}

export function environment(container: Container, facts: EnvironmentFacts): { name: string; value: string }[] {
  const { pod, snapshot } = facts
  const namespace = pod.metadata.namespace
  const result = new Map<string, string>()
  for (const [name, value] of serviceVariables(facts)) result.set(name, value)

  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const source = configMapRef ?? secretRef
    if (!source) continue
    const kind = configMapRef ? 'ConfigMap' : 'Secret'
    const object = snapshot.get<Data>(kind, namespace, source.name ?? '')
    if (!object) {
      if (source.optional) continue
      throw new ConfigError(`${kind.toLowerCase()} "${source.name}" not found`)
    }
    for (const [key, value] of Object.entries(object.data ?? {})) {
      result.set(prefix + key, kind === 'Secret' ? decode(value) : value)
    }
  }

  const own = new Map<string, string>()
  const lookup = (name: string) => own.get(name) ?? result.get(name)
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? fromSource(container, variable.name, variable.valueFrom, facts) : expand(variable.value ?? '', lookup)
    if (value !== undefined) own.set(variable.name, value)
  }
  for (const [name, value] of own) result.set(name, value)
  return [...result].map(([name, value]) => ({ name, value }))
}

function fromSource(container: Container, name: string, source: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>, facts: EnvironmentFacts): string | undefined {
  const { pod, snapshot } = facts
  if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, facts)
  if (source.resourceFieldRef) return resourceValue(pod, container, source.resourceFieldRef, facts.allocatable)
  const reference = source.configMapKeyRef ?? source.secretKeyRef
  if (!reference) return undefined
  const kind = source.configMapKeyRef ? 'ConfigMap' : 'Secret'
  const object = snapshot.get<Data>(kind, pod.metadata.namespace, reference.name ?? '')
  if (!object) {
    if (reference.optional) return undefined
    throw new ConfigError(`${kind.toLowerCase()} "${reference.name}" not found`)
  }
  const value = object.data?.[reference.key]
  if (value === undefined) {
    if (reference.optional) return undefined
    throw new ConfigError(`couldn't find key ${reference.key} in ${kind} ${pod.metadata.namespace}/${reference.name}`)
  }
  return kind === 'Secret' ? decode(value) : value
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')

interface Service extends KubeObject {
  spec: { clusterIP?: string; ports?: { name?: string; port: number; protocol?: string }[] }
}

/** Docker-link style variables of every Service of the namespace, and always of default/kubernetes. */
function serviceVariables({ pod, snapshot }: EnvironmentFacts): [string, string][] {
  const services = new Map<string, Service>()
  const kubernetes = snapshot.get<Service>('Service', 'default', 'kubernetes')
  if (kubernetes) services.set('kubernetes', kubernetes)
  if (pod.spec.enableServiceLinks !== false) for (const service of snapshot.list<Service>('Service', pod.metadata.namespace)) services.set(service.metadata.name, service)
  const variables: [string, string][] = []
  for (const [name, { spec }] of services) {
    const ip = spec.clusterIP
    const ports = spec.ports ?? []
    const first = ports[0]
    if (!ip || ip === 'None' || !first) continue
    const base = name.toUpperCase().replaceAll('-', '_')
    const url = (port: (typeof ports)[number]) => `${(port.protocol ?? 'TCP').toLowerCase()}://${ip}:${port.port}`
    variables.push([`${base}_SERVICE_HOST`, ip], [`${base}_SERVICE_PORT`, String(first.port)])
    for (const port of ports) if (port.name) variables.push([`${base}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port)])
    variables.push([`${base}_PORT`, url(first)])
    for (const port of ports) {
      const protocol = port.protocol ?? 'TCP'
      const prefix = `${base}_PORT_${port.port}_${protocol}`
      variables.push([prefix, url(port)], [`${prefix}_PROTO`, protocol.toLowerCase()], [`${prefix}_PORT`, String(port.port)], [`${prefix}_ADDR`, ip])
    }
  }
  return variables
}

/** command replaces the image's entrypoint and its arguments; args alone keep the entrypoint. */
export function commandLine(container: Container, env: readonly { name: string; value: string }[]): { entrypoint?: string[]; args?: string[] } {
  const values = new Map(env.map(({ name, value }) => [name, value]))
  const filled = (texts: readonly string[]) => texts.map((text) => expand(text, (name) => values.get(name)))
  return {
    ...(container.command && container.command.length > 0 ? { entrypoint: filled(container.command) } : {}),
    ...(container.args && container.args.length > 0 ? { args: filled(container.args) } : {}),
  }
}
