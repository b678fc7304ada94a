/**
 * What the proxy must do, worked out from the API's objects: a list of addresses and ports with where each leads. Pure;
 * the ruleset is one printing of it. Semantics: upstream pkg/proxy.
 */
import { isIpv4 } from '../api/ip.ts'
import { isFinished } from '../api/pod-lifecycle.ts'
import type { Node, Pod, Service, ServicePort } from '../api/types/core.ts'
import type { EndpointSlice } from '../api/types/discovery.ts'
import type { Snapshot } from '../loop/snapshot.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp'

export interface Target {
  readonly address: string
  readonly port: number
}

export interface Balanced {
  /** Unique, e.g. `default/web/http/tcp`. */
  readonly name: string
  readonly protocol: Protocol
  /** Addresses that belong to the Service itself. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly nodePort?: number
  /** In a stable order; empty: refuse. */
  readonly targets: readonly Target[]
  /** The same client keeps its target while the targets stay the same. */
  readonly sticky: boolean
}

/** One Pod's port, offered on its node's address. */
export interface HostPort {
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  /** Node address, and any the Pod asked for. */
  readonly addresses: readonly string[]
  /** On the machine's own addresses as well. */
  readonly onMachine: boolean
  readonly target: Target
}

export interface Traffic {
  readonly balanced: readonly Balanced[]
  readonly hostPorts: readonly HostPort[]
  readonly nodeAddresses: readonly string[]
}

const serviceNameLabel = 'kubernetes.io/service-name'
const protocolOf = (text: string | undefined): Protocol => (text === 'UDP' ? 'udp' : text === 'SCTP' ? 'sctp' : 'tcp')
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export function trafficOf(snapshot: Snapshot): Traffic {
  const balanced: Balanced[] = []
  for (const service of snapshot.list<Service>('Service')) {
    const { namespace = '', name } = service.metadata
    const { spec } = service
    if (!spec || spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') continue
    const addresses = [...(spec.clusterIPs ?? [spec.clusterIP]), ...(spec.externalIPs ?? [])].filter(isIpv4)
    if (addresses.length === 0) continue
    const slices = snapshot.labelled<EndpointSlice>('EndpointSlice', namespace, { [serviceNameLabel]: name }).filter((slice) => slice.addressType === 'IPv4')
    for (const port of spec.ports ?? []) {
      const protocol = protocolOf(port.protocol)
      balanced.push({
        name: `${namespace}/${name}/${port.name ?? port.port}/${protocol}`,
        protocol,
        addresses,
        port: port.port,
        ...(port.nodePort ? { nodePort: port.nodePort } : {}),
        targets: targetsOf(slices, port),
        sticky: spec.sessionAffinity === 'ClientIP',
      })
    }
  }
  balanced.sort((a, b) => byText(a.name, b.name))
  const nodes = [...snapshot.list<Node>('Node')].sort((a, b) => byText(a.metadata.name, b.metadata.name))
  const nodeAddresses = nodes.flatMap((node) => addressesOf(node))
  return { balanced, hostPorts: hostPortsOf(snapshot, nodes), nodeAddresses }
}

/** Ready endpoints; while there are none, those that still serve on their way out. */
function targetsOf(slices: readonly EndpointSlice[], port: ServicePort): Target[] {
  const ready = new Map<string, Target>()
  const leaving = new Map<string, Target>()
  for (const slice of slices) {
    const match = (slice.ports ?? []).find((one) => (one.name ?? '') === (port.name ?? '') && protocolOf(one.protocol) === protocolOf(port.protocol))
    if (!match?.port) continue
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      const address = addresses[0]
      if (!address || !isIpv4(address)) continue
      const target = { address, port: match.port }
      const key = `${address}:${match.port}`
      if (conditions?.ready !== false) ready.set(key, target)
      else if (conditions.terminating === true && conditions.serving !== false) leaving.set(key, target)
    }
  }
  const chosen = ready.size > 0 ? ready : leaving
  return [...chosen.keys()].sort().map((key) => chosen.get(key)!)
}

const addressesOf = (node: Node): string[] => (node.status?.addresses ?? []).filter(({ type, address }) => (type === 'InternalIP' || type === 'ExternalIP') && isIpv4(address)).map(({ address }) => address)

function hostPortsOf(snapshot: Snapshot, nodes: readonly Node[]): HostPort[] {
  const found: HostPort[] = []
  const onMachine = new Set<string>()
  for (const node of nodes) {
    const pods = [...snapshot.podsOn<Pod>(node.metadata.name)].sort((a, b) => byText(`${a.metadata.namespace}/${a.metadata.name}`, `${b.metadata.namespace}/${b.metadata.name}`))
    for (const pod of pods) {
      const ip = pod.status?.podIP
      if (!ip || !isIpv4(ip) || pod.spec.hostNetwork || isFinished(pod)) continue
      const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
      for (const port of [...sidecars, ...pod.spec.containers].flatMap((container) => container.ports ?? [])) {
        if (!port.hostPort) continue
        const protocol = protocolOf(port.protocol)
        const everywhere = !port.hostIP || port.hostIP === '0.0.0.0'
        const key = `${protocol}/${port.hostPort}`
        // Several logical nodes share this machine's addresses: the first holds the port there.
        const first = everywhere && !onMachine.has(key)
        if (first) onMachine.add(key)
        const addresses = everywhere ? addressesOf(node) : isIpv4(port.hostIP!) ? [port.hostIP!] : []
        if (addresses.length === 0 && !first) continue
        found.push({ name: `${pod.metadata.namespace}/${pod.metadata.name}/${key}`, protocol, port: port.hostPort, addresses, onMachine: first, target: { address: ip, port: port.containerPort } })
      }
    }
  }
  return found
}
