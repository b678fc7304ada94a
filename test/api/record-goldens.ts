/**
 * Asks a real Kubernetes server about every case and keeps its answers as data.
 *
 *   node test/api/record-goldens.ts --kubeconfig FILE [--namespace NAME]
 *
 * Creates with dryRun=All only; reads tables of what is there.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { kindList } from '../../core/api/kinds.ts'
import { cases } from './cases.ts'
import { quantities } from './quantities.ts'
import { realServer } from './real-server.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' }, namespace: { type: 'string', default: 'default' } } })
if (!options.kubeconfig) throw new Error('usage: record-goldens.ts --kubeconfig FILE [--namespace NAME]')
const ask = realServer(options.kubeconfig)

function pathOf(object: Record<string, unknown>): string {
  const definition = kindList.find(({ kind }) => kind === object['kind'])
  if (!definition) throw new Error(`no kind ${String(object['kind'])}`)
  const root = definition.group === '' ? `/api/${definition.version}` : `/apis/${definition.group}/${definition.version}`
  return definition.scope === 'Cluster' ? `${root}/${definition.plural}` : `${root}/namespaces/${options.namespace}/${definition.plural}`
}

const golden = new URL('../golden/api/', import.meta.url)
const created: Record<string, unknown> = {}
for (const [name, manifest] of Object.entries(cases)) {
  const object = JSON.parse(JSON.stringify(manifest).replaceAll('NAMESPACE', options.namespace)) as Record<string, unknown>
  const { body, warnings } = await ask('POST', `${pathOf(object)}?dryRun=All&fieldValidation=Strict`, object)
  const text = JSON.stringify(body).replaceAll(options.namespace, 'NAMESPACE')
  const answer = JSON.parse(text) as Record<string, unknown>
  if (answer['kind'] === 'Status') {
    const details = answer['details'] as { causes?: unknown } | undefined
    created[name] = { reason: answer['reason'], message: answer['message'], ...(details?.causes ? { causes: details.causes } : {}) }
  } else {
    const metadata = answer['metadata'] as Record<string, unknown>
    for (const field of ['uid', 'creationTimestamp', 'managedFields', 'resourceVersion']) delete metadata[field]
    created[name] = { object: answer, ...(warnings.length > 0 ? { warnings } : {}) }
  }
}
const lines = (entries: Record<string, unknown>) => `{\n${Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',\n')}\n}\n`
writeFileSync(new URL('create.json', golden), lines(created))

const canonical: Record<string, unknown> = {}
for (const quantity of quantities) {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', emptyDir: { sizeLimit: quantity } }] } }
  const { body } = await ask('POST', `/api/v1/namespaces/${options.namespace}/pods?dryRun=All`, pod)
  canonical[String(quantity)] = body['kind'] === 'Status' ? { message: body['message'] } : ((body['spec'] as { volumes: { emptyDir: { sizeLimit: string } }[] }).volumes[0]!.emptyDir.sizeLimit)
}
writeFileSync(new URL('quantities.json', golden), lines(canonical))
