import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyForm, nameFromImage, type DeployForm } from '../../../../renderer/views/deploy/form.ts'
import { fileKeys, hiddenSecrets, plannedObjects } from '../../../../renderer/views/deploy/manifest.ts'
import { check, firstError } from '../../../../renderer/views/deploy/check.ts'
import { parseEnvFile } from '../../../../renderer/views/deploy/env-file.ts'
import { fieldOfProblem } from '../../../../renderer/views/deploy/server-problems.ts'
import { imageParts } from '../../../../renderer/words/image.ts'
import { linesOfPaths, toYaml } from '../../../../renderer/words/yaml-lines.ts'

const form = (change: Partial<DeployForm> = {}): DeployForm => ({ ...emptyForm('default'), image: 'nginx:1.27', name: 'web', ...change })
const around = { taken: new Set<string>(), nodePorts: new Map<number, string>(), namespaces: new Set(['default']) }
const kinds = (f: DeployForm) => plannedObjects(f).map((p) => `${p.object.kind}/${p.object.metadata.name ?? ''}`)

test('the smallest app is a Service and a Deployment, needed ones first', () => {
  assert.deepEqual(kinds(form()), ['Service/web', 'Deployment/web'])
  assert.deepEqual(kinds(form({ reach: 'forward' })), ['Deployment/web'])
  const [service, deployment] = plannedObjects(form()).map((p) => p.object)
  assert.deepEqual(service?.['spec'], { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80 }] })
  assert.deepEqual(deployment?.['spec'], { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] } } })
})

test('ports, machine ports, limits and the check land where Kubernetes wants them', () => {
  const made = plannedObjects(form({ reach: 'machine', ports: [{ id: 1, port: '80', nodePort: '30080' }, { id: 2, port: '443', nodePort: '' }], memory: '128 MiB', cpu: '0.25 CPU', health: { on: true, how: 'http', path: '/live', port: '' } }))
  assert.deepEqual(made[0]?.object['spec'], { type: 'NodePort', selector: { app: 'web' }, ports: [{ name: 'port-80', port: 80, targetPort: 80, nodePort: 30080 }, { name: 'port-443', port: 443, targetPort: 443 }] })
  const container = (made[1]?.object['spec'] as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec.containers[0]
  assert.deepEqual(container?.['resources'], { limits: { memory: '128Mi', cpu: '250m' } })
  assert.deepEqual(container?.['readinessProbe'], { httpGet: { path: '/live', port: 80 }, periodSeconds: 10 })
})

test('secret variables and files go to Secrets, others to the template and a ConfigMap', () => {
  const f = form({
    env: [{ id: 1, name: 'A', value: '1', secret: false }, { id: 2, name: 'TOKEN', value: 'x', secret: true }, { id: 3, name: '', value: '', secret: false }],
    files: [{ id: 4, path: '/etc/a/app.conf', text: 'one', secret: false }, { id: 5, path: '/etc/b/app.conf', text: 'two', secret: false }, { id: 6, path: '/etc/key.pem', text: 'k', secret: true }],
  })
  assert.deepEqual(kinds(f), ['Secret/web-env', 'ConfigMap/web-config', 'Secret/web-files', 'Service/web', 'Deployment/web'])
  assert.deepEqual([...fileKeys(f).values()], ['app.conf', 'app.conf-2', 'key.pem'])
  const made = plannedObjects(f)
  assert.deepEqual(made[1]?.object['data'], { 'app.conf': 'one', 'app.conf-2': 'two' })
  const spec = (made[4]?.object['spec'] as { template: { spec: { containers: { env: unknown; volumeMounts: { mountPath: string; subPath: string; name: string }[] }[]; volumes: unknown[] } } }).template.spec
  assert.deepEqual(spec.containers[0]?.env, [{ name: 'A', value: '1' }, { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web-env', key: 'TOKEN' } } }])
  assert.deepEqual(spec.containers[0]?.volumeMounts.map((m) => [m.name, m.mountPath, m.subPath]), [['config', '/etc/a/app.conf', 'app.conf'], ['config', '/etc/b/app.conf', 'app.conf-2'], ['secret-files', '/etc/key.pem', 'key.pem']])
  assert.ok(!toYaml(hiddenSecrets(made[0]!.object)).includes('TOKEN: x'))
})

test('each field lights lines that exist', () => {
  const f = form({ replicas: 2, memory: '64Mi', cpu: '1', env: [{ id: 1, name: 'A', value: '1', secret: false }], health: { on: true, how: 'tcp', path: '/', port: '' } })
  for (const one of plannedObjects(f)) {
    const lines = linesOfPaths(toYaml(one.object))
    for (const [field, paths] of Object.entries(one.fills)) {
      if (field === 'files') continue
      assert.ok(paths.some((path) => lines.has(path)), `${one.object.kind} ${field}`)
    }
  }
  assert.equal(fieldOfProblem(plannedObjects(f), 'Deployment', { severity: 'error', message: '', path: 'spec.template.spec.containers[0].image' }), 'image')
  assert.equal(fieldOfProblem(plannedObjects(f), 'Deployment', { severity: 'error', message: '', path: 'spec.template.spec.containers[0].resources.limits.memory' }), 'memory')
})

test('what is typed wrong is said with the closest right value', () => {
  const message = (change: Partial<DeployForm>, key: string) => check(form(change), { ...around, taken: new Set(['db']), nodePorts: new Map([[30080, 'other']]) })[key]?.message ?? ''
  assert.equal(firstError(check(form(), around)), undefined)
  assert.match(message({ image: 'Nginx:1' }, 'image'), /nginx:1/)
  assert.match(message({ image: '' }, 'image'), /Name an image/)
  assert.match(message({ image: 'nginx' }, 'image'), /latest/)
  assert.match(message({ name: 'My App' }, 'name'), /my-app/)
  assert.match(message({ name: 'db' }, 'name'), /db-2/)
  assert.match(message({ name: 'x'.repeat(64) }, 'name'), /64 characters; the most is 63/)
  assert.match(message({ ports: [{ id: 1, port: '99999', nodePort: '' }] }, 'ports.1'), /1 to 65535/)
  assert.match(message({ reach: 'machine', ports: [{ id: 1, port: '80', nodePort: '30080' }] }, 'ports.1'), /belongs to other/)
  assert.match(message({ reach: 'machine', ports: [{ id: 1, port: '80', nodePort: '80' }] }, 'ports.1'), /30000 and 32767/)
  assert.match(message({ memory: 'lots' }, 'memory'), /128 MiB/)
  assert.match(message({ memory: '128' }, 'memory'), /128 bytes/)
  assert.match(message({ files: [{ id: 9, path: 'app.conf', text: '', secret: false }] }, 'files.9'), /full path/)
})

test('names follow images; references are taken apart as Docker does', () => {
  assert.deepEqual(['nginx:1.27', 'ghcr.io/You/My_App:2', 'localhost:5000/a/b@sha256:x'].map(nameFromImage), ['nginx', 'my-app', 'b'])
  assert.equal(imageParts('nginx')?.tag, 'latest')
  assert.deepEqual(imageParts('gitea/gitea:1.24'), { registry: 'docker.io', repository: 'gitea/gitea', tag: '1.24', digest: '' })
  assert.deepEqual(imageParts('localhost:5000/x/y:1'), { registry: 'localhost:5000', repository: 'x/y', tag: '1', digest: '' })
  assert.equal(imageParts('a b'), undefined)
})

test('a pasted .env file becomes rows; names that look secret are kept secret', () => {
  assert.deepEqual(parseEnvFile('# hi\nexport A=1\nB="two words" # why\nDB_PASSWORD=\'p#w\'\nnonsense\nC=x # tail'), [
    { name: 'A', value: '1', secret: false }, { name: 'B', value: 'two words', secret: false }, { name: 'DB_PASSWORD', value: 'p#w', secret: true }, { name: 'C', value: 'x', secret: false },
  ])
})
