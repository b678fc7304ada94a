/** The machines that run Pods: the runtime, an agent for each node, and what is measured on them. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { nodeNames, type EngineChoice } from '../engine.ts'
import type { Home } from '../home.ts'
import type { Cache } from '../loop/cache.ts'
import type { Decisions } from '../loop/decisions.ts'
import type { Recorder } from '../loop/recorder.ts'
import { parseResolvConf } from '../network/dns/forward.ts'
import { clusterDomain, dnsAddress, type Ranges } from '../network/ranges.ts'
import { withdrawn } from '../network/withdrawal.ts'
import { NodeAgents } from '../node/agents.ts'
import { NodePodAccess } from '../node/pod-access.ts'
import { DockerRuntime } from '../node/runtime/docker.ts'
import { SimulatedRuntime } from '../node/runtime/simulated.ts'
import type { MetricsScraper } from '../node/usage/scraper.ts'
import { UsageMeter } from '../node/usage/usage-meter.ts'
import { VolumeReclaimer } from '../node/volumes/reclaimer.ts'
import { openCustomMetrics } from './custom-metrics-api.ts'
import type { Data } from './data.ts'
import { lookAtOnce } from './first-look.ts'
import type { Part } from './part.ts'
import type { PodNetwork } from './pod-network.ts'
import { podTokens } from './pod-tokens.ts'
import { kubernetesVersion } from './version.ts'

export interface NodeParts extends Part {
  readonly engine: EngineChoice
  readonly home: Home
  readonly ranges: Ranges
  readonly data: Data
  readonly cache: Cache
  readonly recorder: Recorder
  readonly decisions: Decisions
  /** Comes later than the nodes, and not to simulated ones. */
  readonly network: () => PodNetwork | undefined
}

export interface Nodes {
  readonly runtime: DockerRuntime | SimulatedRuntime
  readonly agents: NodeAgents
  /** Logs, exec, attach, forwarded ports. */
  readonly pods: NodePodAccess
  readonly meter: UsageMeter
  /** What Pods tell of themselves. */
  readonly scraper: MetricsScraper
}

const beforeStopMs = 900
const quitGraceSeconds = 5

/** They are there, but not started: nobody waits for the engine. */
export function openNodes({ engine, home, ranges, data: { registry, clientFor }, cache, recorder, decisions, network, clock, log, scope }: NodeParts): Nodes {
  const { id } = home.identity()
  const runtime = engine.kind === 'docker' ? new DockerRuntime({ host: engine.host, cluster: id, podCidr: ranges.pods, cache: home.cache, clock, log }) : new SimulatedRuntime({ clock, nodes: engine.count })
  const meter = new UsageMeter({ runtime, clock, log, wanted: () => cache.list('HorizontalPodAutoscaler').length > 0 })
  meter.start(scope)
  const agents = new NodeAgents({
    runtime,
    nodes: nodeNames(engine, hostname()),
    clientFor: (node) => clientFor(`node:${node}`),
    cache,
    recorder,
    decisions,
    clock,
    log,
    podsRoot: home.pods,
    dns: { server: dnsAddress(ranges), domain: clusterDomain, host: machineDns() },
    version: kubernetesVersion,
    machineId: id,
    token: podTokens(registry, clock),
    beforeStop: async ({ metadata: { namespace = '', uid } }) => {
      const proxy = network()?.proxy
      if (proxy) await withdrawn(cache, proxy, { namespace, uid }, clock, beforeStopMs)
    },
  })
  const pods = new NodePodAccess(runtime, cache)
  const scraper = openCustomMetrics({ snapshot: cache, access: pods, clock, log, scope })
  lookAtOnce(cache, meter, scraper, scope)
  new VolumeReclaimer({ runtime, client: clientFor('node:volumes'), cache, recorder, clock, log }).start(scope)
  return { runtime, agents, pods, meter, scraper }
}

/** Ends every container where that is wanted; the Pods' objects stay, and start again with the cluster. */
export async function closeNodes({ runtime }: Nodes, stopPods: boolean): Promise<void> {
  if (!(runtime instanceof DockerRuntime)) return
  if (stopPods) {
    const running = (await runtime.containers()).filter(({ state, kind }) => state === 'running' && kind !== 'sandbox')
    await Promise.all(running.map(({ id }) => runtime.stop(id, quitGraceSeconds)))
  }
  runtime.close()
}

function machineDns() {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'))
  } catch {
    // Windows and macOS keep it elsewhere; Pods then ask the cluster DNS alone.
    return { servers: [], searches: [] }
  }
}
