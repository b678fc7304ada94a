/**
 * Keeps the structure of some of a real server's OpenAPI v3: models without prose, and operations in short.
 *
 *   node test/api/record-openapi.ts --kubeconfig FILE
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { realServer } from './real-server.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' } } })
if (!options.kubeconfig) throw new Error('usage: record-openapi.ts --kubeconfig FILE')
const ask = realServer(options.kubeconfig)
type Json = Record<string, unknown>

const withoutProse = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutProse)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).filter(([key, member]) => !(key === 'description' && typeof member === 'string')).map(([key, member]) => [key, withoutProse(member)]))
      : value

const models = ['core.v1.Pod', 'core.v1.PodSpec', 'core.v1.Container', 'core.v1.ContainerPort', 'core.v1.Service', 'core.v1.ServiceSpec', 'core.v1.ConfigMap', 'core.v1.Secret', 'core.v1.NodeStatus', 'core.v1.Volume', 'core.v1.Event', 'core.v1.PodList']
const appModels = ['apps.v1.Deployment', 'apps.v1.DeploymentSpec', 'apps.v1.DeploymentStrategy', 'apps.v1.RollingUpdateDeployment', 'apps.v1.ReplicaSet', 'apps.v1.ControllerRevision']
const paths = ['/api/v1/configmaps', '/api/v1/namespaces/{namespace}/configmaps', '/api/v1/namespaces/{namespace}/configmaps/{name}', '/api/v1/namespaces/{namespace}/pods/{name}/status', '/api/v1/namespaces/{namespace}/pods/{name}/log', '/api/v1/namespaces/{namespace}/pods/{name}/exec', '/api/v1/namespaces/{namespace}/pods/{name}/eviction', '/api/v1/nodes/{name}', '/api/v1/namespaces/{name}/finalize']

const core = (await ask('GET', '/openapi/v3/api/v1')).body as { components: { schemas: Json }; paths: Record<string, Json> }
const apps = (await ask('GET', '/openapi/v3/apis/apps/v1')).body as typeof core
const pick = (document: typeof core, names: string[]) => Object.fromEntries(names.map((name) => [`io.k8s.api.${name}`, withoutProse(document.components.schemas[`io.k8s.api.${name}`])]))
const names = (parameters: unknown) => ((parameters ?? []) as { name: string }[]).map(({ name }) => name)

const operations: Record<string, unknown> = {}
for (const path of paths) {
  const item = core.paths[path]!
  for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
    const operation = item[method] as Json | undefined
    if (!operation) continue
    operations[`${method} ${path}`] = {
      id: operation['operationId'],
      action: operation['x-kubernetes-action'],
      gvk: operation['x-kubernetes-group-version-kind'],
      parameters: [...names(operation['parameters']), ...names(item['parameters'])].sort(),
      codes: Object.keys(operation['responses'] as Json),
    }
  }
}
const lines = (entries: Json) => `{\n${Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n')}\n}`
writeFileSync(new URL('../golden/api/openapi.json', import.meta.url), `{"models": ${lines({ ...pick(core, models), ...pick(apps, appModels) })},\n"operations": ${lines(operations)}}\n`)
