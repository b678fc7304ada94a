/** Gives a Pod the overhead and the placement of its RuntimeClass (upstream: plugin/pkg/admission/runtimeclass/admission.go, pkg/util/tolerations). */
import { parseAmounts } from '../../api/amounts.ts'
import type { Pod, Toleration } from '../../api/types/core.ts'
import type { RuntimeClass } from '../../api/types/node.ts'
import { clone, equal } from '../../base/json.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission, AdmissionRequest } from './admission.ts'

export const runtimeClass = (lookup: Lookup): Admission => {
  const classOf = ({ face, name, draft }: AdmissionRequest): RuntimeClass | undefined => {
    const { runtimeClassName } = (draft as unknown as Pod).spec
    if (!runtimeClassName) return undefined
    const found = lookup.get('RuntimeClass', undefined, runtimeClassName) as unknown as RuntimeClass | undefined
    if (!found) throw objectForbidden(served(face), name, `pod rejected: RuntimeClass "${runtimeClassName}" not found`)
    return found
  }
  const applies = ({ operation, subresource }: AdmissionRequest) => operation === 'create' && subresource === undefined
  return {
    name: 'RuntimeClass',
    kinds: ['Pod'],
    mutate(request) {
      if (!applies(request)) return
      const found = classOf(request)
      const { spec } = request.draft as unknown as Pod
      if (found?.overhead) {
        if (Object.keys(spec.overhead ?? {}).length > 0 && !sameAmounts(spec.overhead, found.overhead.podFixed)) throw mismatch(request)
        if (found.overhead.podFixed) spec.overhead = { ...found.overhead.podFixed }
      }
      if (found?.scheduling) place(request, spec, found.scheduling)
    },
    validate(request) {
      if (!applies(request)) return
      const { overhead } = (request.draft as unknown as Pod).spec
      const defined = classOf(request)?.overhead
      if (defined ? !sameAmounts(overhead, defined.podFixed) : overhead !== undefined) {
        throw defined ? mismatch(request) : objectForbidden(served(request.face), request.name, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
      }
    },
  }
}

const mismatch = ({ face, name }: AdmissionRequest) => objectForbidden(served(face), name, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")

type List = Readonly<Record<string, string>> | undefined
const amountsOf = (list: List) => Object.fromEntries(Object.entries(parseAmounts(list)).map(([name, { nano }]) => [name, nano]))
const sameAmounts = (a: List, b: List): boolean => equal(amountsOf(a), amountsOf(b))

function place({ face, name }: AdmissionRequest, spec: Pod['spec'], { nodeSelector, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>): void {
  for (const key in nodeSelector) {
    const own = spec.nodeSelector?.[key]
    if (own !== undefined && own !== nodeSelector[key]) {
      throw objectForbidden(served(face), name, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${nodeSelector[key]}; pod.spec.nodeSelector[${key}] = ${own}`)
    }
  }
  if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
  if (tolerations.length > 0) spec.tolerations = merged([...(spec.tolerations ?? []), ...clone(tolerations)])
}

/** Without those that another says as well; of equals, the first. */
const merged = (all: readonly Toleration[]): Toleration[] =>
  all.reduce<Toleration[]>((kept, toleration, i) => {
    const redundant = kept.some((other) => covers(other, toleration)) || all.slice(i + 1).some((other) => !equal(other, toleration) && covers(other, toleration))
    return redundant ? kept : [...kept, toleration]
  }, [])

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (equal(wide, narrow)) return true
  if ((narrow.key ?? '') !== (wide.key ?? '') && (wide.key || wide.operator !== 'Exists')) return false
  if ((narrow.effect ?? '') !== (wide.effect ?? '') && wide.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined && (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds)) return false
  if (wide.operator === 'Exists') return true
  return narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '')
}
