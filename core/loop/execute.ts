/**
 * Executes the steps of a plan through a Client: in order, neighbours side by side, creates slow-started. Decides nothing:
 * errors end the pass and are sorted here once for all controllers. Planners never see an API error as an exception.
 */
import { refKey, type KubeObject, type Ref } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import { ApiError, isAlreadyExists, isConflict, isNotFound, isReason, isTerminal } from '../api/status.ts'
import { mergePatch } from '../base/merge-patch.ts'
import type { Client } from './client.ts'
import type { Failure } from './controller.ts'
import type { Step } from './plan.ts'

/** Side by side at most; more gains nothing over group commit and would hold up the event loop. */
const widest = 16

export type Ended =
  | { readonly how: 'done' }
  /** Planned on an old view: plan again soon, without noise. */
  | { readonly how: 'outdated' }
  /** What the plan was for is gone. */
  | { readonly how: 'gone' }
  | { readonly how: 'failed'; readonly failure: Failure; readonly terminal: boolean }

export interface Execution {
  readonly client: Client
  readonly led: readonly Revision[]
  readonly signal: AbortSignal
  /** Called for each step that succeeded; `object` is what the server answered. */
  onStep(step: Step, object: KubeObject | undefined): void
}

export interface Written {
  readonly ended: Ended
  /** Highest revision written. */
  readonly revision: Revision
  /** Deletions ask for patience too, but answer no revision: the snapshot must show each as gone or leaving. */
  readonly deleted: readonly Ref[]
}

export async function execute(steps: readonly Step[], execution: Execution): Promise<Written> {
  let revision = 0
  const deleted: Ref[] = []
  let ended: Ended = { how: 'done' }

  const run = async (step: Step): Promise<void> => {
    try {
      const object = await perform(step, execution)
      if (object) revision = Math.max(revision, Number(object.metadata.resourceVersion))
      if (step.do === 'delete') deleted.push(step.ref)
      execution.onStep(step, object)
    } catch (error) {
      if (isForgiven(step, error)) return
      ended = worse(ended, sort(step, error))
    }
  }

  for (const group of neighbours(steps)) {
    let width = group[0]!.do === 'create' ? 1 : widest
    for (let from = 0; from < group.length; ) {
      if (ended.how !== 'done' || execution.signal.aborted) return { ended, revision, deleted }
      await Promise.all(group.slice(from, from + width).map(run))
      from += width
      width = Math.min(width * 2, widest)
    }
  }
  return { ended, revision, deleted }
}

function neighbours(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  let seen = new Set<string>()
  let kind = ''
  for (const step of steps) {
    const group = groups.at(-1)
    const stepKind = `${step.do} ${step.do === 'create' ? step.object.kind : step.ref.kind}`
    const key = step.do === 'create' ? '' : refKey(step.ref)
    if (group && kind === stepKind && (step.do === 'create' || !seen.has(key))) group.push(step)
    else {
      groups.push([step])
      seen = new Set()
    }
    kind = stepKind
    seen.add(key)
  }
  return groups
}

async function perform(step: Step, { client, led }: Execution): Promise<KubeObject | undefined> {
  const { code, say, why } = step.because
  const because = { code, say, why, led }
  switch (step.do) {
    case 'create':
      return client.create(step.object, { because })
    case 'patch':
      // Upstream offers only PUT here.
      if (step.subresource === 'finalize') return client.update(mergePatch(await client.get(step.ref), step.patch) as KubeObject, { because, subresource: 'finalize' })
      return client.patch(step.ref, { type: 'merge', body: step.patch }, { because, ...(step.subresource === undefined ? {} : { subresource: step.subresource }) })
    case 'delete':
      await client.delete(step.ref, {
        because,
        ...(step.ref.uid === undefined ? {} : { uid: step.ref.uid }),
        ...(step.resourceVersion === undefined ? {} : { resourceVersion: step.resourceVersion }),
        ...(step.propagationPolicy === undefined ? {} : { propagationPolicy: step.propagationPolicy }),
        ...(step.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: step.gracePeriodSeconds }),
      })
      return undefined
    case 'note':
      return undefined
    default:
      throw step satisfies never
  }
}

const isForgiven = (step: Step, error: unknown): boolean =>
  (step.do === 'delete' && isNotFound(error)) || (step.do === 'create' && step.tolerateExisting === true && isAlreadyExists(error))

function sort(step: Step, error: unknown): Ended {
  if (isConflict(error) || isAlreadyExists(error)) return { how: 'outdated' }
  if (isNotFound(error) || isNamespaceTerminating(error)) return { how: 'gone' }
  const reason = error instanceof ApiError ? error.reason : 'InternalError'
  const message = error instanceof Error ? error.message : String(error)
  return { how: 'failed', failure: { step, reason, message }, terminal: isTerminal(error) }
}

const isNamespaceTerminating = (error: unknown): boolean =>
  isReason(error, 'Forbidden') && (error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)

const severity = { done: 0, gone: 1, outdated: 2, failed: 3 } as const
const worse = (a: Ended, b: Ended): Ended => (severity[b.how] > severity[a.how] ? b : a)
