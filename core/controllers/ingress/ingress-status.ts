/** Writes onto each Ingress of Orrery's class where it can be reached: what the class says of the door (api/ingress-door.ts). */
import { doorOf, ownController, publishedAs } from '../../api/ingress-door.ts'
import { classAnnotation } from '../../api/kinds/ingress.ts'
import { refOf } from '../../api/meta.ts'
import type { Ingress, IngressClass } from '../../api/types/networking.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

export const ingressStatus = defineController<Ingress>({
  name: 'ingress-status-controller',
  reconciles: 'Ingress',
  wakesOn: ['IngressClass'],

  wakes: ({ object }, snapshot) => snapshot.list<Ingress>('Ingress').filter((ingress) => classOf(ingress) === object.metadata.name).map(refOf),

  plan({ object: ingress, snapshot }) {
    if (!ingress || ingress.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Gone', say: 'nothing to do', why: 'the Ingress is gone' })
    const name = classOf(ingress)
    const ingressClass = name === undefined ? undefined : snapshot.get<IngressClass>('IngressClass', undefined, name)
    if (ingressClass?.spec?.controller !== ownController) {
      const why = name === undefined ? 'it names no class' : ingressClass ? `class ${name} belongs to ${ingressClass.spec?.controller}` : `there is no IngressClass ${name}`
      return nothing({ code: 'Foreign', say: 'leaves the Ingress to others', why })
    }
    const door = doorOf(ingressClass)
    const wanted = publishedAs(door)
    const refs = [refOf(ingressClass)]
    if (equal(ingress.status.loadBalancer?.ingress ?? [], wanted)) {
      if (wanted.length === 0) return nothing({ code: 'NotListening', say: 'cannot be reached yet', why: door.problem ?? 'the door is being opened', refs })
      return nothing({ code: 'Settled', say: `can be reached at ${door.address}, port ${door.http}`, why: 'the door listens there', refs })
    }
    const because: Reason =
      wanted.length === 0
        ? { code: 'AddressWithdrawn', say: 'withdrew its address', why: door.problem ?? 'the door is closed', refs }
        : { code: 'AddressPublished', say: `can be reached at ${door.address}, port ${door.http}`, why: 'the door listens there', refs }
    const patch = { metadata: { resourceVersion: ingress.metadata.resourceVersion }, status: { loadBalancer: { ingress: wanted.length === 0 ? null : wanted } } }
    return { steps: [{ do: 'patch', ref: refOf(ingress), subresource: 'status', patch, because }], because }
  },
})

const classOf = ({ metadata, spec }: Ingress): string | undefined => spec.ingressClassName ?? metadata.annotations?.[classAnnotation]
