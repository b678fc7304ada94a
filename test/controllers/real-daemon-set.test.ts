/** What a real control plane made of a DaemonSet (test/golden/real-control-plane/daemon-set.json): its Pod and its revision are ours. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { ControllerRevision, DaemonSet } from '../../core/api/types/apps.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { generationOf, hashLabel, newDaemonPod } from '../../core/controllers/daemon-set/daemon-pod.ts'
import { revisionData } from '../../core/controllers/history/history.ts'

interface Recorded {
  daemonSet: DaemonSet
  /** `data` as it came over the wire. */
  revision: { metadata: ControllerRevision['metadata']; number: number; data: string }
  pod: Pod
}
const { daemonSet, revision, pod } = JSON.parse(readFileSync(new URL('../golden/real-control-plane/daemon-set.json', import.meta.url), 'utf8')) as Recorded

test('the Pod is the one that the real controller makes, up to the hash and what admission adds', () => {
  const ours = newDaemonPod(daemonSet, 'ds-probe', { hash: pod.metadata.labels?.[hashLabel] ?? '', generation: generationOf(daemonSet) }, 0)
  const { labels, annotations, ownerReferences, generateName } = pod.metadata
  assert.deepEqual(ours.metadata, { generateName, namespace: 'default', labels, annotations, ownerReferences })
  const spec = ours['spec'] as Record<string, unknown>
  const theirs = pod.spec as unknown as Record<string, unknown>
  const { containers, ...rest } = spec
  for (const [field, value] of Object.entries(rest)) assert.deepEqual(value, theirs[field], field)
  const [container] = containers as Record<string, unknown>[]
  for (const [field, value] of Object.entries(container ?? {})) assert.deepEqual(value, (pod.spec.containers[0] as unknown as Record<string, unknown>)[field], field)
})

test("a revision's data has the same bytes", () => {
  assert.equal(JSON.stringify(revisionData(daemonSet.spec.template)), revision.data)
  assert.equal(revision.number, 1)
})
