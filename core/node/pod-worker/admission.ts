/**
 * Whether this node takes a Pod that is bound to it: ports of the machine that another Pod holds fail it for good, and who
 * made it may make another (upstream: pkg/kubelet/lifecycle/predicate.go, NodePorts). The scheduler sees to it before; a
 * Pod that names its node itself was never asked. Asked once, before anything of the Pod is made.
 */
import { recordEvent, type NodeContext } from '../node-context.ts'
import { isFinal, type Pod } from '../pod.ts'

export interface Refusal {
  readonly reason: string
  readonly message: string
}

interface HostPort {
  readonly ip: string
  readonly port: number
  readonly protocol: string
}

const anyAddress = '0.0.0.0'
const why = "node(s) didn't have free ports for the requested pod ports"

/** Undefined where the Pod is taken. */
export function refusalOf(context: NodeContext, pod: Pod): Refusal | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const holds = (other: Pod) => other.metadata.uid !== pod.metadata.uid && !isFinal(other.status?.phase) && comesBefore(other, pod) && hostPorts(other).some((used) => wanted.some((port) => clash(port, used)))
  if (!context.snapshot.podsOn<Pod>(context.node).some(holds)) return undefined
  const text = `Predicate NodePorts failed: ${why}`
  recordEvent(context, pod, 'Warning', 'NodePorts', text)
  return { reason: 'NodePorts', message: `Pod was rejected: ${text}` }
}

function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol = 'TCP' }) => (hostPort ? [{ ip: hostIP || anyAddress, port: hostPort, protocol }] : [])),
  )
}

const clash = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress)

/** It was taken already; of two that are both new, the older one is. */
function comesBefore(other: Pod, pod: Pod): boolean {
  if (other.status?.startTime) return true
  const [a, b] = [other.metadata, pod.metadata]
  return a.creationTimestamp === b.creationTimestamp ? a.uid < b.uid : (a.creationTimestamp ?? '') < (b.creationTimestamp ?? '')
}
