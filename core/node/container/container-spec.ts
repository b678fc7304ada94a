/** What the runtime is asked for, from a Pod's spec: sandboxes and containers. Pure. */
import { controllerOf } from '../../api/meta.ts'
import type { Container, Pod } from '../../api/types/core.ts'
import { commandLine, ConfigError } from './environment.ts'
import { hostnameOf } from './network-files.ts'
import { labelsOfContainer, podText, simulatePrefix } from '../pod.ts'
import type { StartAction } from '../pod-worker/plan.ts'
import { engineResources } from './qos.ts'
import type { ContainerSpec, Mount, PodId, RuntimeImage, SandboxSpec } from '../runtime.ts'

export const podId = (pod: Pod): PodId => ({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid })

export function sandboxSpec(pod: Pod, node: string, attempt: number, holds: readonly string[]): SandboxSpec {
  const { spec } = pod
  const ports = [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) => container.ports ?? [])
  return {
    pod: podId(pod),
    node,
    attempt,
    hostname: hostnameOf(pod),
    hostNetwork: spec.hostNetwork ?? false,
    hostIPC: spec.hostIPC ?? false,
    hostPID: spec.hostPID ?? false,
    sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value])),
    ports: spec.hostNetwork
      ? []
      : ports.flatMap(({ hostPort, hostIP, containerPort, protocol }) => (hostPort ? [{ hostPort, containerPort, protocol: protocol ?? 'TCP', ...(hostIP ? { hostIP } : {}) }] : [])),
    holds,
    labels: {},
  }
}

/** Upstream hashes what makes a container another one; the image is all of it that may change in place. */
export const hashOf = (container: Container): string => container.image ?? ''

/** An init container that is no sidecar; and whatever a Job runs, for the Job waits for it. */
const isAwaited = ({ metadata, spec }: Pod, { kind, container }: StartAction): boolean =>
  kind === 'init' ? container.restartPolicy !== 'Always' : kind === 'app' && spec.restartPolicy !== 'Always' && controllerOf(metadata)?.kind === 'Job'

export interface SpecFacts {
  pod: Pod
  node: string
  sandbox: string
  action: StartAction
  image: RuntimeImage
  env: readonly { name: string; value: string }[]
  mounts: readonly Mount[]
  machineMemoryBytes: number
}

export function containerSpec({ pod, node, sandbox, action, image, env, mounts, machineMemoryBytes }: SpecFacts): ContainerSpec {
  const { container, attempt, kind } = action
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  checkNonRoot(pod, container, image)
  const user = own.runAsUser ?? shared.runAsUser
  const group = own.runAsGroup ?? shared.runAsGroup
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])]
  const stopSignal = container.lifecycle?.stopSignal
  return {
    pod: podId(pod),
    node,
    sandbox,
    name: container.name,
    attempt,
    kind,
    ...(isAwaited(pod, action) ? { toItsEnd: true } : {}),
    image: container.image ?? '',
    imageId: image.id,
    ...commandLine(container, env),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    env,
    mounts,
    resources: engineResources(pod, container, machineMemoryBytes),
    security: {
      ...(user !== undefined || group !== undefined ? { user: `${user ?? image.user ?? 0}${group === undefined ? '' : `:${group}`}` } : {}),
      supplementalGroups: groups,
      readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
      privileged: own.privileged ?? false,
      noNewPrivileges: own.allowPrivilegeEscalation === false,
      addCapabilities: own.capabilities?.add ?? [],
      dropCapabilities: own.capabilities?.drop ?? [],
    },
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    shareProcessNamespace: pod.spec.shareProcessNamespace ?? false,
    hostPID: pod.spec.hostPID ?? false,
    hostIPC: pod.spec.hostIPC ?? false,
    ...(stopSignal ? { stopSignal } : {}),
    labels: { ...simulated(pod), [labelsOfContainer.hash]: hashOf(container), [labelsOfContainer.sandbox]: sandbox },
  }
}

/** What a Pod asks of the simulated runtime (runtime/simulated.ts); on a real engine only labels. */
function simulated(pod: Pod): Record<string, string> {
  return Object.fromEntries(Object.entries(pod.metadata.annotations ?? {}).filter(([key]) => key.startsWith(simulatePrefix)))
}

function checkNonRoot(pod: Pod, container: Container, image: RuntimeImage): void {
  if (!(container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot)) return
  const where = `(pod: "${podText(pod)}", container: ${container.name})`
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser
  if (user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`)
  if (user !== undefined) return
  const named = (image.user ?? '').split(':')[0] ?? ''
  if (named === '' || named === '0' || named === 'root') throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`)
  if (!/^\d+$/.test(named)) throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${named}), cannot verify user is non-root ${where}`)
}
