import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainRefusal, quotaNoun, quotaUse } from '../../../core/api/state/quota-words.ts'

test('what a quota limits has a name for people', () => {
  const names = ['cpu', 'requests.cpu', 'limits.memory', 'requests.ephemeral-storage', 'requests.storage', 'persistentvolumeclaims', 'gold.storageclass.storage.k8s.io/requests.storage', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims', 'count/deployments.apps', 'count/pods', 'requests.nvidia.com/gpu', 'requests.hugepages-2Mi', 'services.nodeports', 'pods']
  assert.deepEqual(names.map(quotaNoun), ['CPU requested', 'CPU requested', 'memory in limits', 'scratch space requested', 'storage claimed', 'claims', 'storage claimed of class gold', 'claims of class gold', 'deployments', 'Pods', 'nvidia.com/gpu requested', 'huge pages of 2Mi requested', 'ports on each machine', 'Pods'])
})

test('both numbers are written in the same way', () => {
  assert.equal(quotaUse('requests.cpu', '3800m', '4'), '3.8 of 4 CPU requested')
  assert.equal(quotaUse('limits.memory', '524288Ki', '1Gi'), '512 MiB of 1 GiB memory in limits')
  assert.equal(quotaUse('pods', undefined, '5'), '0 of 5 Pods')
})

test('a refusal by a quota is said in its numbers, another as it came', () => {
  assert.equal(
    plainRefusal('pods "b" is forbidden: exceeded quota: team, requested: limits.memory=600Mi,requests.cpu=500m, used: limits.memory=600Mi,requests.cpu=3800m, limited: limits.memory=1Gi,requests.cpu=4'),
    'quota team: 600 MiB of 1 GiB memory in limits, 600 MiB more wanted; 3.8 of 4 CPU requested, 0.5 more wanted',
  )
  assert.equal(plainRefusal('pods "b" is forbidden: failed quota: team: must specify limits.cpu for: web,side; requests.memory for: web'), 'quota team wants to be told: CPU in limits (web, side); memory requested (web)')
  assert.equal(plainRefusal('admission webhook denied it'), 'admission webhook denied it')
})
