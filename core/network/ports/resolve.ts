/** Which Pod and port a forward leads to now: asked again for each connection, so that it survives Pods. Pure. */
import type { Ref } from '../../api/meta.ts'
import { isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import type { ReplicaSet, Deployment } from '../../api/types/apps.ts'
import type { Pod, Service } from '../../api/types/core.ts'
import { labelSelector, setSelector, type Selector } from '../../api/label-selector.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export type Resolved =
  | { readonly pod: Pod; readonly port: number }
  /** Said as it is shown: "no Pod of Service web is ready". */
  | { readonly none: string; /** It may come by itself. */ readonly wait: boolean }

const ready = (pod: Pod): boolean => isReady(pod) && !isLeaving(pod)
const running = (pod: Pod): boolean => pod.status?.phase === 'Running' && !isLeaving(pod)

/** `port`: a Service's port (number or name) for Services, a container's for the rest. `turn` spreads connections over equals. */
export function resolve(ref: Ref, port: number | string, snapshot: Snapshot, turn: number): Resolved {
  const { kind, namespace = 'default', name } = ref
  const what = `${kind} ${name}`
  if (kind === 'Pod') {
    const pod = snapshot.get<Pod>('Pod', namespace, name)
    if (!pod) return { none: `${what} is gone`, wait: false }
    return running(pod) ? onPod(pod, port) : { none: `${what} is not running`, wait: true }
  }
  let selector: Selector
  let wanted = port
  if (kind === 'Service') {
    const service = snapshot.get<Service>('Service', namespace, name)
    if (!service) return { none: `${what} is gone`, wait: false }
    const match = (service.spec?.ports ?? []).find((one) => one.name === port || one.port === Number(port))
    if (!match) return { none: `${what} has no port ${port}`, wait: false }
    wanted = match.targetPort ?? match.port
    selector = setSelector(service.spec?.selector)
  } else {
    const workload = snapshot.get<Deployment | ReplicaSet>(kind, namespace, name)
    if (!workload) return { none: `${what} is gone`, wait: false }
    selector = labelSelector(workload.spec?.selector)
  }
  const pods = snapshot.list<Pod>('Pod', namespace).filter((pod) => selector.matches(pod.metadata.labels))
  const serving = pods.filter(ready).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  // A Pod that runs but is not ready is still worth a try while there is no better one.
  const candidates = serving.length > 0 ? serving : pods.filter(running)
  const pod = candidates[turn % Math.max(1, candidates.length)]
  return pod ? onPod(pod, wanted) : { none: pods.length === 0 ? `${what} has no Pods` : `no Pod of ${what} is ready`, wait: true }
}

function onPod(pod: Pod, port: number | string): Resolved {
  if (typeof port === 'number' || /^\d+$/.test(port)) return { pod, port: Number(port) }
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  const found = [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? []).find((one) => one.name === port)
  return found ? { pod, port: found.containerPort } : { none: `Pod ${pod.metadata.name} has no port named ${port}`, wait: false }
}
