/**
 * The same histories as a real control plane lived through (test/golden/real-control-plane/rollouts.yaml): the end state
 * and the Deployment's Events must be the same.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import type { NewObject } from '../../core/api/meta.ts'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Event, Pod } from '../../core/api/types/core.ts'
import { deploymentOf, namespace, rolloutControllers, settleCluster, startCluster, type Cluster, type DeploymentShape } from './cluster.ts'

interface Step {
  apply?: DeploymentShape
  image?: string
  waitSeconds?: number
  replicas?: number
  paused?: boolean
}

interface Recorded {
  steps: Step[]
  deployment: { revision: string; generation: number; status: Record<string, number>; conditions: { type: string; status: string; reason: string; message: string }[] }
  replicaSets: { image: string; replicas: number; annotations: Record<string, string>; status: Record<string, unknown> }[]
  events: { reason: string; type: string; message: string }[]
  pods: string[]
}

const recorded = parse(readFileSync(new URL('../golden/real-control-plane/rollouts.yaml', import.meta.url), 'utf8')) as Record<string, Recorded>
const stuck = (pod: Pod) => pod.spec.containers[0]?.image?.startsWith('stuck') ?? false
const podSpec = (image: string) => ({ containers: [{ name: 'web', image }], nodeSelector: image.startsWith('stuck') ? { stuck: 'yes' } : null })
const imageOf = ({ spec }: ReplicaSet) => spec.template.spec?.containers[0]?.image ?? ''

/** ReplicaSets in Events by the order in which they come up: their hashes differ between the two. */
function numbered(events: Recorded['events']): string[] {
  const seen: string[] = []
  return events.map(({ reason, type, message }) => {
    const text = message.replace(/web-(?:<[^>]+>|[0-9a-z]+)/g, (name) => {
      if (!seen.includes(name)) seen.push(name)
      return `#${seen.indexOf(name) + 1}`
    })
    return `${type} ${reason} ${text}`
  })
}

async function live(steps: readonly Step[]): Promise<Cluster> {
  const cluster = await startCluster(rolloutControllers(), (world) => world.put(namespace('default')))
  const patch = (spec: object) => cluster.world.client('user:me').patch({ kind: 'Deployment', namespace: 'default', name: 'web' }, { type: 'merge', body: { spec } })
  for (const { apply, image, waitSeconds, ...rest } of steps) {
    if (apply) cluster.apply(deploymentOf(apply) as NewObject)
    else if (image !== undefined) await patch({ template: { spec: podSpec(image) } })
    else if (waitSeconds !== undefined) await cluster.clock.run(waitSeconds * 1_000)
    else await patch(rest)
    await settleCluster(cluster, { broken: stuck })
    // The real one was given time to come to rest as well; Events an instant apart could not be told in order.
    await cluster.clock.run(1_000)
  }
  return cluster
}

for (const [name, expected] of Object.entries(recorded)) {
  test(`as the real control plane: ${name}`, async () => {
    const cluster = await live(expected.steps)
    const d = cluster.world.get<Deployment>('Deployment', 'default', 'web')!
    const sets = cluster.world.list<ReplicaSet>('ReplicaSet')
    const images = new Map(sets.map((rs) => [rs.metadata.name, `web-<${imageOf(rs)}>`]))
    const named = (text: string) => text.replace(/web-[0-9a-z]{8,10}/g, (found) => images.get(found) ?? found)
    const { conditions = [], ...status } = d.status

    assert.deepEqual(
      {
        revision: d.metadata.annotations?.['deployment.kubernetes.io/revision'],
        generation: d.metadata.generation,
        status: { ...status },
        conditions: conditions.map(({ type, status: is, reason, message }) => ({ type, status: is, reason, message: named(message ?? '') })).sort((a, b) => (a.type < b.type ? -1 : 1)),
      },
      expected.deployment,
    )
    assert.deepEqual(
      sets
        .map((rs) => {
          const { observedGeneration: _, ...counts } = rs.status
          return { image: imageOf(rs), replicas: rs.spec.replicas, annotations: { ...rs.metadata.annotations }, status: { ...counts } }
        })
        .sort((a, b) => (a.image < b.image ? -1 : 1)),
      expected.replicaSets,
    )
    assert.deepEqual(cluster.world.list<Pod>('Pod').map((pod) => pod.spec.containers[0]?.image).sort(), expected.pods)
    const events = cluster.world
      .list<Event>('Event')
      .filter(({ involvedObject }) => involvedObject.kind === 'Deployment')
      .map(({ reason = '', type = '', message = '', count = 1 }) => ({ reason, type, message: named(message) + (count > 1 ? ` (x${count})` : '') }))
    // How many Pods become ready at once decides the size of the steps here.
    if (name !== 'paused') assert.deepEqual(numbered(events), numbered(expected.events))
    await cluster.stop()
  })
}
