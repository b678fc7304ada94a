/** A Pod with scheduling gates is not looked at until all are removed; the queue asks `gatesOf` (upstream: plugins/schedulinggates). */
import type { Plugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

export const gatesOf = (pod: PodInfo): readonly string[] => (pod.pod.spec.schedulingGates ?? []).map((gate) => gate.name)

/** Only a change of the Pod itself can help, and that always puts it back into the queue. */
export const schedulingGates: Plugin = { name: 'SchedulingGates', wakesOn: [], helps: () => false }
