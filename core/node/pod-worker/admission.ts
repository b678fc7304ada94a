/**
 * Whether this node takes a Pod that is bound to it: amounts it has not, labels and taints that do not suit, ports of the
 * machine that another Pod holds fail it for good, and who made it may make another (upstream: pkg/kubelet/lifecycle/predicate.go).
 * The scheduler saw to it before; a Pod that names its node itself was never asked. Asked once, before anything of the Pod is made.
 */
import { zero, type Amounts } from '../../api/amounts.ts'
import { nodeDemand, tolerates } from '../../api/node-selector.ts'
import { podRequests } from '../../api/pod-resources.ts'
import { parseQuantity, type Quantity } from '../../api/quantity.ts'
import type { Node, Pod } from '../../api/types/core.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import { isFinal } from '../pod.ts'

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
const counted = ['cpu', 'memory', 'ephemeral-storage'] as const

/** Undefined where the Pod is taken. */
export function refusalOf(context: NodeContext, pod: Pod): Refusal | undefined {
  // Most Pods were placed and hold no port of the machine: nobody has to be counted for them.
  const taken = isPlaced(pod) && hostPorts(pod).length === 0 ? [] : takenBefore(context, pod)
  const found = judge(context, pod, taken)
  if (!found) return undefined
  recordEvent(context, pod, 'Warning', found.reason, found.message)
  return { reason: found.reason, message: `Pod was rejected: ${found.message}` }
}

const judge = (context: NodeContext, pod: Pod, taken: readonly Pod[]): Refusal | undefined =>
  shortageOf(context, pod, taken) ?? unsuitable(context, pod) ?? portTaken(pod, taken)

/**
 * The Pods that this one has to leave room for: those that run or were placed, and of the new ones those that came before
 * it and are taken themselves. A refused one takes no room, whether or not the snapshot knows of its end yet.
 */
function takenBefore(context: NodeContext, pod: Pod): Pod[] {
  const others = context.snapshot.podsOn<Pod>(context.node).filter((other) => other.metadata.uid !== pod.metadata.uid && !isFinal(other.status?.phase))
  const isSettled = (other: Pod) => isPlaced(other) || other.status?.startTime !== undefined
  const taken = others.filter(isSettled)
  const fresh = others.filter((other) => !isSettled(other) && comesBefore(other, pod))
  for (const other of fresh.sort((a, b) => (comesBefore(a, b) ? -1 : 1))) if (!judge(context, other, taken)) taken.push(other)
  return taken
}

const predicate = (name: string, why: string): Refusal => ({ reason: name, message: `Predicate ${name} failed: ${why}` })

/** What the scheduler placed was counted by it. */
function shortageOf({ allocatable }: NodeContext, pod: Pod, taken: readonly Pod[]): Refusal | undefined {
  if (isPlaced(pod)) return undefined
  const short = (resource: string, requested: number | bigint, used: number | bigint, capacity: number | bigint): Refusal => ({
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  })
  const places = Number(allocatable['pods'] ?? 0)
  if (taken.length + 1 > places) return short('pods', 1, taken.length, places)
  const wanted = podRequests(pod)
  let inUse: Amounts[] | undefined
  for (const resource of counted) {
    const requested = inUnit(resource, wanted[resource])
    if (requested === 0n) continue
    inUse ??= taken.map(podRequests)
    const used = inUse.reduce((sum, amounts) => sum + inUnit(resource, amounts[resource]), 0n)
    const capacity = inUnit(resource, parseQuantity(allocatable[resource] ?? '0'))
    if (requested > capacity - used) return short(resource, requested, used, capacity)
  }
  return undefined
}

const isPlaced = ({ status }: Pod): boolean => !status?.startTime && status?.conditions?.some(({ type, status: said }) => type === 'PodScheduled' && said === 'True') === true

/** Thousandths of a core, or whole bytes; upwards. */
function inUnit(resource: string, { nano }: Quantity = zero): bigint {
  const unit = resource === 'cpu' ? 1_000_000n : 1_000_000_000n
  return (nano + unit - 1n) / unit
}

function unsuitable({ snapshot, node: name }: NodeContext, pod: Pod): Refusal | undefined {
  const node = snapshot.get<Node>('Node', undefined, name)
  if (!node) return undefined
  const { spec } = pod
  if (!nodeDemand(spec)(node)) return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  const chasedAway = node.spec.taints?.some((taint) => taint.effect === 'NoExecute' && !tolerates(spec.tolerations, taint)) === true
  return chasedAway ? predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate") : undefined
}

function portTaken(pod: Pod, taken: readonly Pod[]): Refusal | undefined {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  const holds = (other: Pod) => hostPorts(other).some((used) => wanted.some((port) => clash(port, used)))
  return taken.some(holds) ? predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports") : undefined
}

function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol = 'TCP' }) => (hostPort ? [{ ip: hostIP || anyAddress, port: hostPort, protocol }] : [])),
  )
}

const clash = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === anyAddress || b.ip === anyAddress)

/** Of two new Pods, the older one is taken first. */
function comesBefore(other: Pod, pod: Pod): boolean {
  const [a, b] = [other.metadata, pod.metadata]
  return a.creationTimestamp === b.creationTimestamp ? a.uid < b.uid : (a.creationTimestamp ?? '') < (b.creationTimestamp ?? '')
}
