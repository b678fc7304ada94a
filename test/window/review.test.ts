import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { noDocs } from '../../core/api/schema/docs.ts'
import { schemaModel } from '../../core/window/calls/schema.ts'
import { applyReviewed } from '../../core/window/review/apply.ts'
import { review, type ReviewDeps } from '../../core/window/review/review.ts'
import { clusterUnderTest, type ClusterUnderTest } from './cluster-under-test.ts'

const good = `apiVersion: v1
kind: ConfigMap
metadata:
  name: site
data:
  colour: blue
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
`

describe('review', () => {
  let cluster: ClusterUnderTest
  let deps: ReviewDeps
  before(async () => {
    cluster = await clusterUnderTest()
    deps = {
      client: cluster.as('user:ann'),
      snapshot: () => cluster.cache,
      schema: async (apiVersion, kind) => schemaModel(cluster.registry, kubernetesFacts, noDocs, apiVersion, kind),
      namespaced: (_apiVersion, kind) => {
        const face = cluster.registry.faces.find((one) => one.definition.kind === kind)
        return face && face.definition.scope === 'Namespaced'
      },
    }
  })
  after(() => cluster.close())
  const ask = (yaml: string) => review(deps, { yaml, namespace: 'default' })

  test('says what would be created, and writes nothing', async () => {
    const answer = await ask(good)
    assert.equal(answer.ok, true)
    assert.deepEqual(answer.documents.map(({ action, fromLine, ref }) => [action, fromLine, ref?.name]), [['create', 1, 'site'], ['create', 8, 'web']])
    assert.equal(cluster.cache.get('Deployment', 'default', 'web'), undefined)
  })

  test('a misspelt field is named with its line and the name that was meant', async () => {
    const answer = await ask(good.replace('image:', 'imagee:'))
    const problem = answer.documents[1]?.problems[0]
    assert.equal(answer.ok, false)
    assert.equal(problem?.line, 19)
    assert.match(`${problem?.message} ${problem?.help}`, /imagee.*image/)
  })

  test('a wrong type, a duplicate key, a foreign kind and a missing name each have a line', async () => {
    const line = async (yaml: string) => {
      const { ok, documents } = await ask(yaml)
      assert.equal(ok, false)
      return documents.flatMap(({ problems }) => problems)[0]
    }
    assert.equal((await line(good.replace('spec:\n  selector', 'spec:\n  replicas: three\n  selector')))?.line, 13)
    assert.equal((await line('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n'))?.line, 5)
    assert.match((await line('apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n'))?.message ?? '', /no matches for kind "Widget"/)
    assert.match((await line('apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'))?.message ?? '', /metadata\.name is missing/)
    assert.equal((await line('kind: [\n'))?.line, 2)
  })

  test('applies in one story; a second time nothing changes', async () => {
    const first = await applyReviewed(deps, { yaml: good, namespace: 'default' })
    assert.deepEqual(first.written.map(({ action }) => action), ['create', 'create'])
    await cluster.seen()
    const entries = await cluster.journal.query({ limit: 2 })
    assert.equal(entries[0]?.root, entries[1]?.root, 'one click is one story')
    assert.deepEqual((await ask(good)).documents.map(({ action }) => action), ['same', 'same'])
  })

  test('a change is told by its fields', async () => {
    const answer = await ask(good.replace('colour: blue', 'colour: red'))
    assert.deepEqual(answer.documents[0]?.changes, [{ path: 'data.colour', before: 'blue', after: 'red' }])
  })

  test('a failure in the middle says what was and was not written', async () => {
    const broken = `${good.replace('name: site', 'name: other').replace('name: web', 'name: Bad_Name')}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: after}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n`
    const result = await applyReviewed(deps, { yaml: broken, namespace: 'default' })
    assert.deepEqual(result.written.map(({ ref }) => ref.name), ['other'])
    assert.equal(result.failed?.ref?.name, 'Bad_Name')
    assert.deepEqual(result.notWritten.map((ref) => ref?.name), ['after'])
  })
})
