/** What a node's agent tells of its own node, as Events in upstream's words (pkg/kubelet/kubelet_node_status.go, nodestatus/setters.go). Pure. */
export interface NodeEvent {
  readonly reason: string
  readonly message: string
}

interface Condition {
  readonly type: string
  readonly status: string
}

/** Condition → its reasons when True and when False. */
const reasons: Readonly<Record<string, readonly [whenTrue: string, whenFalse: string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  Ready: ['NodeReady', 'NodeNotReady'],
}

export const startingEvent: NodeEvent = { reason: 'Starting', message: 'Starting kubelet.' }

const statusEvent = (node: string, reason: string): NodeEvent => ({ reason, message: `Node ${node} status is now: ${reason}` })

/** A node that just came is not ready yet in anyone's eyes: that it is not is no news. */
export function conditionEvents(node: string, before: readonly Condition[], after: readonly Condition[]): NodeEvent[] {
  return after.flatMap(({ type, status }) => {
    const old = before.find((other) => other.type === type)?.status
    const [whenTrue, whenFalse] = reasons[type] ?? []
    if (whenTrue === undefined || whenFalse === undefined || old === status || (type === 'Ready' && old === undefined && status === 'False')) return []
    return [statusEvent(node, status === 'True' ? whenTrue : whenFalse)]
  })
}

export const schedulableEvent = (node: string, unschedulable: boolean): NodeEvent => statusEvent(node, unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable')
