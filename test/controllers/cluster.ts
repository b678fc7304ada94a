/** A cluster without servers: the world, the loop, the controllers, and something that plays scheduler and kubelet. */
import { timestamp, type NewObject } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { noCustomMetrics, type CustomMetricsView } from '../../core/api/metrics/custom-metrics.ts'
import { noUsage, type UsageView } from '../../core/api/metrics/usage.ts'
import { silent } from '../../core/base/log.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { Controller } from '../../core/loop/controller.ts'
import { Decisions } from '../../core/loop/decisions.ts'
import { listWatch } from '../../core/loop/list-watch.ts'
import { Recorder } from '../../core/loop/recorder.ts'
import { reflect } from '../../core/loop/reflector.ts'
import { Runner } from '../../core/loop/runner.ts'
import { kindList } from '../../core/api/kinds.ts'
import { controllers } from '../../core/controllers/controllers.ts'
import { FakeClock, settle } from '../loop/fake-clock.ts'
import { World } from './world.ts'

export const storedKinds = kindList.filter(({ verbs }) => verbs?.includes('list') ?? true)

export const allControllers = (usage: UsageView = noUsage, custom: CustomMetricsView = noCustomMetrics): readonly Controller[] =>
  controllers({ kinds: storedKinds, usage, custom, certificate: 'CA', apiServer: { address: '192.0.2.1', port: 6443, clusterIP: '10.96.0.1' }, serviceCidrs: ['10.96.0.0/16'], secretToken: (namespace, account, secret) => `token of ${namespace}/${account.name} in ${secret}` })

/** Those that a rollout needs; the others would mourn the nodes that are not there. */
export const rolloutControllers = (): readonly Controller[] => {
  const names = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller', 'endpointslice-controller', 'endpoints-controller']
  return allControllers().filter(({ name }) => names.includes(name))
}

export interface Cluster {
  readonly clock: FakeClock
  readonly world: World
  readonly cache: Cache
  readonly decisions: Decisions
  readonly recorder: Recorder
  apply(object: NewObject): void
  stop(): Promise<void>
}

export async function startCluster(list: readonly Controller[] = allControllers(), prepare?: (world: World) => void): Promise<Cluster> {
  const clock = new FakeClock()
  const world = new World(clock)
  prepare?.(world)
  const abort = new AbortController()
  const cache = new Cache()
  const decisions = new Decisions()
  const recorder = new Recorder({ client: world.client('recorder'), clock, log: silent })
  const following = reflect({ source: listWatch(world.client('cache'), storedKinds.map(({ kind }) => kind)), sink: cache, clock, log: silent, signal: abort.signal, random: () => 0 })
  const runner = new Runner({ cache, clientFor: (actor) => world.client(actor), clock, log: silent, decisions, recorder })
  const running = runner.run(list, abort.signal)
  await settle()
  return {
    clock,
    world,
    cache,
    decisions,
    recorder,
    apply: (object) => void world.put(object),
    async stop() {
      abort.abort()
      await Promise.all([following, running])
      await recorder.flush()
    },
  }
}

export interface KubeletOptions {
  /** Pods that never become ready. */
  readonly broken?: (pod: Pod) => boolean
  readonly nodes?: readonly string[]
  /** Picks what to do next, for random histories: 0 ≤ x < 1. */
  readonly random?: () => number
}

/** Does one thing that a scheduler or kubelet would do next; false where nothing is left to do. */
export async function nodesAct(world: World, clock: FakeClock, { broken, nodes = ['n1', 'n2', 'n3'], random = () => 0 }: KubeletOptions = {}): Promise<boolean> {
  const client = world.client('node')
  const ready = (pod: Pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  const pods = world.list<Pod>('Pod').filter((pod) => pod.metadata.deletionTimestamp !== undefined || !pod.spec.nodeName || (!ready(pod) && !broken?.(pod)) || (broken?.(pod) && pod.status.phase === 'Pending'))
  const pod = pods[Math.floor(random() * pods.length)]
  if (!pod) return false
  const ref = { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
  if (pod.metadata.deletionTimestamp !== undefined) await client.delete(ref, { gracePeriodSeconds: 0 })
  else if (!pod.spec.nodeName) await client.bind(ref, nodes[world.revision % nodes.length]!)
  else {
    const status = broken?.(pod) ? 'False' : 'True'
    const condition = { type: 'Ready', status, lastTransitionTime: timestamp(clock.now()) }
    await client.patch(ref, { type: 'merge', body: { status: { phase: 'Running', podIP: `10.0.0.${world.revision % 250}`, conditions: [condition] } } }, { subresource: 'status' })
  }
  return true
}

/** Lets controllers and nodes act until nothing changes any more. */
export async function settleCluster({ world, clock }: Cluster, options: KubeletOptions = {}, stepMs = 20): Promise<void> {
  for (let quiet = 0, i = 0; quiet < 20; i++) {
    if (i > 4_000) throw new Error('the cluster does not settle')
    const before = world.revision
    await nodesAct(world, clock, options)
    await clock.run(stepMs)
    quiet = world.revision === before ? quiet + 1 : 0
  }
}

export const namespace = (name: string): NewObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })

export interface DeploymentShape {
  name?: string
  replicas?: number
  image?: string
  maxSurge?: number | string
  maxUnavailable?: number | string
  recreate?: boolean
  minReadySeconds?: number
  paused?: boolean
  progressDeadlineSeconds?: number
  revisionHistoryLimit?: number
}

export const deploymentOf = ({ name = 'web', replicas = 3, image = 'nginx:1.25', maxSurge = '25%', maxUnavailable = '25%', recreate = false, ...rest }: DeploymentShape = {}): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: recreate ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
    ...rest,
  },
})
