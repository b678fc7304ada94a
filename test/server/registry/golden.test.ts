/** Whole sequences of writes recorded from a real v1.36 API server: same objects, same owners of fields, same refusals. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import { clone, isObject } from '../../../core/base/json.ts'
import type { Patch } from '../../../core/api/request.ts'
import type { Face } from '../../../core/server/registry/registry.ts'
import { body, caller, namespace, openRegistry } from './open-registry.ts'
import type { Opened } from './open-registry.ts'

interface Step {
  verb: 'create' | 'update' | 'patch' | 'get' | 'delete'
  plural: string
  name: string
  subresource?: string
  type?: Patch['type']
  manager?: string
  force?: boolean
  dryRun?: boolean
  validation?: 'Strict'
  body?: unknown
  status: number
  answer: Record<string, unknown>
}

const groups: Record<string, string> = { deployments: 'apps', replicasets: 'apps' }
const cases = JSON.parse(await readFile(new URL('../../golden/registry.json', import.meta.url), 'utf8')) as { name: string; steps: Step[] }[]

async function run({ registry }: Opened, step: Step): Promise<{ status: number; answer: Record<string, unknown> }> {
  const face = registry.face(groups[step.plural] ?? '', 'v1', step.plural) as Face
  const key = { namespace, name: step.name }
  const params = {
    ...(step.manager === undefined ? {} : { fieldManager: step.manager }),
    ...(step.dryRun ? { dryRun: true } : {}),
    ...(step.validation === undefined ? {} : { fieldValidation: step.validation }),
    ...(step.subresource === undefined ? {} : { subresource: step.subresource }),
  }
  const parsed = (json: string) => JSON.parse(json) as Record<string, unknown>
  try {
    switch (step.verb) {
      case 'create':
        return { status: 201, answer: parsed((await registry.create(face, namespace, body(step.body), params, caller)).json) }
      case 'update':
        return { status: 200, answer: parsed((await registry.update(face, key, body(step.body), params, caller)).json) }
      case 'patch': {
        const answer = await registry.patch(face, key, { type: step.type, body: step.body } as Patch, { ...params, ...(step.force ? { force: true } : {}) }, caller)
        return { status: answer.created ? 201 : 200, answer: parsed(answer.json) }
      }
      case 'get':
        return { status: 200, answer: parsed((await registry.get(face, key, params)).json) }
      case 'delete':
        return { status: 200, answer: parsed((await registry.delete(face, key, params, caller)).json) }
    }
  } catch (error) {
    if (error instanceof ApiError) return { status: error.code, answer: error.toStatus() as unknown as Record<string, unknown> }
    throw error
  }
}

/** What differs from run to run, and what the real cluster's controllers wrote in between. */
function normal(answer: Record<string, unknown>): unknown {
  const object = clone(answer)
  if (object['kind'] === 'Status') {
    const { reason, message } = object
    // Internal errors carry no reason upstream.
    return { reason: reason === 'InternalError' ? undefined : reason, message: comparable(String(message)) }
  }
  const metadata = object['metadata'] as Record<string, unknown>
  for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp']) if (metadata[field] !== undefined) metadata[field] = '-'
  if (object['kind'] === 'Deployment') {
    delete object['status']
    delete metadata['generation']
    const annotations = metadata['annotations']
    if (isObject(annotations)) {
      delete annotations['deployment.kubernetes.io/revision']
      if (Object.keys(annotations).length === 0) delete metadata['annotations']
    }
  }
  if (object['kind'] === 'Scale') delete (object['status'] as Record<string, unknown>)['replicas']
  if (object['kind'] === 'Pod') {
    // Times that were never set are null upstream and absent here.
    for (const condition of ((object['status'] as Record<string, unknown>)['conditions'] ?? []) as Record<string, unknown>[]) {
      delete condition['lastTransitionTime']
      delete condition['lastProbeTime']
    }
    for (const { fieldsV1 } of (metadata['managedFields'] ?? []) as { fieldsV1: unknown }[]) dropTimes(fieldsV1)
  }
  if (Array.isArray(metadata['managedFields'])) {
    metadata['managedFields'] = (metadata['managedFields'] as Record<string, unknown>[])
      .filter(({ manager }) => manager !== 'kube-controller-manager')
      // After a PUT of a scale upstream leaves the time out; here it is there.
      .map(({ time, ...rest }) => JSON.stringify(sorted({ ...rest, ...(rest['subresource'] === 'scale' ? {} : { timed: typeof time }) })))
      .sort()
      .map((text) => JSON.parse(text) as unknown)
  }
  return sorted(object)
}

function dropTimes(fields: unknown): void {
  if (!isObject(fields)) return
  delete fields['f:lastProbeTime']
  delete fields['f:lastTransitionTime']
  for (const inner of Object.values(fields)) dropTimes(inner)
}

/** Upstream shows the difference of Go structs after the sentence. */
const comparable = (message: string) => message.replace(/(if it was previously negative\)).*/s, '$1')

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(sorted) : isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value

describe('registry, as recorded from a real server', () => {
  for (const { name, steps } of cases) {
    it(name, async () => {
      const opened = await openRegistry()
      for (const [at, step] of steps.entries()) {
        const { status, answer } = await run(opened, step)
        const what = `step ${at}: ${step.verb} ${step.plural} ${step.name} ${JSON.stringify(step.body)?.slice(0, 200)}`
        assert.equal(status, step.status, `${what}\n${JSON.stringify(answer).slice(0, 500)}`)
        assert.deepEqual(normal(answer), normal(step.answer), what)
      }
    })
  }
})
