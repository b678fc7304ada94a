/** What a plan asks of the parts of a Pod's worker: probes, crash delays, runs that the API remembers. */
import type { Backoff } from '../backoff.ts'
import type { ContainerProbes } from '../probes/container-probes.ts'
import { hashOf } from '../container/container-spec.ts'
import type { PlanFacts } from './plan.ts'
import type { StatusWriter } from '../status/status-writer.ts'

export const planFacts = (seen: Pick<PlanFacts, 'pod' | 'containers' | 'nowMs'>, probes: ContainerProbes, crash: Backoff, writer: StatusWriter): PlanFacts => ({
  ...seen,
  liveness: (id) => probes.verdict(id, 'liveness'),
  startup: (id) => probes.verdict(id, 'startup'),
  crashDelay: (name, endedMs) => crash.pending(name, endedMs, seen.nowMs),
  hashOf,
  restarts: (name) => writer.restarts(name),
})
