/**
 * The composition root: builds every room (the larger ones in cluster/), starts them in order, and stops them in reverse.
 * Ready means that the API answers; the engine is reached in the background, and nodes become Ready when it is.
 *
 * Order: home lock → store → registry → snapshot → controllers, scheduler → API door → journal, window → node agents, network.
 */
import type { ShellEvent } from '../electron/contract.ts'
import { kindList } from './api/kinds.ts'
import type { Pod } from './api/types/core.ts'
import { systemClock } from './base/clock.ts'
import type { Logger } from './base/log.ts'
import { Scope } from './base/scope.ts'
import { openData } from './cluster/data.ts'
import { openDoor, readDocs } from './cluster/door.ts'
import { openIngress } from './cluster/ingress.ts'
import { publishKubeconfig } from './cluster/kubeconfig.ts'
import { metricsApi } from './cluster/metrics-api.ts'
import { closeNodes, openNodes } from './cluster/nodes.ts'
import { PodNetwork } from './cluster/pod-network.ts'
import { rangesOf } from './cluster/pod-ranges.ts'
import { openWindow } from './cluster/window.ts'
import { controllers } from './controllers/controllers.ts'
import { chooseEngine } from './engine.ts'
import { Home } from './home.ts'
import { Cache } from './loop/cache.ts'
import { Decisions } from './loop/decisions.ts'
import { listWatch } from './loop/list-watch.ts'
import { Recorder } from './loop/recorder.ts'
import { reflect } from './loop/reflector.ts'
import { Runner } from './loop/runner.ts'
import { apiAddress, gatewayAddress } from './network/ranges.ts'
import { DockerRuntime } from './node/runtime/docker.ts'
import type { Options } from './options.ts'
import { Scheduler } from './scheduler/scheduler.ts'
import { secretClaims } from './server/auth/service-account-claims.ts'
import { health, type Health } from './window/calls/health.ts'
import type { WindowHandlers } from './window/handlers.ts'

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

async function build(options: Options, home: Home, scope: Scope, { log, docs: docsFile, shell }: StartContext): Promise<Cluster> {
  const startedMs = clock.now()
  const part = { clock, log, scope }
  const identity = home.identity()
  const engine = await chooseEngine(options.nodes, process.env)
  const ranges = await rangesOf(home, identity, engine)

  // One snapshot of everything, for everyone who decides.
  const cache = new Cache()
  const data = await openData(part, home, ranges, metricsApi(() => ({ meter: nodes.meter, snapshot: cache, signal: scope.signal })))
  const { clientFor, registry } = data
  const stored = kindList.filter((kind) => kind.verbs?.includes('list') ?? true)
  void reflect({ source: listWatch(clientFor('system'), stored.map(({ kind }) => kind)), sink: cache, clock, log, signal: scope.signal })
  await cache.waitFor(0, scope.signal)
  const decisions = new Decisions()
  const recorder = new Recorder({ client: clientFor('system'), clock, log })
  const scheduler = new Scheduler({ client: clientFor('scheduler'), cache, clock, log, recorder, decisions })

  const nodes = openNodes({ ...part, engine, home, ranges, data, cache, recorder, decisions, network: () => network })
  const { runtime, agents, pods } = nodes
  const docs = readDocs(docsFile)
  const api = await openDoor({ ...part, options, data, nodes, cache, docs })
  await publishKubeconfig(options, home, data.authority, api.url)
  const network = runtime instanceof DockerRuntime ? new PodNetwork({ cluster: identity.id, ranges, runtime, cache, api, clock, log }) : undefined

  const runner = new Runner({ cache, clientFor: (actor) => clientFor(actor), clock, log, decisions, recorder })
  const deciders = controllers({
    kinds: stored,
    volumeFolders: home.volumes,
    usage: nodes.meter,
    custom: nodes.scraper,
    certificate: data.authority.caPem,
    apiServer: { address: gatewayAddress(ranges), port: api.port, clusterIP: apiAddress(ranges) },
    serviceCidrs: [ranges.services],
    secretToken: (...about) => data.tokenKey.sign(secretClaims(...about)),
  })
  const loops = [runner.run(deciders, scope.signal), scheduler.run(scope.signal)]
  scope.add('loops', () => Promise.all(loops).then(() => recorder.flush()))

  const ingress = openIngress({ ...part, cache, client: clientFor('ingress'), pods, authority: data.authority, options, reachable: engine.kind === 'docker' })
  const handlers = await openWindow({ ...part, options, home, engine, data, nodes, cache, decisions, scheduler, network, ingress, docs, api, startedMs, ...(shell === undefined ? {} : { shell }) })

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
      await closeNodes(nodes, stopPods)
    },
  }
}
