/** Writes a ResourceQuota's status when admission has given something out; the status is asked for when the write is decided. */
import { clone } from '../../../base/json.ts'
import type { NewObject } from '../../../api/meta.ts'
import type { ResourceQuota } from '../../../api/types/core.ts'
import { changeObject } from '../../registry/change.ts'
import type { Machinery } from '../../registry/machinery.ts'

export async function chargeQuota(machinery: Machinery, namespace: string, name: string, status: () => ResourceQuota['status'] | undefined): Promise<void> {
  await changeObject(machinery, {
    face: machinery.kind('ResourceQuota'),
    key: { namespace, name },
    params: { subresource: 'status', fieldManager: 'kube-apiserver' },
    caller: {
      user: { name: 'system:apiserver', groups: ['system:masters'] },
      actor: 'system',
      because: { code: 'QuotaCharged', say: `counted in quota ${name}`, why: 'something was admitted that it limits', led: [] },
      warn: () => {},
    },
    deed: 'updated',
    tracking: 'compare',
    revise: (old) => {
      const draft = clone(old) as NewObject
      const next = status()
      if (next !== undefined) draft['status'] = next
      return draft
    },
  })
}
