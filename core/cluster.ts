/**
 * The composition root: builds every room, starts them in order, and stops them in reverse. Ready means that the API
 * answers; the engine is reached in the background, and nodes become Ready when it is.
 *
 * Order: home lock → store → registry → snapshot → controllers, scheduler → API door → journal, window → node agents, network.
 */
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { ShellEvent } from '../electron/contract.ts'
import { kindList } from './api/kinds.ts'
import { noDocs, type Docs } from './api/schema/docs.ts'
import { kubernetesFacts } from './api/schema/kubernetes-facts.ts'
import type { Pod } from './api/types/core.ts'
import { systemClock } from './base/clock.ts'
import type { Logger } from './base/log.ts'
import { PortTaken } from './base/port-taken.ts'
import { Scope } from './base/scope.ts'
import { controllers } from './controllers/controllers.ts'
import { customMetricsApi, openCustomMetrics } from './custom-metrics-api.ts'
import { externalMetricsApi } from './external-metrics-api.ts'
import { lookAtOnce } from './first-look.ts'
import { chooseEngine, nodeNames } from './engine.ts'
import { Home } from './home.ts'
import { openIngress } from './ingress.ts'
import { localClient, storageKey } from './local-client.ts'
import { Cache } from './loop/cache.ts'
import { Decisions } from './loop/decisions.ts'
import { listWatch } from './loop/list-watch.ts'
import { Recorder } from './loop/recorder.ts'
import { reflect } from './loop/reflector.ts'
import { Runner } from './loop/runner.ts'
import { metricsApi } from './metrics-api.ts'
import { Forwards } from './network/ports/forwards.ts'
import type { IngressService } from './network/ingress/ingress.ts'
import { parseResolvConf } from './network/dns/forward.ts'
import { apiAddress, clusterDomain, dnsAddress, gatewayAddress } from './network/ranges.ts'
import { withdrawn } from './network/withdrawal.ts'
import { NodeAgents } from './node/agents.ts'
import { NodePodAccess } from './node/pod-access.ts'
import { VolumeReclaimer } from './node/volumes/reclaimer.ts'
import { DockerRuntime } from './node/runtime/docker.ts'
import { SimulatedRuntime } from './node/runtime/simulated.ts'
import { UsageMeter } from './node/usage/usage-meter.ts'
import type { Options } from './options.ts'
import { PodNetwork, serverNames } from './pod-network.ts'
import { rangesOf } from './pod-ranges.ts'
import { podTokens } from './pod-tokens.ts'
import { Scheduler } from './scheduler/scheduler.ts'
import { adminSubject, openAuthority } from './server/auth/authority.ts'
import { TokenKey } from './server/auth/json-web-token.ts'
import { secretClaims } from './server/auth/service-account-claims.ts'
import { userKubeconfig } from './server/auth/user-kubeconfig.ts'
import { adminEntry, mergeKubeconfig, unmergeKubeconfig, writeKubeconfig } from './server/auth/kubeconfig.ts'
import { expireObjects } from './server/registry/event-expiry.ts'
import { GenericRegistry } from './server/registry/generic-registry.ts'
import { serveApi } from './server/http/serve-api.ts'
import { openApi } from './server/openapi/openapi.ts'
import type { User } from './server/registry/registry.ts'
import { keepHistory } from './store/compactor.ts'
import { sqliteStore } from './store/sqlite/sqlite-store.ts'
import { health, type Health } from './window/calls/health.ts'
import { schemaModel } from './window/calls/schema.ts'
import { StatusSampler } from './window/calls/status.ts'
import { UsageSampler } from './window/calls/usage.ts'
import type { WindowHandlers } from './window/handlers.ts'
import { Journal } from './window/journal/journal.ts'
import { windowHandlers } from './window/window-handlers.ts'

export interface Cluster {
  /** https://127.0.0.1:6443 */
  readonly api: string
  readonly kubeconfig: string
  readonly token: string
  readonly handlers: WindowHandlers
  health(): Health
  runningPods(): number
  onChange(listener: () => void): () => void
  close(options: { stopPods: boolean }): Promise<void>
}

export interface StartContext {
  log: Logger
  /** Field documentation as the build left it; a checkout that was not built has none, and explains less. */
  docs: URL
  /** The desktop shell's events, where there is one. */
  shell?: (listener: (event: ShellEvent) => void) => () => void
}

/** Orrery's own version, and the Kubernetes it speaks. */
export const version = '0.1.0'
const kubernetesVersion = 'v1.36.3'

const defaultApiPort = 6443
const contextName = 'orrery'
const beforeStopMs = 900
const quitGraceSeconds = 5
const nodePorts = { from: 30_000, to: 32_767 }
const clock = systemClock

export async function startCluster(options: Options, context: StartContext): Promise<Cluster> {
  const home = new Home(options.home)
  const scope = new Scope('cluster')
  scope.add('lock', home.lock())
  try {
    return await build(options, home, scope, context)
  } catch (error) {
    await scope.close().catch(() => {})
    throw error
  }
}

async function build(options: Options, home: Home, scope: Scope, context: StartContext): Promise<Cluster> {
  const { log, shell } = context
  const startedMs = clock.now()
  const identity = home.identity()
  const engine = await chooseEngine(options.nodes, process.env)
  const ranges = await rangesOf(home, identity, engine)

  // The API's data: what is acknowledged is on disk.
  const store = sqliteStore(home.database, clock)
  scope.add('store', () => store.close())
  keepHistory(store, clock, scope, log)
  const authority = await openAuthority({ directory: home.certificates, names: serverNames(ranges), now: clock.now() })
  const tokenKey = new TokenKey(authority.tokenKeyPem)
  const registry = new GenericRegistry({ store, clock, facts: kubernetesFacts, kinds: kindList, services: { addresses: ranges.services, nodePorts }, tokenKey, derived: metricsApi(() => ({ meter, snapshot: cache, signal: scope.signal })) })
  await registry.ready
  const clientFor = (actor: string, user: User = partOfCluster(actor)) => localClient({ registry, actor, user })

  for (const kind of kindList) if (kind.ttlSeconds !== undefined) await expireObjects(store, clock, kind, scope)

  // One snapshot of everything, for everyone who decides.
  const cache = new Cache()
  const stored = kindList.filter((kind) => kind.verbs?.includes('list') ?? true)
  void reflect({ source: listWatch(clientFor('system'), stored.map(({ kind }) => kind)), sink: cache, clock, log, signal: scope.signal })
  await cache.waitFor(0, scope.signal)
  const decisions = new Decisions()
  const recorder = new Recorder({ client: clientFor('system'), clock, log })
  const scheduler = new Scheduler({ client: clientFor('scheduler'), cache, clock, log, recorder, decisions })

  const runtime =
    engine.kind === 'docker'
      ? new DockerRuntime({ host: engine.host, cluster: identity.id, podCidr: ranges.pods, cache: home.cache, clock, log })
      : new SimulatedRuntime({ clock, nodes: engine.count })
  const meter = new UsageMeter({ runtime, clock, log, wanted: () => cache.list('HorizontalPodAutoscaler').length > 0 })
  meter.start(scope)
  const agents = new NodeAgents({
    runtime,
    nodes: nodeNames(engine, hostname()),
    clientFor: (node) => clientFor(`node:${node}`),
    cache,
    recorder,
    clock,
    log,
    podsRoot: home.pods,
    dns: { server: dnsAddress(ranges), domain: clusterDomain, host: machineDns() },
    version: kubernetesVersion,
    machineId: identity.id,
    token: podTokens(registry, clock),
    beforeStop: async (pod) => {
      if (network?.proxy) await withdrawn(cache, network.proxy, { namespace: pod.metadata.namespace ?? '', uid: pod.metadata.uid }, clock, beforeStopMs)
    },
  })
  const pods = new NodePodAccess(runtime, cache)
  const custom = openCustomMetrics({ snapshot: cache, access: pods, clock, log, scope })
  lookAtOnce(cache, meter, custom, scope)
  new VolumeReclaimer({ runtime, client: clientFor('node:volumes'), cache, recorder, clock, log }).start(scope)

  const docs = lazily(() => JSON.parse(readFileSync(context.docs, 'utf8')) as Docs, noDocs)
  const documents = lazily(() => openApi(registry.faces, kubernetesFacts, docs()))
  const api = await serveApi({
    registry,
    podAccess: pods,
    customMetrics: customMetricsApi(custom, cache),
    externalMetrics: externalMetricsApi(cache),
    authority,
    openApi: { get groupVersions() { return documents().groupVersions }, v3: (path) => documents().v3(path), v2: () => documents().v2(), v2Protobuf: () => documents().v2Protobuf() },
    clock,
    log,
    scope,
    version,
    hosts: [options.listen],
    port: options.apiPort ?? defaultApiPort,
    portIsExplicit: options.apiPort !== undefined && options.apiPort !== 0,
    health: [
      { name: 'store', check: () => { if (store.failure !== undefined) throw new Error(store.failure) } },
    ],
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    throw new PortTaken(`--api-port ${options.apiPort ?? defaultApiPort}: the port is in use on ${options.listen}. Choose another, or 0 for any free one.`)
  })
  await publishKubeconfig(options, home, adminEntry(authority, contextName, api.url))

  const network = runtime instanceof DockerRuntime ? new PodNetwork({ cluster: identity.id, ranges, runtime, cache, api, clock, log }) : undefined
  const runner = new Runner({ cache, clientFor: (actor) => clientFor(actor), clock, log, decisions, recorder })
  const apiServer = { address: gatewayAddress(ranges), port: api.port, clusterIP: apiAddress(ranges) }
  const loops = [runner.run(controllers({ kinds: stored, volumeFolders: home.volumes, usage: meter, custom, certificate: authority.caPem, apiServer, serviceCidrs: [ranges.services], secretToken: (...about) => tokenKey.sign(secretClaims(...about)) }), scope.signal), scheduler.run(scope.signal)]
  scope.add('loops', () => Promise.all(loops).then(() => recorder.flush()))

  const ingress = openIngress({ cache, client: clientFor('ingress'), pods, authority, options, reachable: engine.kind === 'docker', clock, log, scope })

  const you = userInfo().username
  const journal = await Journal.open(store, () => cache, scope, [you, adminSubject.commonName], (entry) => registry.machinery.entries.object(entry))
  const forwards = new Forwards({ cache, clock, log, dial: (pod, port) => pods.dial(targetOf(pod), port) })
  scope.add('forwards', () => forwards.closeAll())
  const sampler = new StatusSampler({
    version,
    kubernetes: kubernetesVersion,
    api: api.url,
    kubeconfig: home.kubeconfig,
    home: home.path,
    startedMs,
    engine: () => ({ kind: engine.kind, name: agents.engineInfo.name === 'docker' ? `Docker ${agents.engineInfo.version}` : 'simulated', ...agents.engine, ...(engine.kind === 'simulated' && engine.why !== undefined ? { say: engine.why, lookedFor: [...engine.lookedFor] } : {}) }),
    store: () => (store.failure === undefined ? { state: 'ready', say: 'every acknowledged write is on disk' } : { state: 'read-only', say: store.failure }),
    problems: () => problemsOf(network, runtime, ingress),
  })
  const usage = new UsageSampler(runtime)
  const handlers = windowHandlers({
    client: clientFor(`user:${you}`, { name: you, groups: ['system:masters', 'system:authenticated'] }),
    registry,
    journal,
    snapshot: () => cache,
    subscribe: (listener) => cache.subscribe(() => listener()),
    decisions: (ref) => decisions.of(ref),
    cycle: (uid) => scheduler.cycles.of(uid),
    queuePlace: (uid) => scheduler.placeOf(uid),
    keyOf: (ref) => storageKey(registry, ref),
    pods,
    forwards: {
      open: (q) => forwards.open(q.ref, q.port),
      close: (id) => forwards.close(id),
      list: () => forwards.list(),
    },
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
        await publishKubeconfig(options, home, adminEntry(authority, contextName, api.url))
        return settings
      },
    },
    ...(shell === undefined ? {} : { shell }),
    now: () => clock.now(),
  })

  // Nobody waits for the engine: its nodes say for themselves when they are ready.
  const reached = () => {
    if (agents.engine.state === 'ready') void network?.up(scope).catch((error: unknown) => log.error('the network of Pods is not up', { error: String(error) }))
  }
  scope.add('engine state', agents.subscribe(reached))
  void agents.start(scope).catch((error: unknown) => log.error('node agents failed', { error: error instanceof Error ? error.stack : String(error) }))

  return {
    api: api.url,
    kubeconfig: home.kubeconfig,
    token: identity.token,
    handlers,
    health: () => health(cache, clock.now()),
    runningPods: () => cache.list<Pod>('Pod').filter((pod) => pod.status?.phase === 'Running').length,
    onChange: (listener) => cache.subscribe(() => listener()),
    async close({ stopPods }) {
      await scope.close()
      if (stopPods && runtime instanceof DockerRuntime) await stopContainers(runtime)
      if (runtime instanceof DockerRuntime) runtime.close()
    },
  }
}

const partOfCluster = (actor: string): User => ({ name: actor.startsWith('node:') ? `system:node:${actor.slice('node:'.length)}` : `system:${actor.replace(/^controller:/, '')}`, groups: ['system:masters', 'system:authenticated'] })

const targetOf = (pod: Pod) => ({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid, node: pod.spec.nodeName ?? '' })

/** Ends every container; the Pods' objects stay, and start again with the cluster. */
async function stopContainers(runtime: DockerRuntime): Promise<void> {
  const running = (await runtime.containers()).filter(({ state, kind }) => state === 'running' && kind !== 'sandbox')
  await Promise.all(running.map(({ id }) => runtime.stop(id, quitGraceSeconds)))
}

function machineDns() {
  try {
    return parseResolvConf(readFileSync('/etc/resolv.conf', 'utf8'))
  } catch {
    // Windows and macOS keep it elsewhere; Pods then ask the cluster DNS alone.
    return { servers: [], searches: [] }
  }
}

/** Writes the home's own kubeconfig and, for the default home, keeps the user's in step with the setting. */
async function publishKubeconfig(options: Options, home: Home, entry: ReturnType<typeof adminEntry>): Promise<void> {
  await writeKubeconfig(home.kubeconfig, entry)
  if (!options.isDefaultHome) return
  if (home.settings().addToUserKubeconfig) await mergeKubeconfig(userKubeconfig(), entry)
  else await unmergeKubeconfig(userKubeconfig(), contextName)
}

function problemsOf(network: PodNetwork | undefined, runtime: DockerRuntime | SimulatedRuntime, ingress: IngressService) {
  const problems = []
  const shut = ingress.state.problem
  if (shut !== undefined) problems.push({ say: 'Ingresses are not served', why: shut, help: 'Free the port, or start Orrery with another: --ingress-port 8080. Orrery tries again by itself.' })
  if (runtime instanceof DockerRuntime && runtime.lacks !== undefined) problems.push({ say: 'Services do not work', why: runtime.lacks, help: 'Install nftables and socat on this machine (apt install nftables socat), then start Orrery again.' })
  if (network?.proxy?.state.state === 'failing') problems.push({ say: 'Service rules could not be applied', why: network.proxy.state.error ?? '', help: 'Orrery tries again by itself; traffic follows the last rules until then.' })
  return problems
}

/** Made at first use and kept; `otherwise` where it cannot be made. */
function lazily<T>(make: () => T, otherwise?: T): () => T {
  let value: T | undefined
  return () => {
    if (value !== undefined) return value
    try {
      return (value = make())
    } catch (error) {
      if (otherwise === undefined) throw error
      return (value = otherwise)
    }
  }
}
