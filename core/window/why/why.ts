/** The answer to "why is it like this?": the state, the chain of causes, the evidence, what it waits for, and the ways out. */
import type { Why } from '../../../electron/contract.ts'
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { stateOf } from '../../api/state/state-of.ts'
import type { Pod } from '../../api/types/core.ts'
import { ApiError } from '../../api/status.ts'
import type { DecisionRecord } from '../../loop/decisions.ts'
import type { Journal } from '../journal/journal.ts'
import { causalChain, spokesman } from './chain.ts'
import { evidenceFor, type EvidenceDeps } from './evidence.ts'
import { fixesFor } from './fixes.ts'

export interface WhyDeps extends EvidenceDeps {
  journal: Journal
  keyOf(ref: Ref): string
  decisions(ref: Ref): readonly DecisionRecord[]
  now(): number
}

export async function why(deps: WhyDeps, ref: Ref): Promise<Why> {
  const snapshot = deps.snapshot()
  const now = deps.now()
  const object = snapshot.get(ref.kind, ref.namespace, ref.name)
  if (!object || (ref.uid !== undefined && object.metadata.uid !== ref.uid)) {
    const chain = await causalChain(deps.journal, deps.keyOf, ref)
    if (chain.length === 0) throw new ApiError('NotFound', `${ref.kind} ${ref.name} does not exist, and the journal does not reach back to it`)
    return { ref, state: { mark: 'finished', say: 'is gone' }, chain, evidence: [], fixes: [] }
  }
  const troubled = (pod: KubeObject) => ['failing', 'waiting', 'degraded'].includes(stateOf(pod, snapshot, now).mark)
  const speaker = spokesman(object, snapshot, troubled)
  const chain = await causalChain(deps.journal, deps.keyOf, refOf(speaker))
  const evidence = await evidenceFor(deps, speaker)
  const pod = speaker.kind === 'Pod' && troubled(speaker) ? (speaker as Pod) : undefined
  const state = stateOf(object, snapshot, now)
  const healthy = state.mark === 'ready' && !pod
  const waiting = waitingFor(deps.decisions(ref), now) ?? (speaker === object ? undefined : waitingFor(deps.decisions(refOf(speaker)), now))
  return {
    ref: refOf(object),
    state,
    chain,
    evidence,
    fixes: healthy && object.kind !== 'Node' ? [] : fixesFor(object, pod, snapshot),
    ...(waiting === undefined ? {} : { waitingFor: waiting }),
  }
}

function waitingFor(records: readonly DecisionRecord[], now: number): Why['waitingFor'] {
  const last = records.at(-1)
  if (!last || last.dueMs === undefined || last.dueMs < now) return undefined
  return { say: last.because.say, dueMs: last.dueMs }
}
