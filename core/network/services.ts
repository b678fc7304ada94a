/**
 * What the proxy must do, worked out from the API's objects: a list of addresses and ports with where each leads. Pure;
 * the ruleset is one printing of it. Semantics: upstream pkg/proxy.
 */
import { isIpv4 } from '../api/ip.ts'
import { isFinished } from '../api/pod-lifecycle.ts'
import type { Node, Pod, Service, ServicePort } from '../api/types/core.ts'
import type { EndpointSlice } from '../api/types/discovery.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { nearByHints, nearByPolicy, type Near, type Reachable, type Target } from './near.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp'

export interface Balanced {
  /** Unique, e.g. `default/web/http/tcp`. */
  readonly name: string
  readonly protocol: Protocol
  /** Addresses that belong to the Service itself. */
  readonly addresses: readonly string[]
  /** Addresses of others that lead to it, like its node port. */
  readonly externalAddresses?: readonly string[]
  readonly port: number
  readonly nodePort?: number
  /** In a stable order; empty: refuse. */
  readonly targets: readonly Target[]
  /** What clients on some nodes use instead. */
  readonly near?: readonly Near[]
  /** What traffic from outside that enters at some nodes uses instead; it may differ for Pods. */
  readonly entry?: { readonly near: readonly Near[]; readonly spares: 'pods' | 'nobody' }
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
  /** By node that some Service makes a difference for: its own addresses, and those of its Pods. */
  readonly places: ReadonlyMap<string, Place>
}

export interface Place {
  readonly node: readonly string[]
  readonly pods: readonly string[]
}

const serviceNameLabel = 'kubernetes.io/service-name'
const protocolOf = (text: string | undefined): Protocol => (text === 'UDP' ? 'udp' : text === 'SCTP' ? 'sctp' : 'tcp')
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export function trafficOf(snapshot: Snapshot): Traffic {
  const nodes = [...snapshot.list<Node>('Node')].sort((a, b) => byText(a.metadata.name, b.metadata.name))
  const balanced: Balanced[] = []
  for (const service of snapshot.list<Service>('Service')) {
    const { namespace = '', name } = service.metadata
    const { spec } = service
    if (!spec || spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') continue
    const addresses = (spec.clusterIPs ?? [spec.clusterIP]).filter(isIpv4)
    const externalAddresses = (spec.externalIPs ?? []).filter(isIpv4)
    if (addresses.length === 0) continue
    const slices = snapshot.labelled<EndpointSlice>('EndpointSlice', namespace, { [serviceNameLabel]: name }).filter((slice) => slice.addressType === 'IPv4')
    for (const port of spec.ports ?? []) {
      const protocol = protocolOf(port.protocol)
      const all = endpointsOf(slices, port)
      // Ready endpoints; while there are none, those that still serve on their way out.
      const ready = all.filter((one) => one.ready)
      const able = ready.length > 0 ? ready : all
      const hinted = nearByHints(able, nodes)
      const local = spec.internalTrafficPolicy === 'Local' || spec.externalTrafficPolicy === 'Local' ? nearByPolicy(all, able, nodes) : []
      const near = spec.internalTrafficPolicy === 'Local' ? local : hinted
      const entry = spec.externalTrafficPolicy === 'Local' ? local : hinted
      const isReachedFromOutside = port.nodePort !== undefined || externalAddresses.length > 0
      balanced.push({
        name: `${namespace}/${name}/${port.name ?? port.port}/${protocol}`,
        protocol,
        addresses,
        ...(externalAddresses.length > 0 ? { externalAddresses } : {}),
        port: port.port,
        ...(port.nodePort ? { nodePort: port.nodePort } : {}),
        targets: able.map(({ target }) => target),
        ...(near.length > 0 ? { near } : {}),
        ...(isReachedFromOutside && (entry.length > 0 || near.length > 0) ? { entry: { near: entry, spares: spec.externalTrafficPolicy === 'Local' ? ('pods' as const) : ('nobody' as const) } } : {}),
        sticky: spec.sessionAffinity === 'ClientIP',
      })
    }
  }
  balanced.sort((a, b) => byText(a.name, b.name))
  const nodeAddresses = nodes.flatMap((node) => addressesOf(node))
  return { balanced, hostPorts: hostPortsOf(snapshot, nodes), nodeAddresses, places: placesOf(balanced, snapshot, nodes) }
}

/** Endpoints that are ready, or serve on their way out, in a stable order. */
function endpointsOf(slices: readonly EndpointSlice[], port: ServicePort): Reachable[] {
  const found = new Map<string, Reachable>()
  for (const slice of slices) {
    const match = (slice.ports ?? []).find((one) => (one.name ?? '') === (port.name ?? '') && protocolOf(one.protocol) === protocolOf(port.protocol))
    if (!match?.port) continue
    for (const { addresses, conditions, hints, nodeName } of slice.endpoints ?? []) {
      const address = addresses[0]
      if (!address || !isIpv4(address)) continue
      const ready = conditions?.ready !== false
      if (!ready && (conditions?.terminating !== true || conditions.serving === false)) continue
      const names = (some: readonly { name: string }[] | undefined) => (some ?? []).map(({ name }) => name)
      const key = `${address}:${match.port}`
      if (ready || !found.get(key)?.ready) found.set(key, { target: { address, port: match.port }, ready, node: nodeName, forZones: names(hints?.forZones), forNodes: names(hints?.forNodes) })
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!)
}

function placesOf(balanced: readonly Balanced[], snapshot: Snapshot, nodes: readonly Node[]): Map<string, Place> {
  const named = new Set(balanced.flatMap(({ near = [], entry }) => [...near, ...(entry?.near ?? [])]).flatMap((one) => one.nodes))
  return new Map(nodes.filter(({ metadata }) => named.has(metadata.name)).map((node) => {
    const pods = snapshot.podsOn<Pod>(node.metadata.name).flatMap(({ spec, status }) => (status?.podIP && isIpv4(status.podIP) && !spec.hostNetwork ? [status.podIP] : []))
    return [node.metadata.name, { node: addressesOf(node), pods: [...new Set(pods)].sort() }]
  }))
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
