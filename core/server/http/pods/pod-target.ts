/** Which Pod and container a request means, with upstream's refusals (upstream: pkg/registry/core/pod/strategy.go). */
import { ApiError } from '../../../api/status.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { PodTarget } from '../../pod-access.ts'
import type { Api, Target } from '../api.ts'
import { keyOf } from '../get.ts'

interface Container {
  readonly name: string
  readonly tty?: boolean
  readonly stdin?: boolean
}

interface PodShape extends KubeObject {
  readonly spec: {
    readonly nodeName?: string
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly ephemeralContainers?: readonly Container[]
  }
}

export async function podOf(api: Api, target: Target): Promise<PodShape> {
  const { object } = await api.registry.get(target.face, keyOf(target))
  // Only Pods have the subresources that come here, and the registry validated it.
  return object as PodShape
}

export const placed = (pod: PodShape): PodTarget | undefined => {
  const { nodeName } = pod.spec
  if (nodeName === undefined || nodeName === '') return undefined
  return { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid, node: nodeName }
}

export function mustBePlaced(pod: PodShape): PodTarget {
  const found = placed(pod)
  if (found === undefined) throw new ApiError('BadRequest', `pod ${pod.metadata.name} does not have a host assigned`)
  return found
}

export function containerOf(pod: PodShape, asked: string | null): Container {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  const { name } = pod.metadata
  if (asked === null || asked === '') {
    if (containers.length === 1) return containers[0]!
    const list = (of: readonly Container[]) => `[${of.map((c) => c.name).join(' ')}]`
    throw new ApiError(
      'BadRequest',
      `a container name must be specified for pod ${name}, choose one of: ${list(containers)}` +
        (initContainers.length > 0 ? ` or one of the init containers: ${list(initContainers)}` : '') +
        (ephemeralContainers.length > 0 ? ` or one of the ephemeral containers: ${list(ephemeralContainers)}` : ''),
    )
  }
  const found = [...containers, ...initContainers, ...ephemeralContainers].find((c) => c.name === asked)
  if (found === undefined) throw new ApiError('BadRequest', `container ${asked} is not valid for pod ${name}`)
  return found
}
