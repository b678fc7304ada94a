/** The Namespaces that every cluster has. Mirrors pkg/controlplane/controller/systemnamespaces. */
import type { Namespace } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

const names = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

export const bootstrapNamespaces = defineController<Namespace>({
  name: 'system-namespaces-controller',
  reconciles: 'Namespace',
  wakesOn: [],
  seeds: names.map((name) => ({ kind: 'Namespace', name })),
  concerns: ({ type, object }) => type === 'DELETED' && names.some((name) => name === object.metadata.name),

  plan({ object, ref }) {
    if (object || !names.some((name) => name === ref.name)) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the Namespace is there' })
    const because: Reason = { code: 'NamespaceCreated', say: `made Namespace ${ref.name}`, why: 'every cluster has it' }
    return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ref.name } }, because }], because }
  },
})
