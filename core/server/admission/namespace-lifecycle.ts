/** Nothing is created in a namespace that is missing or on its way out (upstream: apiserver/pkg/admission/plugin/namespace/lifecycle). */
import { isObject } from '../../base/json.ts'
import { objectForbidden, objectNotFound } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'

/** Namespaces that the cluster cannot be without. */
const immortal = new Set(['default', 'kube-system', 'kube-public'])

export const namespaceLifecycle = (lookup: Lookup): Admission => ({
  name: 'NamespaceLifecycle',
  mutate({ operation, face, namespace, name }) {
    if (operation !== 'create' || face.definition.scope !== 'Namespaced' || namespace === undefined) return
    const found = lookup.get('Namespace', undefined, namespace)
    if (found === undefined) throw objectNotFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace)
    const status = found['status']
    if (!isObject(status) || status['phase'] !== 'Terminating') return
    throw objectForbidden(served(face), name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
      { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
    ])
  },
  validate({ operation, face, name }) {
    if (operation === 'delete' && face.definition.kind === 'Namespace' && immortal.has(name)) {
      throw objectForbidden(served(face), name, 'this namespace may not be deleted')
    }
  },
})
