/** A resize that its node could never grant is refused at once (upstream: plugin/pkg/admission/podresize/admission.go). */
import { parseAmounts } from '../../api/amounts.ts'
import { podRequests } from '../../api/pod-resources.ts'
import type { Node, Pod } from '../../api/types/core.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'

export const podResizeValidator = (lookup: Lookup): Admission => ({
  name: 'PodResizeValidator',
  kinds: ['Pod'],
  validate({ operation, subresource, face, name, draft, old }) {
    const pod = draft as unknown as Pod
    const { nodeName } = pod.spec
    if (operation !== 'update' || subresource !== 'resize' || !nodeName || old?.metadata.generation === draft.metadata.generation) return
    const refuse = (why: string, cause?: string) => objectForbidden(served(face), name, why, cause === undefined ? undefined : [{ reason: cause }])
    const node = lookup.get('Node', undefined, nodeName) as unknown as Node | undefined
    if (!node) throw refuse(`node ${JSON.stringify(nodeName)} not found`)
    const os = node.metadata.labels?.['kubernetes.io/os']
    if (os !== undefined && os !== 'linux' && os !== 'simulated') throw refuse(`pod resize is only supported on linux nodes, node ${JSON.stringify(nodeName)} is ${JSON.stringify(os)}`, 'UnsupportedPlatform')
    const wanted = podRequests({ ...pod, status: {} })
    const allocatable = parseAmounts(node.status?.allocatable)
    // CPU is told in thousandths, memory in bytes.
    const over = ([['cpu', 1_000_000n], ['memory', 1_000_000_000n]] as const).flatMap(([resource, unit]) => {
      const [asked, there] = [wanted[resource]?.nano ?? 0n, allocatable[resource]?.nano ?? 0n]
      return asked > there ? [`${resource}, requested: ${asked / unit}, allocatable: ${there / unit}`] : []
    })
    if (over.length > 0) throw refuse(`node didn't have enough allocatable resources: ${over.join('; ')}`, 'NodeCapacity')
  },
})
