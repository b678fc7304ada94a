/**
 * pods/ephemeralcontainers: containers that join a Pod that runs, for looking into it; none is ever changed or taken away.
 * Upstream: pkg/registry/core/pod/strategy.go, dropNonEphemeralContainerUpdates; pkg/apis/core/validation.
 */
import { fieldDiff } from '../../../base/field-diff.ts'
import { clone, equal } from '../../../base/json.ts'
import { duplicate, type FieldError, forbidden, notFound } from '../../field-error.ts'
import type { PartAccess } from '../../kind.ts'
import type { Container, EphemeralContainer, Pod, PodSpec } from '../../types/core.ts'
import { keep } from './resize.ts'
import { validateContainer } from './validate-containers.ts'

const list = 'spec.ephemeralContainers'
/** What serves, measures or limits a Pod's work: no matter of somebody who looks in. In the order of upstream's struct. */
const notTheirs = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const

export const podEphemeralContainers: PartAccess<Pod> = {
  prepare(draft, old) {
    const { ephemeralContainers } = draft.spec
    draft.spec = clone(old.spec)
    if (ephemeralContainers === undefined) delete draft.spec.ephemeralContainers
    else draft.spec.ephemeralContainers = ephemeralContainers
    for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) keep(draft.metadata, old.metadata, field)
  },
  validate(pod, old) {
    if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [forbidden('', 'static pods do not support ephemeral containers')]
    const errors: FieldError[] = []
    for (const before of old.spec.ephemeralContainers ?? []) {
      const now = pod.spec.ephemeralContainers?.find(({ name }) => name === before.name)
      if (!now) errors.push(forbidden(list, `existing ephemeral containers ${JSON.stringify(before.name)} may not be removed\n`))
      else if (!equal(now, before)) errors.push(forbidden(list, `existing ephemeral containers ${JSON.stringify(before.name)} may not be changed\n${fieldDiff(before, now).map(({ path }) => `  ${path}`).join('\n')}`))
    }
    return errors
  },
}

export function validateEphemeralContainers(spec: PodSpec, volumes: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name)
  const names = new Set(others)
  for (const [i, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = `${path}.ephemeralContainers[${i}]`
    const { name, targetContainerName, volumeMounts = [] } = container
    validateContainer(container as Container, spec, volumes, at, errors)
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    if (targetContainerName && !others.includes(targetContainerName)) errors.push(notFound(`${at}.targetContainerName`, targetContainerName))
    for (const field of notTheirs) if (isSet(container, field)) errors.push(forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'))
    for (const [j, { subPath, subPathExpr }] of volumeMounts.entries()) {
      if (subPath) errors.push(forbidden(`${at}.volumeMounts[${j}].subPath`, 'cannot be set for an Ephemeral Container'))
      if (subPathExpr) errors.push(forbidden(`${at}.volumeMounts[${j}].subPathExpr`, 'cannot be set for an Ephemeral Container'))
    }
  }
}

const isSet = (container: EphemeralContainer, field: (typeof notTheirs)[number]): boolean => {
  const value: unknown = container[field]
  return value !== undefined && value !== '' && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)
}
