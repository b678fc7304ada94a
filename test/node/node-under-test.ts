/** A node agent over any runtime, with the in-memory client, and the waiting that its tests do. */
import assert from 'node:assert/strict'
import type { Pod, PodSpec, PodStatus } from '../../core/api/types/core.ts'
import { Scope } from '../../core/base/scope.ts'
import type { Clock } from '../../core/base/clock.ts'
import { logger, silent } from '../../core/base/log.ts'
import { Recorder } from '../../core/loop/recorder.ts'
import { NodeAgents, type AgentsOptions } from '../../core/node/agents.ts'
import { NodePodAccess } from '../../core/node/pod-access.ts'
import type { Runtime } from '../../core/node/runtime.ts'
import { MemoryClient } from './memory-client.ts'

export interface TestNode<R extends Runtime> {
  runtime: R
  client: MemoryClient
  agents: NodeAgents
  access: NodePodAccess
  create(name: string, spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>, annotations?: Record<string, string>): Promise<void>
  get(name: string): Pod | undefined
  until(name: string, condition: (pod: Pod) => boolean): Promise<Pod>
  gone(name: string): Promise<void>
  eventually(condition: () => Promise<boolean> | boolean): Promise<void>
  /** `Reason: message` of every Event, oldest first. */
  events(): string[]
  lastStatus(name: string): PodStatus | undefined
  /** Another agent over the same runtime, as after a restart of Orrery. */
  restart(): Promise<void>
  close(): Promise<void>
}

export async function startNode<R extends Runtime>(runtime: R, options: { podsRoot: string; clock: Clock; nodes?: string[] } & Partial<AgentsOptions>): Promise<TestNode<R>> {
  const { clock, podsRoot, nodes = ['n1'], ...rest } = options
  const client = new MemoryClient(() => clock.now())
  const log = process.env['ORRERY_TEST_LOG'] ? logger((level, message, fields) => process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`)) : silent
  const open = async () => {
    const scope = new Scope('node under test')
    const recorder = new Recorder({ client, clock, log })
    const agents = new NodeAgents({
      runtime,
      nodes,
      clientFor: () => client,
      cache: client.cache,
      recorder,
      clock,
      log,
      podsRoot,
      dns: { server: '10.96.0.10', domain: 'cluster.local', host: { servers: ['192.0.2.53'], searches: [] } },
      version: 'v1.36.0',
      machineId: 'machine',
      ...rest,
    })
    await agents.start(scope)
    return { scope, agents, recorder }
  }
  let live = await open()
  const statuses = new Map<string, PodStatus>()
  client.cache.subscribe((events) => {
    for (const { object } of events) if (object.kind === 'Pod' && (object as Pod).status) statuses.set(object.metadata.name, (object as Pod).status!)
  })
  const get = (name: string) => client.find<Pod>('Pod', 'default', name)
  /** Each change of anything wakes the waiters; no polling. */
  const watch = (what: string, condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      if (condition()) return resolve()
      const stop = client.cache.subscribe(() => {
        if (!condition()) return
        clearTimeout(late)
        stop()
        resolve()
      })
      const late = setTimeout(() => {
        stop()
        reject(new Error(`waited in vain for ${what}: ${JSON.stringify(get(what)?.status)}`))
      }, 30_000)
    })
  return {
    runtime,
    client,
    get agents() {
      return live.agents
    },
    access: new NodePodAccess(runtime, client.cache),
    create: async (name, spec, annotations) => {
      await client.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...(annotations ? { annotations } : {}) }, spec: { nodeName: nodes[0], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec }, status: { phase: 'Pending' } })
    },
    get,
    until: async (name, condition) => {
      await watch(name, () => {
        const pod = get(name)
        return pod !== undefined && condition(pod)
      })
      return get(name)!
    },
    gone: (name) => watch(name, () => get(name) === undefined),
    eventually: async (condition) => {
      const end = Date.now() + 15_000
      while (!(await condition())) {
        assert.ok(Date.now() < end, 'waited in vain')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    events: () => client.cache.list('Event').map((event) => `${String(event['reason'])}: ${String(event['message'])}`),
    lastStatus: (name) => statuses.get(name),
    restart: async () => {
      await live.scope.close()
      live = await open()
    },
    close: async () => {
      await live.scope.close()
      await live.recorder.flush()
    },
  }
}
