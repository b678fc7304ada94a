/** Which actions an object has, by frequency, destructive last: menus, headers and the palette read this one list. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { ActionId } from './action.ts'
import { kubectlName, nsFlag } from './action.ts'
import { isCordoned } from './cordon.ts'
import { canDelete } from './delete.ts'
import { hasLogs, hasShell, isWorkload } from '../kinds/runs.ts'
import type { Job } from '../../core/api/types/batch.ts'
import type { PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import type { Ingress } from '../../core/api/types/networking.ts'
import { ingressUrls } from '../words/ingress.ts'
import { canGrow } from './grow.ts'
import { canBeDefault } from './make-default.ts'
import { isPaused } from './pause.ts'
import { canRestart } from './restart.ts'
import { canResize } from './resize.ts'
import { canRetry } from './retry.ts'
import { canRollBack } from './roll-back.ts'
import { canScale } from './scale.ts'
import { canSuspend, isSuspended } from './suspend.ts'

export interface ActionItem { id: ActionId; label: string; term?: string; key?: string; danger?: boolean; group: number; kubectl: string }

export function actionsFor(object: KubeObject): ActionItem[] {
  const ref = refOf(object)
  const name = kubectlName(ref)
  const flag = nsFlag(ref)
  const items: ActionItem[] = []
  const add = (yes: boolean, item: ActionItem) => { if (yes) items.push(item) }
  add(hasLogs(object.kind), { id: 'logs', label: 'Logs', key: 'L', group: 0, kubectl: `kubectl logs -f ${name}${flag}` })
  add(hasShell(object.kind), { id: 'terminal', label: 'Shell', key: 'T', group: 0, kubectl: `kubectl exec -it ${name}${flag} -- sh` })
  add(true, { id: 'why', label: 'Why is it like this?', key: 'W', group: 0, kubectl: `kubectl describe ${name}${flag}` })
  add(true, { id: 'yaml', label: 'YAML', key: 'Y', group: 0, kubectl: `kubectl edit ${name}${flag}` })
  add(true, { id: 'events', label: 'Events', key: 'E', group: 0, kubectl: `kubectl events --for ${name}${flag}` })
  add(hasLogs(object.kind) && portsOf(object).length > 0, { id: 'open', label: 'Open in the browser', term: 'port-forward', group: 1, kubectl: `kubectl port-forward ${name} :${portsOf(object)[0] ?? 80}${flag}` })
  add(object.kind === 'CronJob', { id: 'run-now', label: 'Run now', term: 'create job', key: 'R', group: 1, kubectl: `kubectl create job NAME --from=${name}${flag}` })
  add(object.kind === 'Job' && canRetry(object as Job), { id: 'retry', label: 'Run again', key: 'R', group: 1, kubectl: `kubectl get ${name}${flag} -o json | … | kubectl create -f -` })
  add(canSuspend(object) && !isSuspended(object), { id: 'suspend', label: 'Suspend', group: 1, kubectl: `kubectl patch ${name} -p '{"spec":{"suspend":true}}'${flag}` })
  add(canSuspend(object) && isSuspended(object), { id: 'go-on', label: 'Go on', term: 'resume', group: 1, kubectl: `kubectl patch ${name} -p '{"spec":{"suspend":false}}'${flag}` })
  add(object.kind === 'HorizontalPodAutoscaler', { id: 'tune', label: 'Tune', term: 'autoscale', group: 1, kubectl: `kubectl patch ${name} --type=merge -p …${flag}` })
  add(canScale(object), { id: 'scale', label: 'Scale', key: 'S', group: 1, kubectl: `kubectl scale ${name} --replicas=N${flag}` })
  add((isWorkload(object.kind) && object.kind !== 'Job' && object.kind !== 'CronJob') || (object.kind === 'Pod' && object.metadata.ownerReferences === undefined), { id: 'image', label: 'Change image', term: 'set image', group: 1, kubectl: `kubectl set image ${name} …${flag}` })
  add(canRestart(object), { id: 'restart', label: object.kind === 'Pod' ? 'Replace' : 'Restart', key: 'R', group: 1, kubectl: object.kind === 'Pod' ? `kubectl delete ${name}${flag}` : `kubectl rollout restart ${name}${flag}` })
  add(canRollBack(object), { id: 'roll-back', label: 'Roll back', term: 'rollout undo', group: 1, kubectl: `kubectl rollout undo ${name}${flag}` })
  add(object.kind === 'Pod' && canResize(object as Pod), { id: 'resize', label: 'Resize', term: 'in place', group: 1, kubectl: `kubectl patch ${name} --subresource resize -p …${flag}` })
  add(object.kind === 'Deployment' && !isPaused(object), { id: 'pause', label: 'Pause the rollout', group: 1, kubectl: `kubectl rollout pause ${name}${flag}` })
  add(object.kind === 'Deployment' && isPaused(object), { id: 'resume', label: 'Resume the rollout', group: 1, kubectl: `kubectl rollout resume ${name}${flag}` })
  add(object.kind === 'Node' && !isCordoned(object), { id: 'cordon', label: 'Stop taking Pods', term: 'cordon', group: 1, kubectl: `kubectl cordon ${ref.name}` })
  add(object.kind === 'Node' && isCordoned(object), { id: 'uncordon', label: 'Take Pods again', term: 'uncordon', group: 1, kubectl: `kubectl uncordon ${ref.name}` })
  add(object.kind === 'Node', { id: 'drain', label: 'Move Pods away', term: 'drain', group: 1, kubectl: `kubectl drain ${ref.name}` })
  add(object.kind === 'Ingress' && ingressUrls(object as Ingress).length > 0, { id: 'open', label: 'Open in the browser', group: 1, kubectl: `kubectl get ${name}${flag}` })
  add(object.kind === 'PersistentVolumeClaim' && canGrow(object as PersistentVolumeClaim), { id: 'grow', label: 'Grow', term: 'resize', group: 1, kubectl: `kubectl patch ${name} -p …${flag}` })
  add(canBeDefault(object), { id: 'make-default', label: 'Make it the default', group: 1, kubectl: `kubectl annotate ${name} storageclass.kubernetes.io/is-default-class=true` })
  add(canDelete(object), { id: 'delete', label: 'Delete', key: 'Del', danger: true, group: 2, kubectl: `kubectl delete ${name}${flag}` })
  return items
}

interface PortShape { port?: number; containerPort?: number; protocol?: string; name?: string }
/** TCP ports a browser may be pointed at. */
export function portsOf(object: KubeObject): number[] {
  const spec = object['spec'] as { ports?: PortShape[]; containers?: { ports?: PortShape[] }[]; template?: { spec?: { containers?: { ports?: PortShape[] }[] } } } | undefined
  const containers = spec?.template?.spec?.containers ?? spec?.containers ?? []
  const ports = object.kind === 'Service' ? (spec?.ports ?? []) : containers.flatMap((c) => c.ports ?? [])
  return ports.filter((p) => (p.protocol ?? 'TCP') === 'TCP').map((p) => p.port ?? p.containerPort ?? 0).filter((p) => p > 0)
}
