/** What a Pod's containers were seen to use, and what they should ask for by it. Looking keeps the meter going. */
import type { ContainerAdvice } from '../../../electron/contract.ts'
import { adviceOn, type UsageAt } from '../../api/advice.ts'
import type { Ref } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export interface Measured {
  history(podUid: string, container: string): readonly UsageAt[]
  fresh(signal: AbortSignal): Promise<void>
}

const patienceMs = 4_000

export async function advice(snapshot: Snapshot, meter: Measured, ref: Ref): Promise<ContainerAdvice[]> {
  const pod = snapshot.get<Pod>('Pod', ref.namespace, ref.name)
  if (!pod) return []
  // An engine that does not answer leaves the past to be told.
  await meter.fresh(AbortSignal.timeout(patienceMs)).catch(() => undefined)
  return (pod.spec?.containers ?? []).map((container) => {
    const samples = meter.history(pod.metadata.uid, container.name)
    return { container: container.name, samples: [...samples], advice: [...adviceOn(samples, amountsOf(container.resources))] }
  })
}

const amountsOf = (resources: { requests?: Record<string, string>; limits?: Record<string, string> } | undefined) =>
  ({ ...(resources?.requests ? { requests: resources.requests } : {}), ...(resources?.limits ? { limits: resources.limits } : {}) })
