/**
 * pods/resize: CPU and memory of a Pod that runs, and what a change of them does to its containers. Upstream:
 * pkg/registry/core/pod/strategy.go, dropNonResizeUpdates; pkg/apis/core/validation, ValidatePodResize.
 */
import { clone, equal } from '../../../base/json.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import type { PartAccess } from '../../kind.ts'
import type { Container, ContainerResizePolicy, Pod, ResourceRequirements } from '../../types/core.ts'
import { qosClass } from './qos.ts'

type Amounts = Readonly<Record<string, string>> | undefined

export const podResize: PartAccess<Pod> = {
  prepare(draft, old) {
    const containers = merged(draft.spec.containers, old.spec.containers)
    const initContainers = merged(draft.spec.initContainers ?? [], old.spec.initContainers ?? [])
    // What is no resize at all is left for validation to refuse.
    if (draft.spec.containers.length !== old.spec.containers.length || (draft.spec.initContainers ?? []).length !== (old.spec.initContainers ?? []).length) return
    const { resources } = draft.spec
    draft.spec = { ...clone(old.spec), containers }
    if (initContainers.length > 0) draft.spec.initContainers = initContainers
    if (resources === undefined) delete draft.spec.resources
    else draft.spec.resources = resources
    for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) keep(draft.metadata, old.metadata, field)
  },
  validate: validateResize,
}

/** The field as it was. */
export function keep<M extends object, F extends keyof M>(draft: M, old: M, field: F): void {
  if (old[field] === undefined) delete draft[field]
  else draft[field] = old[field]
}

/** The old containers with the new resources and policies; as they came where names or order differ. */
function merged(containers: readonly Container[], olds: readonly Container[]): Container[] {
  if (containers.some(({ name }, i) => olds[i]?.name !== name)) return [...containers]
  return containers.map(({ resources, resizePolicy }, i) => {
    const { resources: _resources, resizePolicy: _policy, ...rest } = clone(olds[i]!)
    return { ...rest, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) }
  })
}

const mirror = 'kubernetes.io/config.mirror'

function validateResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[mirror] !== undefined) return [forbidden('', 'static pods cannot be resized')]
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const errors: FieldError[] = []
  if ((old.status.qosClass ?? qosClass(old.spec)) !== qosClass(pod.spec)) errors.push(invalid('spec', pod.status.qosClass, 'Pod QOS Class may not change as a result of resizing'))
  const running = (old.status.containerStatuses ?? []).find(({ state }) => state?.running !== undefined)
  if (running && running.resources === undefined) errors.push(forbidden('spec', 'Pod running on node without support for resize'))
  validatePodLevel(pod.spec.resources, old.spec.resources, errors)
  if (!sameOrder(pod.spec.containers, old.spec.containers, 'containers', errors) || !sameOrder(pod.spec.initContainers ?? [], old.spec.initContainers ?? [], 'initContainers', errors)) return errors
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (pod.spec[field] ?? []).entries()) nothingRemoved(container.resources, old.spec[field]?.[i]?.resources, `spec.${field}[${i}].resources`, errors)
  }
  for (const [i, container] of pod.spec.containers.entries()) if (!equal(withoutAmounts(container), withoutAmounts(old.spec.containers[i]!))) errors.push(forbidden('spec', 'only cpu and memory resources are mutable'))
  for (const [i, container] of (pod.spec.initContainers ?? []).entries()) {
    const before = old.spec.initContainers![i]!
    if (!equal(withoutAmounts(container), withoutAmounts(before))) errors.push(forbidden(`spec.initContainers[${i}]`, 'only cpu and memory resources for init or sidecar containers are mutable'))
    const restarts = (container.resizePolicy ?? []).filter(({ restartPolicy }) => restartPolicy === 'RestartContainer')
    if (container.restartPolicy !== 'Always' && !equal(container, before)) {
      for (const _ of restarts) errors.push(forbidden(`spec.initContainers[${i}]`, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'))
    }
  }
  return errors
}

function sameOrder(containers: readonly Container[], olds: readonly Container[], field: string, errors: FieldError[]): boolean {
  if (containers.length !== olds.length) {
    errors.push(forbidden(`spec.${field}`, `${field} may not be added or removed on resize`))
    return false
  }
  const moved = containers.flatMap(({ name }, i) => (name === olds[i]!.name ? [] : [forbidden(`spec.${field}[${i}].name`, 'containers may not be renamed or reordered on resize')]))
  errors.push(...moved)
  return moved.length === 0
}

const removed = (amounts: Amounts, before: Amounts): boolean => Object.keys(before ?? {}).some((name) => amounts?.[name] === undefined)

function nothingRemoved(resources: ResourceRequirements | undefined, before: ResourceRequirements | undefined, path: string, errors: FieldError[]): void {
  if (removed(resources?.requests, before?.requests)) errors.push(forbidden(`${path}.requests`, 'resource requests cannot be removed'))
  if (removed(resources?.limits, before?.limits)) errors.push(forbidden(`${path}.limits`, 'resource limits cannot be removed'))
}

function validatePodLevel(resources: ResourceRequirements | undefined, before: ResourceRequirements | undefined, errors: FieldError[]): void {
  if (resources === undefined && before === undefined) return
  if (resources === undefined) return void errors.push(forbidden('spec.resources', 'pod-level resources cannot be removed'))
  if (removed(resources.requests, before?.requests)) errors.push(forbidden('spec.resources.requests', 'pod-level resource requests cannot be removed'))
  if (removed(resources.limits, before?.limits)) errors.push(forbidden('spec.resources.limits', 'pod-level resource limits cannot be removed'))
  if (!equal(others(resources), others(before))) errors.push(forbidden('spec', 'only cpu and memory resources are mutable at pod-level'))
}

/** What is left of a container when everything that may change is taken out. Policies may change with a resize only through the new container itself. */
function withoutAmounts(container: Container): unknown {
  const { resources, resizePolicy, ...rest } = container
  return { ...rest, resizePolicy: resizePolicy ?? [], resources: others(resources) }
}

function others(resources: ResourceRequirements | undefined): unknown {
  const rest = (amounts: Amounts) => Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'))
  return { requests: rest(resources?.requests), limits: rest(resources?.limits), claims: resources?.claims ?? [] }
}

const resizable = ['cpu', 'memory']
const policies = ['NotRequired', 'RestartContainer']

/** Upstream: validateResizePolicy. */
export function validateResizePolicy(list: readonly ContainerResizePolicy[] | undefined, podRestartPolicy: string | undefined, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const [i, { resourceName = '', restartPolicy = '' }] of (list ?? []).entries()) {
    if (seen.has(resourceName)) errors.push(duplicate(`${path}[${i}]`, resourceName))
    seen.add(resourceName)
    for (const [value, known] of [[resourceName, resizable], [restartPolicy, policies]] as const) {
      if (value === '') errors.push(required(path))
      else if (!known.includes(value)) errors.push(notSupported(path, value, known))
    }
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
  }
}
