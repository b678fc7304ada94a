/**
 * Asks a real Kubernetes server (with its controller manager, without nodes) the same as admission.test.ts asks ours, and keeps its answers.
 *
 *   node test/server/admission/record-admission.ts --kubeconfig FILE
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kindList } from '../../../core/api/kinds.ts'
import { realServer } from '../../api/real-server.ts'
import { admissionSteps } from './admission-steps.ts'

const { values: options } = parseArgs({ options: { kubeconfig: { type: 'string' } } })
if (!options.kubeconfig) throw new Error('usage: record-admission.ts --kubeconfig FILE')
const ask = realServer(options.kubeconfig)
const namespace = `admission-${Date.now()}`

await ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
for (let i = 0; i < 50 && (await ask('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status !== 200; i++) await sleep(200)
const answers: string[] = []
for (const object of admissionSteps) {
  const { group, version, plural } = kindList.find(({ kind }) => kind === object.kind)!
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const { body } = await ask('POST', `${root}/namespaces/${namespace}/${plural}`, object)
  answers.push(body['kind'] === 'Status' ? String(body['message']).replaceAll(namespace, 'NAMESPACE') : 'created')
  // A quota holds once the controller has counted for it, a limit range once the server has seen it.
  if (object.kind === 'ResourceQuota' || object.kind === 'LimitRange') await sleep(3_000)
}
await ask('DELETE', `/api/v1/namespaces/${namespace}`)
writeFileSync(new URL('../../golden/admission.json', import.meta.url), `${JSON.stringify(answers, null, 1)}\n`)
