/** The same refusals, in the same words, as a real v1.36 server gave (record-admission.ts). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import { namespace, openRegistry } from '../registry/open-registry.ts'
import { admissionSteps } from './admission-steps.ts'

const answers = JSON.parse(readFileSync(new URL('../../golden/admission.json', import.meta.url), 'utf8')) as string[]

test('admission answers as the real server', async () => {
  const { create } = await openRegistry()
  // Its controllers had put this into the namespace.
  await create({ kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace } as { namespace?: string } })
  const ours: string[] = []
  for (const object of admissionSteps) {
    try {
      await create({ ...object, metadata: { ...object.metadata, namespace } })
      ours.push('created')
    } catch (error) {
      assert.ok(error instanceof ApiError, String(error))
      ours.push(error.message.replaceAll(namespace, 'NAMESPACE'))
    }
  }
  assert.deepEqual(ours.map((answer, i) => `${i}: ${answer}`), answers.map((answer, i) => `${i}: ${answer}`))
})
