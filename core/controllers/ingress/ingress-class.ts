/**
 * Orrery's own IngressClass, the default until another claims to be: made where it is missing. Whoever installs a controller of their own
 * takes the default annotation away or makes a newer default.
 */
import { ownClass, ownController } from '../../api/ingress-door.ts'
import { defaultClassAnnotation } from '../../api/kinds/ingress-class.ts'
import type { IngressClass } from '../../api/types/networking.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

export const ingressClass = defineController<IngressClass>({
  name: 'ingress-class-controller',
  reconciles: 'IngressClass',
  wakesOn: [],
  seeds: [{ kind: 'IngressClass', name: ownClass }],

  concerns: ({ type, object }) => type === 'DELETED' && object.metadata.name === ownClass,

  plan({ object, ref }) {
    if (object || ref.name !== ownClass) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the class is there' })
    const because: Reason = { code: 'IngressClassCreated', say: `made IngressClass ${ownClass}`, why: 'Ingresses without a class are served by Orrery itself' }
    const metadata = { name: ownClass, annotations: { [defaultClassAnnotation]: 'true' } }
    return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata, spec: { controller: ownController } }, because }], because }
  },
})
