/** A Pod's own labels in its selectors, and what is refused: both as a real v1.36.3 answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeLabelKeys, validateLabelKeys } from '../../../core/api/kinds/pod-spec/label-keys.ts'
import type { FieldError } from '../../../core/api/field-error.ts'
import type { Pod, PodAffinityTerm } from '../../../core/api/types/core.ts'

const podWith = (term: Partial<PodAffinityTerm>): Pod =>
  ({
    metadata: { name: 'a', labels: { app: 'web', rev: '7' } },
    spec: {
      containers: [],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', ...term }] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['rev'] }],
    },
  }) as unknown as Pod
const termOf = ({ spec }: Pod) => spec.affinity!.podAntiAffinity!.requiredDuringSchedulingIgnoredDuringExecution![0]!
const wrong = (pod: Pod) => {
  const errors: FieldError[] = []
  validateLabelKeys(termOf(pod), 't', errors)
  return errors.map(({ field, message }) => `${field}: ${message.replace(/^.*?: (?:"[^"]*": )?/, "")}`)
}

test('own values are merged into the selectors of affinity and spreading', () => {
  const pod = podWith({ labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['rev', 'absent'], mismatchLabelKeys: ['app'] })
  mergeLabelKeys(pod)
  assert.deepEqual(termOf(pod).labelSelector, { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'rev', operator: 'In', values: ['7'] }, { key: 'app', operator: 'NotIn', values: ['web'] }] })
  assert.deepEqual(pod.spec.topologySpreadConstraints?.[0]?.labelSelector, { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'rev', operator: 'In', values: ['7'] }] })
  assert.deepEqual(wrong(pod), [])
})

test('a key that the selector names already, both ways at once, and no selector at all', () => {
  const both = podWith({ labelSelector: { matchLabels: { app: 'web' } }, matchLabelKeys: ['app'], mismatchLabelKeys: ['app'] })
  mergeLabelKeys(both)
  // The mismatching expression comes after the matching one: upstream complains of each.
  assert.deepEqual([...new Set(wrong(both))], ['t[0]: exists in both matchLabelKeys and labelSelector', 't.matchLabelKeys[0]: exists in both matchLabelKeys and mismatchLabelKeys'])
  const none = podWith({ matchLabelKeys: ['app'], mismatchLabelKeys: ['rev'] })
  mergeLabelKeys(none)
  assert.equal(termOf(none).labelSelector, undefined)
  assert.deepEqual(wrong(none), ['t.matchLabelKeys: must not be specified when labelSelector is not set', 't.mismatchLabelKeys: must not be specified when labelSelector is not set'])
})
