/** The priority classes that every cluster has. Mirrors pkg/registry/scheduling/rest/storage_scheduling.go. */
import { systemPriorityClasses } from '../../api/kinds/priority-class.ts'
import type { PriorityClass } from '../../api/types/scheduling.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

export const bootstrapPriorityClasses = defineController<PriorityClass>({
  name: 'system-priority-classes-controller',
  reconciles: 'PriorityClass',
  wakesOn: [],
  seeds: systemPriorityClasses.map(({ name }) => ({ kind: 'PriorityClass', name })),
  concerns: ({ type, object }) => type === 'DELETED' && systemPriorityClasses.some(({ name }) => name === object.metadata.name),

  plan({ object, ref }) {
    const wanted = systemPriorityClasses.find(({ name }) => name === ref.name)
    if (object || !wanted) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the priority class is there' })
    const because: Reason = { code: 'PriorityClassCreated', say: `made priority class ${wanted.name}`, why: 'every cluster has it' }
    const { name, value, description } = wanted
    return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description }, because }], because }
  },
})
