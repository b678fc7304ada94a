/** Writes what was reviewed, in dependency order; stops at the first failure and says what was and was not written. */
import type { ApplyResult } from '../../../electron/contract.ts'
import { refOf, type KubeObject, type NewObject, type Ref } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import { parseManifests } from './manifests.ts'
import { fieldManager, type ReviewDeps } from './review.ts'

/** What others need comes first. */
const order: readonly string[] = ['Namespace', 'ServiceAccount', 'ConfigMap', 'Secret', 'Service', 'Deployment']

export async function applyReviewed(deps: ReviewDeps, q: { yaml: string; namespace: string; force?: boolean }): Promise<ApplyResult> {
  const { documents: parsed } = parseManifests(q.yaml, q.namespace, deps.namespaced)
  const broken = parsed.find((entry) => entry.problems.some((problem) => problem.severity === 'error'))
  if (broken) throw new ApiError('BadRequest', `line ${broken.problems[0]?.line ?? broken.fromLine}: ${broken.problems[0]?.message ?? 'invalid'}. Nothing was written.`)
  const rank = (object: NewObject | undefined) => {
    const at = order.indexOf(object?.kind ?? '')
    return at < 0 ? order.length : at
  }
  const queue = parsed.filter((entry) => entry.object !== undefined).sort((a, b) => rank(a.object) - rank(b.object) || a.index - b.index)
  const result: ApplyResult = { written: [], notWritten: [] }
  // All of one click is one story: every write after the first names the first as what led to it.
  const led: number[] = []
  for (const { object } of queue) {
    const ref: Ref = refOf(object!)
    if (result.failed) {
      result.notWritten.push(ref)
      continue
    }
    const before = deps.snapshot().get(ref.kind, ref.namespace, ref.name)
    try {
      const after = await deps.client.patch<KubeObject>(ref, { type: 'apply', body: object!, force: q.force ?? true }, { fieldManager, because: { code: before ? 'Applied' : 'Deployed', say: before ? '' : `deployed ${ref.kind} ${ref.name}`, why: '', led: [...led] } })
      result.written.push({ ref: refOf(after), action: before ? (before.metadata.resourceVersion === after.metadata.resourceVersion ? 'same' : 'change') : 'create' })
      if (led.length === 0) led.push(Number(after.metadata.resourceVersion))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      result.failed = { ref, status: error.toStatus() }
    }
  }
  return result
}
