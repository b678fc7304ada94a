/** A ServiceAccount `default` in every Namespace. Mirrors pkg/controller/serviceaccount/serviceaccounts_controller.go. */
import type { Namespace } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

const name = 'default'

export const serviceAccount = defineController<Namespace>({
  name: 'serviceaccount-controller',
  reconciles: 'Namespace',
  wakesOn: ['ServiceAccount'],

  wakes: ({ type, object }) => (type === 'DELETED' && object.metadata.name === name && object.metadata.namespace !== undefined ? [{ kind: 'Namespace', name: object.metadata.namespace }] : []),

  concerns: ({ type }) => type === 'ADDED',

  plan({ object: ns, snapshot }) {
    if (!ns || ns.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Gone', say: 'nothing to do', why: 'the Namespace is going' })
    if (snapshot.get('ServiceAccount', ns.metadata.name, name)) return nothing({ code: 'Settled', say: 'nothing to do', why: 'ServiceAccount default is there' })
    const because: Reason = { code: 'ServiceAccountCreated', say: 'made ServiceAccount default', why: 'every Namespace has one' }
    return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: ns.metadata.name } }, because }], because }
  },
})
