/**
 * Plays one scenario in a namespace of its own and answers with the outcome, in symbols. Where `expected` tells what there
 * was after each step, it goes on as soon as that is so again; otherwise when nothing has happened for a while.
 */
import type { Answer, KubeObject } from './client.ts'
import { digestOf } from './compare.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { placeOf } from './places.ts'
import type { Scenario, Step } from './scenario.ts'
import { after, type Stage } from './stage.ts'

const patienceMs = 45_000
const mergePatch = 'application/merge-patch+json'

export async function play(stage: Stage, scenario: Scenario, namespace: string, expected: readonly string[] = []): Promise<Outcome> {
  const { client } = stage
  const answers: string[] = []
  const rests: string[] = []
  const from = stage.changes.length
  const outcome = () => outcomeOf({ stage, scenario, namespace, answers, rests, from })
  const digest = () => digestOf(outcome(), scenario.allowed)
  const note = ({ code, body }: Answer, what: string) => {
    if (code >= 300) answers.push(`${what}: ${code} ${body.message ?? ''}`)
  }
  const split = (reference: string) => {
    const [kind = '', name = ''] = reference.split('/')
    return { kind, name, path: placeOf(kind).of(namespace, name) }
  }
  const pods = ({ labels = {}, from = 0, take }: NonNullable<Step['pods']>) =>
    stage
      .list('Pod')
      .filter(({ metadata }) => metadata.namespace === namespace && Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .slice(from, take === undefined ? undefined : from + take)
  const evict = async (name: string) => note(await client.ask('POST', `${placeOf('Pod').of(namespace, name)}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } }), `evict ${name}`)

  const run = async (step: Step): Promise<void> => {
    for (const object of step.create ?? []) {
      const place = placeOf(object.kind)
      // Cluster-wide objects carry the scenario, so that its outcome has them.
      const metadata = place.namespaced ? { ...object.metadata, namespace } : { ...object.metadata, labels: { ...(object.metadata['labels'] as object), scenario: namespace } }
      note(await client.ask('POST', place.of(namespace), { apiVersion: place.apiVersion, ...object, metadata }), `create ${object.kind}`)
    }
    if (step.patch !== undefined) {
      const { path } = split(step.patch)
      note(await client.ask('PATCH', step.sub === undefined ? path : `${path}/${step.sub}`, step.with, mergePatch), `patch ${step.patch}`)
    }
    if (step.scale !== undefined) note(await client.ask('PATCH', `${split(step.scale).path}/scale`, { spec: { replicas: step.to } }, mergePatch), `scale ${step.scale}`)
    if (step.delete !== undefined) note(await client.ask('DELETE', split(step.delete).path, { ...(step.propagation && { propagationPolicy: step.propagation }), ...(step.grace !== undefined && { gracePeriodSeconds: step.grace }) }), `delete ${step.delete}`)
    if (step.evict !== undefined) await evict(step.evict)
    if (step.pods) {
      const chosen = pods(step.pods)
      if (chosen.length === 0) answers.push('no such Pods')
      for (const { metadata } of chosen) {
        const path = placeOf('Pod').of(namespace, metadata.name)
        // Conditions are merged by their type.
        if (step.pods.status) note(await client.ask('PATCH', `${path}/status`, { status: step.pods.status }, 'application/strategic-merge-patch+json'), `patch ${metadata.name}`)
        if (step.pods.metadata) note(await client.ask('PATCH', path, { metadata: step.pods.metadata }, mergePatch), `patch ${metadata.name}`)
        if (step.pods.delete) note(await client.ask('DELETE', path), `delete ${metadata.name}`)
        if (step.pods.evict) await evict(metadata.name)
      }
    }
    if (step.node !== undefined) note(await client.ask('PATCH', nodePath(stage, step.node), step.with, mergePatch), `patch node ${step.node}`)
    if (step.extend !== undefined) note(await client.ask('PATCH', `${nodePath(stage, step.extend)}/status`, { status: { capacity: step.with, allocatable: step.with } }, mergePatch), `extend node ${step.extend}`)
    if (step.until !== undefined) await until(step.until, step.has ?? {})
    if (step.atOnce) return
    const wanted = expected[rests.length]
    await stage.rest(namespace, () => wanted === digest())
    rests.push(digest())
  }

  const until = async (reference: string, has: NonNullable<Step['has']>): Promise<void> => {
    const { kind, name } = split(reference)
    const started = performance.now()
    for (;;) {
      const object = stage.get(kind, namespace, name)
      if (has === 'gone' ? object === undefined : object !== undefined && includes(object, has)) return
      if (performance.now() - started > patienceMs) {
        answers.push(`${reference} did not come to ${JSON.stringify(has)}`)
        return
      }
      await after(25)
    }
  }

  note(await client.ask('POST', placeOf('Namespace').of(''), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { scenario: namespace } } }), 'create the namespace')
  // Pods need their ServiceAccount.
  await until('ServiceAccount/default', {})
  for (const step of scenario.steps) await run(JSON.parse(JSON.stringify(step).replaceAll('$NS', namespace)) as Step)
  // Events come after what they tell of.
  await after(1_500)
  return outcome()
}

const nodePath = (stage: Stage, number: number) => placeOf('Node').of('', stage.nodes()[number - 1])

/** Takes away what the scenario made, the cluster-wide first; nodes are as before. */
export async function clear(stage: Stage, namespace: string, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (step.node !== undefined) await stage.client.ask('PATCH', nodePath(stage, step.node), { metadata: { labels: { pool: null } }, spec: { taints: null, unschedulable: null } }, mergePatch)
    if (step.extend !== undefined) {
      const nothing = Object.fromEntries(Object.keys(step.with ?? {}).map((name) => [name, null]))
      await stage.client.ask('PATCH', `${nodePath(stage, step.extend)}/status`, { status: { capacity: nothing, allocatable: nothing } }, mergePatch)
    }
  }
  for (const kind of ['PersistentVolume', 'StorageClass', 'PriorityClass', 'IngressClass', 'DeviceClass', 'ResourceSlice', 'ServiceCIDR', 'Namespace'])
    for (const { metadata } of stage.list(kind)) if (metadata.labels?.['scenario'] === namespace) await stage.client.ask('DELETE', placeOf(kind).of('', metadata.name))
}

/** Whether the object has these fields; of a list, every wanted item is in some item. */
function includes(has: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return wanted === null ? has === undefined || has === null : has === wanted
  if (Array.isArray(wanted)) return Array.isArray(has) && wanted.every((item) => has.some((other) => includes(other, item)))
  return typeof has === 'object' && has !== null && Object.entries(wanted).every(([key, value]) => includes((has as KubeObject)[key], value))
}
