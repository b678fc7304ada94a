/** pods/ephemeralcontainers in the words of the real server: what it opens, what it passes over, what it refuses. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { openRegistry, type Opened } from './open-registry.ts'

const pod = (name: string, more: Record<string, unknown> = {}) => ({ kind: 'Pod', apiVersion: 'v1', metadata: { name } as { namespace?: string }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } })
const ask = async (opened: Opened, body: Record<string, unknown>, type: 'strategic' | 'merge' = 'strategic') => (await opened.patch('Pod', 'p', { type, body }, { subresource: 'ephemeralcontainers' })).object as Pod
const add = (...ephemeralContainers: Record<string, unknown>[]) => ({ spec: { ephemeralContainers } })
const refusal = (work: Promise<unknown>): Promise<string> => work.then(() => 'granted', (error: unknown) => (error instanceof ApiError ? error.message : assert.fail(String(error))))

describe('pods/ephemeralcontainers', () => {
  it('adds containers with their defaults, and passes over whatever else was sent', async () => {
    const opened = await openRegistry()
    await opened.create(pod('p'))
    const { spec, metadata } = await ask(opened, add({ name: 'd', image: 'busybox' }))
    assert.deepEqual(spec.ephemeralContainers, [{ name: 'd', image: 'busybox', resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }])
    assert.equal(metadata.generation, 2)
    const same = await ask(opened, { metadata: { labels: { a: 'b' } }, spec: { nodeName: 'n1' } })
    assert.deepEqual([same.metadata.generation, same.metadata.labels, same.spec.nodeName], [2, undefined, undefined])
    // The Pod stays one that can be changed.
    assert.equal(await refusal(opened.patch('Pod', 'p', { type: 'merge', body: { metadata: { labels: { x: 'y' } } } })), 'granted')
  })

  it('refuses in upstream’s words', async () => {
    const opened = await openRegistry()
    assert.equal(await refusal(opened.create(pod('q', { ephemeralContainers: [{ name: 'd', image: 'i' }] }))), 'Pod "q" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create')
    await opened.create(pod('p'))
    await ask(opened, add({ name: 'd', image: 'busybox' }))
    assert.match(await refusal(ask(opened, add({ name: 'd', image: 'other' }))), /^Pod "p" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed\n/)
    assert.equal(await refusal(ask(opened, { spec: { ephemeralContainers: null } }, 'merge')), 'Pod "p" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n')
    assert.equal(await refusal(ask(opened, add({ name: 'c', image: 'x' }))), 'Pod "p" is invalid: spec.ephemeralContainers[0].name: Duplicate value: "c"')
    const wrong = { name: 'e', image: 'x', targetContainerName: 'none', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } }, lifecycle: { preStop: { exec: { command: ['a'] } } }, volumeMounts: [{ name: 'none', mountPath: '/a', subPath: 'b' }] }
    const at = 'spec.ephemeralContainers[0]'
    assert.equal(
      await refusal(ask(opened, add(wrong))),
      `Pod "p" is invalid: [${[
        `${at}.volumeMounts[0].name: Not found: "none"`,
        `${at}.targetContainerName: Not found: "none"`,
        ...['ports', 'resources', 'lifecycle', 'volumeMounts[0].subPath'].map((field) => `${at}.${field}: Forbidden: cannot be set for an Ephemeral Container`),
      ].join(', ')}]`,
    )
  })
})
