/**
 * What Pods need of the machine's network, once the engine is reached: the API server on the bridge's gateway, the cluster
 * DNS beside it, and the Services as rules in the machine's own network namespace. Docker only.
 */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import type { Cache } from '../loop/cache.ts'
import { machineResolvers } from '../network/dns/forward.ts'
import { DnsServer } from '../network/dns/server.ts'
import { closeFromOutside, openFromOutside } from '../network/docker-user.ts'
import { ServiceProxy } from '../network/proxy.ts'
import { apiAddress, clusterDomain, dnsAddress, gatewayAddress, type Ranges } from '../network/ranges.ts'
import { removal } from '../network/ruleset.ts'
import type { DockerRuntime } from '../node/runtime/docker.ts'
import type { ApiServer } from '../server/http/serve-api.ts'

export interface PodNetworkOptions {
  cluster: string
  ranges: Ranges
  runtime: DockerRuntime
  cache: Cache
  api: ApiServer
  clock: Clock
  log: Logger
}

const resolvConf = '/etc/resolv.conf'
const bridgeNetfilter = '/proc/sys/net/bridge/bridge-nf-call-iptables'

export class PodNetwork {
  readonly #options: PodNetworkOptions
  readonly #dns: DnsServer
  #dnsPort = 0
  #listening = false
  #masquerade: 'hairpin' | 'all' = 'hairpin'
  #proxy: ServiceProxy | undefined

  constructor(options: PodNetworkOptions) {
    this.#options = options
    const { cache, clock, log, ranges } = options
    this.#dns = new DnsServer({ snapshot: cache, zone: { domain: clusterDomain, dns: dnsAddress(ranges), ranges: [ranges.pods, ranges.services] }, resolvers: machineResolvers(resolvConf, [gatewayAddress(ranges), dnsAddress(ranges)]), clock, log })
  }

  get proxy(): ServiceProxy | undefined {
    return this.#proxy
  }

  /** Called each time the engine is reached: the bridge exists now, and the helper may be a new one. */
  async up(scope: Scope): Promise<void> {
    const { api, ranges, runtime, cluster, cache, clock, log } = this.#options
    const gateway = gatewayAddress(ranges)
    if (!this.#listening) {
      await api.listenAlso(gateway)
      this.#dnsPort = await this.#dns.listen(gateway, 0)
      scope.add('dns', () => this.#dns.close())
      this.#listening = true
    }
    if (runtime.lacks !== undefined) return log.warn('Services cannot work', { lacks: runtime.lacks })
    // Without it, answers between Pods of one bridge pass the machine by, and every client must look like the machine.
    this.#masquerade = (await readFile(bridgeNetfilter, 'utf8').catch(() => '1')).trim() === '0' ? 'all' : 'hairpin'
    await openFromOutside((command, timeoutMs) => runtime.helper.run(command, timeoutMs), cluster, runtime.bridge)
    if (this.#proxy) return this.#proxy.touch(true)
    this.#proxy = new ServiceProxy({
      cache,
      clock,
      log,
      apply: (text) => runtime.helper.applyRuleset(text),
      options: () => ({
        cluster,
        pods: ranges.pods,
        services: ranges.services,
        bridge: runtime.bridge,
        masquerade: this.#masquerade,
        own: [
          { address: apiAddress(ranges), port: 443, protocol: 'tcp', to: { address: gateway, port: api.port } },
          { address: dnsAddress(ranges), port: 53, protocol: 'udp', to: { address: gateway, port: this.#dnsPort } },
          { address: dnsAddress(ranges), port: 53, protocol: 'tcp', to: { address: gateway, port: this.#dnsPort } },
        ],
      }),
    })
    const proxy = this.#proxy
    scope.add('service proxy', () => proxy.close())
  }
}

/** Takes the rules of a cluster out of the machine's tables. */
export async function removeRules(runtime: DockerRuntime, cluster: string): Promise<void> {
  await closeFromOutside((command, timeoutMs) => runtime.helper.run(command, timeoutMs), cluster)
  await runtime.helper.applyRuleset(removal(cluster))
}

/** Names and addresses that the API server's certificate must carry. */
export const serverNames = (ranges: Ranges): string[] => [apiAddress(ranges), gatewayAddress(ranges), hostname()]
