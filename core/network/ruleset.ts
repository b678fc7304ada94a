/**
 * The service proxy as text: one nftables table a cluster, replaced whole in one transaction. Pure and stable, so that an
 * equal text need not be applied again. Runs in the network namespace of the engine's machine.
 *
 * Connections are turned in prerouting (from Pods and from outside) and output (from this machine), before Docker's own
 * chains. Between Pods of one bridge the answers pass the machine only with br_netfilter; where that is off, `masquerade:
 * all` makes them. What a table cannot do: overrule another table's drop (Docker's FORWARD policy); see docker-user.ts.
 */
import type { Near, Target } from './near.ts'
import type { Balanced, Traffic } from './services.ts'

export interface RulesetOptions {
  /** The cluster's id: part of the table's name. */
  readonly cluster: string
  readonly pods: string
  readonly services: string
  /** The bridge that Pods sit on. */
  readonly bridge: string
  /** Service addresses that lead to this machine whatever the API says: the API itself, and DNS. */
  readonly own: readonly { readonly address: string; readonly port: number; readonly protocol: 'tcp' | 'udp'; readonly to: Target }[]
  /** `hairpin`: only a Pod that reaches itself looks like this machine; `all`: every client does. */
  readonly masquerade: 'hairpin' | 'all'
}

const tableName = (cluster: string): string => `orrery-${cluster}`

/** Before Docker's nat chains (-100). */
const beforeDocker = -105

export function ruleset(traffic: Traffic, options: RulesetOptions): string {
  const name = tableName(options.cluster)
  const services: string[] = []
  const refused: string[] = []
  const nodePorts: string[] = []
  const refusedNodePorts: string[] = []
  const chains: string[] = []
  const seen = new Set<string>()
  const claim = (key: string) => !seen.has(key) && seen.add(key)

  for (const { address, port, protocol, to } of options.own) {
    const key = `${address} . ${protocol} . ${port}`
    if (!claim(key)) continue
    const chain = `own/${protocol}/${address}/${port}`
    services.push(`${key} : goto ${chain}`)
    chains.push(chainText(chain, [`meta l4proto ${protocol} dnat to ${to.address}:${to.port}`]))
  }
  for (const service of traffic.balanced) {
    const chain = `svc/${service.name}`
    const outer = service.entry ? `ext/${service.name}` : chain
    const used = new Set<string>()
    const serve = (key: string, to: string, served: string[], unserved: string[]) => {
      if (service.targets.length === 0) return unserved.push(key)
      used.add(to)
      return served.push(`${key} : goto ${to}`)
    }
    for (const [addresses, to] of [[service.addresses, chain], [service.externalAddresses ?? [], outer]] as const) {
      for (const address of addresses) {
        const key = `${address} . ${service.protocol} . ${service.port}`
        if (claim(key)) serve(key, to, services, refused)
      }
    }
    if (service.nodePort !== undefined && claim(`node . ${service.protocol} . ${service.nodePort}`)) serve(`${service.protocol} . ${service.nodePort}`, outer, nodePorts, refusedNodePorts)
    if (used.size > 0) chains.push(...chainsOf(service, used.has(outer) ? outer : chain, options.pods))
  }
  const hostPorts: string[] = []
  for (const port of traffic.hostPorts) {
    const chain = `host/${port.name}`
    const places = port.addresses.map((address) => `${address} . ${port.protocol} . ${port.port}`).filter(claim)
    services.push(...places.map((key) => `${key} : goto ${chain}`))
    const onMachine = port.onMachine && claim(`node . ${port.protocol} . ${port.port}`)
    if (onMachine) hostPorts.push(`${port.protocol} . ${port.port} : goto ${chain}`)
    if (places.length > 0 || onMachine) chains.push(chainText(chain, [`meta l4proto ${port.protocol} dnat to ${port.target.address}:${port.target.port}`]))
  }

  const own = [...traffic.balanced.flatMap(({ targets, near = [], entry }) => [...targets, ...[...near, ...(entry?.near ?? [])].flatMap((one) => one.targets)]), ...traffic.hostPorts.map(({ target }) => target)].map(({ address }) => `${address} . ${address}`)

  return `${lines([
    `table ip ${name} {}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    map('services', 'ipv4_addr . inet_proto . inet_service : verdict', services),
    map('node-ports', 'inet_proto . inet_service : verdict', [...nodePorts, ...hostPorts]),
    set('refused', 'ipv4_addr . inet_proto . inet_service', refused),
    set('refused-node-ports', 'inet_proto . inet_service', refusedNodePorts),
    set('node-addresses', 'ipv4_addr', [...new Set(traffic.nodeAddresses)]),
    ...[...traffic.places].flatMap(([node, { node: own, pods }]) => [set(`at/${node}`, 'ipv4_addr', [...new Set([...own, ...pods])]), set(`enters/${node}`, 'ipv4_addr', own)]),
    set('hairpin', 'ipv4_addr . ipv4_addr', [...new Set(own)].sort()),
    ...chains,
    '  chain dispatch {',
    '    ip daddr . meta l4proto . th dport vmap @services',
    '    ip daddr @node-addresses meta l4proto . th dport vmap @node-ports',
    '    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node-ports',
    '  }',
    '  chain prerouting {',
    `    type nat hook prerouting priority ${beforeDocker}; policy accept;`,
    '    jump dispatch',
    '  }',
    '  chain output {',
    `    type nat hook output priority ${beforeDocker}; policy accept;`,
    '    jump dispatch',
    '  }',
    '  chain postrouting {',
    '    type nat hook postrouting priority 95; policy accept;',
    // A Pod that reached itself, or, without br_netfilter, any Pod of the bridge: answers would not pass here otherwise.
    options.masquerade === 'all' ? `    ct status dnat ip saddr ${options.pods} ip daddr ${options.pods} masquerade` : '    ct status dnat ip saddr . ip daddr @hairpin masquerade',
    '  }',
    '  chain refuse {',
    '    meta l4proto tcp reject with tcp reset',
    '    reject with icmp type port-unreachable',
    '  }',
    '  chain unowned {',
    '    ip daddr . meta l4proto . th dport @refused goto refuse',
    // The whole range is ours: what nothing serves is refused here, not sent to some far gateway.
    `    ip daddr ${options.services} goto refuse`,
    '  }',
    '  chain unowned-node-port {',
    '    ip daddr @node-addresses meta l4proto . th dport @refused-node-ports goto refuse',
    '    fib daddr type local meta l4proto . th dport @refused-node-ports goto refuse',
    '  }',
    '  chain forward {',
    '    type filter hook forward priority -5; policy accept;',
    // docker-user.ts opens the bridge to the outside for Services; Pods' own addresses stay closed, as Docker keeps them.
    `    oifname "${options.bridge}" iifname != "${options.bridge}" ct state new ct status & dnat != dnat drop`,
    '    ct state new jump unowned',
    '    ct state new jump unowned-node-port',
    '  }',
    '  chain filter-output {',
    '    type filter hook output priority -5; policy accept;',
    '    ct state new jump unowned',
    '    ct state new jump unowned-node-port',
    '  }',
    '  chain input {',
    '    type filter hook input priority -5; policy accept;',
    '    ct state new jump unowned-node-port',
    '  }',
    '}',
  ])}\n`
}

/** What `--purge` applies. */
export const removal = (cluster: string): string => `table ip ${tableName(cluster)} {}\ndelete table ip ${tableName(cluster)}\n`

/** Nodes with endpoints of their own go their own way, by whose address: the client's (`at`) or the one called (`enters`). */
function chainsOf(service: Balanced, outer: string, pods: string): string[] {
  const inner = `svc/${service.name}`
  const chain = (name: string, near: readonly Near[], direction: 'ip saddr @at' | 'ip daddr @enters', first: readonly string[] = []): string[] => [
    ...near.filter(({ targets }) => targets.length > 0).map(({ nodes, targets }) => chainText(`${name}/${nodes[0]}`, [balance({ ...service, targets })])),
    chainText(name, [
      ...first,
      ...near.flatMap(({ nodes, targets }) => nodes.map((node) => `${direction}/${node} ${targets.length > 0 ? `goto ${name}/${nodes[0]}` : 'drop'}`)),
      balance(service),
    ]),
  ]
  const own = chain(inner, service.near ?? [], 'ip saddr @at')
  if (outer === inner || !service.entry) return own
  return [...own, ...chain(outer, service.entry.near, 'ip daddr @enters', service.entry.spares === 'pods' ? [`fib saddr type != local ip saddr ${pods} meta l4proto ${service.protocol} ${balanceOf(service)}`] : [])]
}

const balance = (service: Balanced): string => `meta l4proto ${service.protocol} ${balanceOf(service)}`

function balanceOf({ targets, sticky }: Balanced): string {
  if (targets.length === 1) return `dnat to ${targets[0]!.address}:${targets[0]!.port}`
  // By the client's address: it keeps its target while the set of targets stays the same.
  const pick = sticky ? `jhash ip saddr mod ${targets.length}` : `numgen random mod ${targets.length}`
  return `dnat ip addr . port to ${pick} map { ${targets.map(({ address, port }, i) => `${i} : ${address} . ${port}`).join(', ')} }`
}

const lines = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n')
const chainText = (name: string, rules: readonly string[]): string => lines([`  chain ${name} {`, ...rules.map((rule) => `    ${rule}`), '  }'])
const elements = (all: readonly string[]): string => (all.length === 0 ? '' : `    elements = { ${all.join(', ')} }`)
const map = (name: string, type: string, all: readonly string[]): string => lines([`  map ${name} {`, `    type ${type}`, elements(all), '  }'])
const set = (name: string, type: string, all: readonly string[]): string => lines([`  set ${name} {`, `    type ${type}`, elements(all), '  }'])
