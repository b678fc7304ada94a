/** Every Pod runs as a service account of its namespace (upstream: plugin/pkg/admission/serviceaccount). Tokens are not mounted: there are none yet. */
import type { Pod, ServiceAccount } from '../../api/types/core.ts'
import { clone } from '../../base/json.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../faces.ts'
import type { Lookup } from '../lookup.ts'
import type { Admission } from './admission.ts'

export const serviceAccount = (lookup: Lookup): Admission => ({
  name: 'ServiceAccount',
  kinds: ['Pod'],
  mutate({ operation, face, namespace, name, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { spec } = draft as unknown as Pod
    const wanted = spec.serviceAccountName || 'default'
    spec.serviceAccountName = wanted
    // The deprecated twin is kept the same.
    spec.serviceAccount = wanted
    const account = lookup.get('ServiceAccount', namespace, wanted) as unknown as ServiceAccount | undefined
    if (account === undefined) {
      throw objectForbidden(served(face), name, `error looking up service account ${namespace ?? ''}/${wanted}: serviceaccount "${wanted}" not found`)
    }
    if ((spec.imagePullSecrets?.length ?? 0) === 0 && (account.imagePullSecrets?.length ?? 0) > 0) spec.imagePullSecrets = clone(account.imagePullSecrets!)
  },
})
