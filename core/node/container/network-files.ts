/** /etc/hosts and /etc/resolv.conf of a Pod (upstream: pkg/kubelet/kubelet_pods.go, pkg/kubelet/network/dns). Pure. */
import type { Pod } from '../../api/types/core.ts'

export interface DnsSettings {
  /** The cluster DNS. */
  server: string
  /** cluster.local */
  domain: string
  /** What the machine itself uses. */
  host: { servers: readonly string[]; searches: readonly string[] }
}

const longestHostname = 63

export function hostnameOf(pod: Pod): string {
  return (pod.spec.hostname ?? pod.metadata.name).slice(0, longestHostname).replace(/[-.]+$/, '')
}

const domainOf = (pod: Pod, domain: string) => (pod.spec.subdomain ? `${pod.spec.subdomain}.${pod.metadata.namespace}.svc.${domain}` : undefined)

export function hostsFile(pod: Pod, podIP: string, domain: string): string {
  const name = hostnameOf(pod)
  const full = domainOf(pod, domain)
  const lines = [
    pod.spec.hostNetwork ? '# Kubernetes-managed hosts file (host network).' : '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ]
  if (!pod.spec.hostNetwork) lines.push(full ? `${podIP}\t${name}.${full}\t${name}` : `${podIP}\t${name}`)
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}`)
  if (aliases.length > 0) lines.push('', '# Entries added by HostAliases.', ...aliases)
  return `${lines.join('\n')}\n`
}

export function resolvFile(pod: Pod, dns: DnsSettings): string {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst'
  const cluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec.hostNetwork)
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {}
  const base =
    policy === 'None'
      ? { servers: [], searches: [], options: [] }
      : cluster
        ? { servers: [dns.server], searches: [`${pod.metadata.namespace}.svc.${dns.domain}`, `svc.${dns.domain}`, dns.domain, ...dns.host.searches], options: ['ndots:5'] }
        : { servers: dns.host.servers, searches: dns.host.searches, options: [] }
  const wanted = options.map(({ name, value }) => (value === undefined ? (name ?? '') : `${name}:${value}`))
  const overridden = new Set(options.map(({ name }) => name))
  const lists = {
    search: [...new Set([...base.searches, ...searches])],
    servers: [...new Set([...base.servers, ...nameservers])],
    options: [...base.options.filter((option) => !overridden.has(option.split(':')[0])), ...wanted],
  }
  const lines = [
    ...(lists.search.length > 0 ? [`search ${lists.search.join(' ')}`] : []),
    ...lists.servers.map((server) => `nameserver ${server}`),
    ...(lists.options.length > 0 ? [`options ${lists.options.join(' ')}`] : []),
  ]
  return `${lines.join('\n')}\n`
}
