import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { actionsFor } from '../../../renderer/actions/available.ts'
import { cordonPlan, drainPlan } from '../../../renderer/actions/cordon.ts'
import { deletePlan } from '../../../renderer/actions/delete.ts'
import { imagePlan } from '../../../renderer/actions/edit-image.ts'
import { fixPlan, resourcesFor } from '../../../renderer/actions/fix.ts'
import { pausePlan } from '../../../renderer/actions/pause.ts'
import { replacementWords, restartPlan } from '../../../renderer/actions/restart.ts'
import { rollBackPlan } from '../../../renderer/actions/roll-back.ts'
import { scalePlan, scaleWords } from '../../../renderer/actions/scale.ts'
import { worldOf } from '../../../renderer/words/world.ts'
import { Maker } from '../fixture/objects.ts'

function world() {
  const make = new Maker(Date.parse('2026-11-22T12:00:00Z'))
  const [one, two] = [make.node('one', { cpu: '4', memory: '8Gi' }), make.node('two', { cpu: '4', memory: '8Gi' })]
  const web = make.deployment('default', 'web', { app: 'web', replicas: 3, image: 'nginx:1.26', revision: 2, spec: { containers: [{ name: 'main', image: 'nginx:1.26', envFrom: [{ configMapRef: { name: 'conf' } }] }], volumes: [{ name: 's', emptyDir: {} }] } })
  const set = make.set(web, 'b', { revision: 2, replicas: 3 })
  const old = make.set(web, 'a', { revision: 1, replicas: 0, image: 'nginx:1.25' })
  ;(old['spec'] as { template: { metadata: { labels: Record<string, string> } } }).template.metadata.labels['pod-template-hash'] = 'a'
  const pods = ['x', 'y', 'z'].map((name) => make.pod(set, name, 'one', make.ready('nginx:1.26')))
  const config = make.config('default', 'conf')
  const service = make.service('default', 'web', 'web', 'web', pods.map((pod) => ({ pod, ready: true })))
  const bare = make.add('Pod', 'v1', 'default', 'bare', { spec: { nodeName: 'one', containers: [{ name: 'c', image: 'busybox' }] }, status: { phase: 'Running' } })
  return { world: worldOf(make.objects), one, two, web, set, old, pods, config, service, bare }
}
const lines = (plan: { confirm?: { lines: { text: string }[] } }) => plan.confirm?.lines.map((l) => l.text).join(' ') ?? ''

test('scaling says from and to, and asks only before everything stops', () => {
  const { world: w, web } = world()
  const up = scalePlan(w, web, 5)
  assert.deepEqual(up.calls, [{ call: 'patch', arg: { ref: { kind: 'Deployment', namespace: 'default', name: 'web', uid: web.metadata.uid }, subresource: 'scale', patch: { type: 'merge', body: { spec: { replicas: 5 } } }, say: 'scaled web from 3 to 5' } }])
  assert.equal(up.confirm, undefined)
  assert.equal(up.kubectl, 'kubectl scale deployment/web --replicas=5')
  assert.match(lines(scalePlan(w, web, 0)), /3 Pods stop, web stops answering/)
  assert.match(scaleWords(3, 1), /2 Pods stop/)
})

test('restart writes what kubectl writes, and says how Pods are replaced', () => {
  const { web, pods } = world()
  const plan = restartPlan(web, Date.parse('2026-11-22T12:00:00Z'))
  assert.deepEqual(plan.calls[0]?.arg, { ref: { kind: 'Deployment', namespace: 'default', name: 'web', uid: web.metadata.uid }, patch: { type: 'strategic', body: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-22T12:00:00Z' } } } } } }, say: 'restarted web' })
  assert.equal(replacementWords(web), '3 Pods are replaced, 1 at a time, never fewer than 3 ready.')
  assert.equal(restartPlan(pods[0]!, 0).calls[0]?.call, 'delete')
})

test('rolling back takes the old template without its hash', () => {
  const { web, old } = world()
  const plan = rollBackPlan(web, old)
  const body = (plan.calls[0]?.arg as { patch: { body: { value: { metadata: { labels: object }; spec: { containers: { image: string }[] } } }[] } }).patch.body[0]!.value
  assert.deepEqual(body.metadata.labels, { app: 'web', tier: 'web' })
  assert.equal(body.spec.containers[0]?.image, 'nginx:1.25')
  assert.equal(plan.kubectl, 'kubectl rollout undo deployment/web --to-revision=1')
  assert.match(plan.confirm?.verb ?? '', /1\.25/)
})

test('images and pauses are said in short', () => {
  const { web } = world()
  assert.equal((imagePlan(web, 'main', 'nginx:1.27').calls[0]?.arg as { say: string }).say, 'updated web to 1.27')
  assert.equal((imagePlan(web, 'main', 'caddy:2').calls[0]?.arg as { say: string }).say, 'updated web to caddy:2')
  assert.deepEqual((pausePlan(web, false).calls[0]?.arg as { patch: unknown }).patch, { type: 'merge', body: { spec: { paused: null } } })
})

test('deleting states what stops, what stays and how to return', () => {
  const { world: w, web, config, pods, bare, service } = world()
  assert.match(lines(deletePlan(w, [web])), /3 Pods stop now, Service web stops answering\. 2 revisions go with it\. Service web and ConfigMap conf stay\. Undo/)
  assert.match(lines(deletePlan(w, [config])), /3 Pods read it/)
  assert.match(lines(deletePlan(w, [pods[0]!])), /ReplicaSet web-b starts another/)
  assert.match(lines(deletePlan(w, [bare])), /nothing brings it back/)
  assert.match(lines(deletePlan(w, [service])), /3 Pods behind it stay/)
  const many = deletePlan(w, pods)
  assert.equal(many.calls.length, 3)
  assert.equal(many.confirm?.verb, 'Delete 3 Pods')
  assert.match(lines(many), /3 Pods stop now, web stops answering/)
})

test('draining evicts what can move, warns of what is lost, and closes the machine first', () => {
  const { world: w, one } = world()
  const plan = drainPlan(w, one)
  assert.deepEqual(plan.calls.map((c) => c.call), ['patch', 'evict', 'evict', 'evict', 'evict'])
  assert.match(lines(plan), /4 Pods stop here/)
  assert.match(lines(plan), /web does not answer/)
  assert.match(lines(plan), /bare does not come back/)
  assert.equal(plan.confirm?.danger, true)
  assert.equal(plan.kubectl, 'kubectl drain one --ignore-daemonsets --delete-emptydir-data --force')
  assert.equal((cordonPlan(one, true).calls[0]?.arg as { say: string }).say, 'cordoned one')
})

test('fixes become plans with their changes', () => {
  const { world: w, web, one } = world()
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' }
  assert.deepEqual(fixPlan(w, { id: 'i', label: '', say: '', do: 'set-image', ref, container: 'main', suggestion: 'nginx:1.25' }).changes, [{ path: 'image', before: 'nginx:1.26', after: 'nginx:1.25' }])
  assert.equal(fixPlan(w, { id: 'r', label: '', say: '', do: 'roll-back', ref, toRevision: 1 }).plan?.confirm, undefined, 'one click')
  assert.equal(fixPlan(w, { id: 'u', label: '', say: '', do: 'uncordon', ref: { kind: 'Node', name: one.metadata.name } }).plan?.calls.length, 1)
  assert.equal(fixPlan(w, { id: 'y', label: '', say: '', do: 'edit-yaml', ref }).plan, undefined)
  const bare = fixPlan(w, { id: 's', label: '', say: '', do: 'set-resources', ref: { kind: 'Pod', namespace: 'default', name: 'bare' }, container: 'main', suggestion: { memory: '1Gi' } }).plan
  assert.equal((bare?.calls[0]?.arg as { subresource?: string }).subresource, 'resize', 'a Pod itself takes other amounts through resize only')
  assert.match(bare?.kubectl ?? '', /--subresource resize/)
  assert.deepEqual(resourcesFor({ requests: { memory: '24Gi' } }, { memory: '16Gi' }), { requests: { memory: '16Gi' } })
  assert.deepEqual(resourcesFor({ limits: { memory: '64Mi' }, requests: { memory: '64Mi' } }, { memory: '128Mi' }), { limits: { memory: '128Mi' } })
  assert.deepEqual(resourcesFor({ limits: { memory: '24Gi' }, requests: { memory: '24Gi' } }, { memory: '16Gi' }), { requests: { memory: '16Gi' }, limits: { memory: '16Gi' } })
  assert.ok(web)
})

test('every object offers what fits it, the destructive last', () => {
  const { web, one, config } = world()
  const ids = (object: KubeObject) => actionsFor(object).map((a) => a.id)
  assert.deepEqual(ids(web), ['logs', 'terminal', 'why', 'yaml', 'events', 'scale', 'image', 'restart', 'roll-back', 'pause', 'delete'])
  assert.ok(ids(one).includes('cordon') && ids(one).includes('drain'))
  assert.deepEqual(ids(config), ['why', 'yaml', 'events', 'delete'])
  assert.equal(actionsFor(web).at(-1)?.danger, true)
})
