/**
 * An Ingress without a class gets the default one, the newest where there are several (upstream:
 * plugin/pkg/admission/network/defaultingressclass); and what holds for new ones alone: the old annotation and the field agree.
 */
import { invalid } from '../../api/field-error.ts'
import { classAnnotation } from '../../api/kinds/ingress.ts'
import { defaultClassAnnotation } from '../../api/kinds/ingress-class.ts'
import type { Ingress, IngressClass } from '../../api/types/networking.ts'
import { objectInvalid } from '../errors.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'

export const defaultIngressClass = (lookup: Lookup): Admission => ({
  name: 'DefaultIngressClass',
  kinds: ['Ingress'],
  mutate({ operation, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { metadata, spec } = draft as unknown as Ingress
    if (spec === undefined || spec.ingressClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return
    const classes = (lookup.list('IngressClass') as readonly IngressClass[]).filter((one) => one.metadata.annotations?.[defaultClassAnnotation] === 'true')
    const newest = [...classes].sort((a, b) => compare(b.metadata.creationTimestamp, a.metadata.creationTimestamp) || compare(a.metadata.name, b.metadata.name))[0]
    if (newest !== undefined) spec.ingressClassName = newest.metadata.name
  },
  validate({ operation, face, name, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const { metadata, spec } = draft as unknown as Ingress
    const said = metadata.annotations?.[classAnnotation]
    if (said === undefined || spec.ingressClassName === undefined || said === spec.ingressClassName) return
    throw objectInvalid(face.definition, name, [invalid(`annotations.${classAnnotation}`, said, 'must match `ingressClassName` when both are specified')])
  },
})

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
