/** What the window asks and is told: each call of its contract, given the parts of the cluster that answer it. */
import { userInfo } from 'node:os'
import type { Docs } from '../api/schema/docs.ts'
import { kubernetesFacts } from '../api/schema/kubernetes-facts.ts'
import type { Pod } from '../api/types/core.ts'
import type { EngineChoice } from '../engine.ts'
import type { Home } from '../home.ts'
import { storageKey } from '../local-client.ts'
import type { Cache } from '../loop/cache.ts'
import type { Decisions } from '../loop/decisions.ts'
import type { IngressService } from '../network/ingress/ingress.ts'
import { Forwards } from '../network/ports/forwards.ts'
import { DockerRuntime } from '../node/runtime/docker.ts'
import type { Options } from '../options.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { adminSubject } from '../server/auth/authority.ts'
import { schemaModel } from '../window/calls/schema.ts'
import { StatusSampler } from '../window/calls/status.ts'
import { UsageSampler } from '../window/calls/usage.ts'
import type { WindowHandlers } from '../window/handlers.ts'
import { Journal } from '../window/journal/journal.ts'
import { windowHandlers, type WindowDeps } from '../window/window-handlers.ts'
import type { Data } from './data.ts'
import { publishKubeconfig } from './kubeconfig.ts'
import type { Nodes } from './nodes.ts'
import type { Part } from './part.ts'
import type { PodNetwork } from './pod-network.ts'
import { kubernetesVersion, version } from './version.ts'

export interface WindowParts extends Part, Pick<WindowDeps, 'shell'> {
  readonly options: Options
  readonly home: Home
  readonly engine: EngineChoice
  readonly data: Data
  readonly nodes: Nodes
  readonly cache: Cache
  readonly decisions: Decisions
  readonly scheduler: Scheduler
  readonly network: PodNetwork | undefined
  readonly ingress: IngressService
  readonly docs: () => Docs
  readonly api: { readonly url: string }
  readonly startedMs: number
}

export async function openWindow(parts: WindowParts): Promise<WindowHandlers> {
  const { options, home, data, nodes, cache, decisions, scheduler, docs, api, shell, clock, scope } = parts
  const { registry } = data
  const { agents, pods, meter } = nodes
  const you = userInfo().username
  const journal = await Journal.open(data.store, () => cache, scope, [you, adminSubject.commonName], (entry) => registry.machinery.entries.object(entry))
  const sampler = samplerOf(parts)
  const usage = new UsageSampler(nodes.runtime)
  return windowHandlers({
    client: data.clientFor(`user:${you}`, { name: you, groups: ['system:masters', 'system:authenticated'] }),
    registry,
    journal,
    snapshot: () => cache,
    subscribe: (listener) => cache.subscribe(() => listener()),
    decisions: (ref) => decisions.of(ref),
    cycle: (uid) => scheduler.cycles.of(uid),
    queuePlace: (uid) => scheduler.placeOf(uid),
    keyOf: (ref) => storageKey(registry, ref),
    pods,
    forwards: forwardsOf(parts),
    pulls: {
      current: () => agents.pulls.current.map((pull) => ({ ...pull, pods: pull.pods.map((pod) => ({ kind: 'Pod', ...pod })) })),
      subscribe: (listener) => agents.pulls.subscribe(listener),
      retry: async (ref) => agents.retryPull(cache.get('Pod', ref.namespace, ref.name)?.metadata.uid ?? ''),
    },
    status: () => sampler.sample(),
    usage: () => usage.sample(cache, clock.now()),
    meter,
    schema: async (apiVersion, kind) => schemaModel(registry, kubernetesFacts, docs(), apiVersion, kind),
    settings: {
      read: () => home.settings(),
      save: async (change) => {
        const settings = { ...home.settings(), ...change }
        home.saveSettings(settings)
        await publishKubeconfig(options, home, data.authority, api.url)
        return settings
      },
    },
    ...(shell === undefined ? {} : { shell }),
    now: () => clock.now(),
  })
}

function forwardsOf({ cache, nodes, clock, log, scope }: WindowParts): WindowDeps['forwards'] {
  const dial = ({ metadata, spec }: Pod, port: number) => nodes.pods.dial({ namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid, node: spec.nodeName ?? '' }, port)
  const forwards = new Forwards({ cache, clock, log, dial })
  scope.add('forwards', () => forwards.closeAll())
  return { open: (q) => forwards.open(q.ref, q.port), close: (id) => forwards.close(id), list: () => forwards.list() }
}

function samplerOf(parts: WindowParts): StatusSampler {
  const { home, engine, data: { store }, nodes: { agents }, api, startedMs } = parts
  const chosen = engine.kind === 'simulated' && engine.why !== undefined ? { say: engine.why, lookedFor: [...engine.lookedFor] } : {}
  return new StatusSampler({
    version,
    kubernetes: kubernetesVersion,
    api: api.url,
    kubeconfig: home.kubeconfig,
    home: home.path,
    startedMs,
    engine: () => ({ kind: engine.kind, name: agents.engineInfo.name === 'docker' ? `Docker ${agents.engineInfo.version}` : 'simulated', ...agents.engine, ...chosen }),
    store: () => (store.failure === undefined ? { state: 'ready', say: 'every acknowledged write is on disk' } : { state: 'read-only', say: store.failure }),
    problems: () => problemsOf(parts),
  })
}

function problemsOf({ network, nodes: { runtime }, ingress }: WindowParts) {
  const problems = []
  const shut = ingress.state.problem
  if (shut !== undefined) problems.push({ say: 'Ingresses are not served', why: shut, help: 'Free the port, or start Orrery with another: --ingress-port 8080. Orrery tries again by itself.' })
  if (runtime instanceof DockerRuntime && runtime.lacks !== undefined) problems.push({ say: 'Services do not work', why: runtime.lacks, help: 'Install nftables and socat on this machine (apt install nftables socat), then start Orrery again.' })
  if (network?.proxy?.state.state === 'failing') problems.push({ say: 'Service rules could not be applied', why: network.proxy.state.error ?? '', help: 'Orrery tries again by itself; traffic follows the last rules until then.' })
  return problems
}
