/**
 * Going back to a revision because an annotation asks for it, as clients of the first API versions do
 * (pkg/controller/deployment/rollback.go). kubectl does without: it writes the former template itself.
 */
import { refOf } from '../../api/meta.ts'
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts'
import { isObject } from '../../base/json.ts'
import type { Reason, Step } from '../../loop/plan.ts'
import { isNoted, revisionOf } from './annotations.ts'
import { hashLabel, sameTemplate } from './template.ts'
import type { Rollout } from './rollout.ts'

const rollbackTo = 'deprecated.deployment.rollback.to'

/** The revision asked for, 0 for the one before; undefined where nobody asks. */
export function wantedRevision({ metadata }: Deployment): bigint | undefined {
  const text = metadata.annotations?.[rollbackTo] ?? ''
  return /^[+-]?\d{1,18}$/.test(text) ? BigInt(text) : undefined
}

/** Takes the annotation away in any case, so that it is asked once only. */
export function rollBack({ d, all }: Rollout, wanted: bigint): Step {
  const revision = wanted === 0n ? lastBut(all) : wanted
  const target = all.find((rs) => revisionOf(rs) === revision)
  if (revision === 0n || !target) {
    return forget(d, 'DeploymentRollbackRevisionNotFound', 'cannot go back', wanted === 0n ? 'there is no revision before this one' : `there is no revision ${wanted}`, wanted === 0n ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.')
  }
  if (sameTemplate(d.spec.template, target.spec.template)) {
    return forget(d, 'DeploymentRollbackTemplateUnchanged', 'stays as it is', `revision ${revision} has the same Pod template`, `The rollback revision contains the same template as current deployment "${d.metadata.name}"`)
  }
  const { [hashLabel]: _, ...labels } = target.spec.template.metadata?.labels ?? {}
  const template = { ...target.spec.template, metadata: { ...target.spec.template.metadata, labels } }
  const because: Reason = {
    code: 'DeploymentRollback',
    say: `went back to the template of revision ${revision}`,
    why: `the annotation ${rollbackTo} asked for it`,
    refs: [refOf(target)],
    event: { type: 'Normal', message: `Rolled back deployment "${d.metadata.name}" to revision ${revision}` },
  }
  return patch(d, { metadata: { annotations: { ...noteChanges(d, target), [rollbackTo]: null } }, spec: { template: changes(d.spec.template, template) } }, because)
}

const patch = (d: Deployment, { metadata, ...rest }: { metadata: object; spec?: object }, because: Reason): Step => ({
  do: 'patch',
  ref: refOf(d),
  patch: { metadata: { resourceVersion: d.metadata.resourceVersion, ...metadata }, ...rest },
  because,
})

const forget = (d: Deployment, code: string, say: string, why: string, message: string): Step =>
  patch(d, { metadata: { annotations: { [rollbackTo]: null } } }, { code, say, why, event: { type: 'Warning', message } })

/** The second newest number; 0 where there is none. */
function lastBut(sets: readonly ReplicaSet[]): bigint {
  const [, second = 0n] = sets.map(revisionOf).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  return second
}

/** The Deployment's own annotations become those that the revision was made with. */
function noteChanges(d: Deployment, { metadata }: ReplicaSet): Record<string, string | null> {
  const result: Record<string, string | null> = {}
  for (const key in d.metadata.annotations) if (!isNoted(key)) result[key] = null
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) if (!isNoted(key)) result[key] = value
  return result
}

/** The merge patch that turns one value into the other. */
function changes(from: unknown, to: unknown): unknown {
  if (!isObject(from) || !isObject(to)) return to
  const result: Record<string, unknown> = {}
  for (const key in from) if (to[key] === undefined) result[key] = null
  for (const key in to) result[key] = changes(from[key], to[key])
  return result
}
