/** Edit image: one container's image of a Deployment's template, or of a bare Pod. Pure. */
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import { kubectlName, nsFlag, shellWord, type ActionPlan } from './action.ts'

export interface ContainerImage { name: string; image: string }
interface PodSpecShape { containers?: { name: string; image?: string }[] }

export const imagesOf = (object: KubeObject): ContainerImage[] => {
  const spec = object['spec'] as (PodSpecShape & { template?: { spec?: PodSpecShape } }) | undefined
  const pod = object.kind === 'Pod' ? spec : spec?.template?.spec
  return (pod?.containers ?? []).map((c) => ({ name: c.name, image: c.image ?? '' }))
}

const tagOf = (image: string): string => image.split('/').at(-1)!.split('@')[0]!.split(':')[1] ?? 'latest'
const repositoryOf = (image: string): string => image.slice(0, image.length - (/(:[\w][\w.-]*)?(@sha256:\w+)?$/.exec(image)?.[0].length ?? 0))

export function imagePlan(object: KubeObject, container: string, image: string): ActionPlan {
  const ref = refOf(object)
  const name = object.metadata.name
  const before = imagesOf(object).find((c) => c.name === container)?.image ?? ''
  const what = repositoryOf(before) === repositoryOf(image) ? tagOf(image) : image
  const podSpec = { containers: [{ name: container, image }] }
  return {
    calls: [{
      call: 'patch',
      arg: { ref, patch: { type: 'strategic', body: { spec: object.kind === 'Pod' ? podSpec : { template: { spec: podSpec } } } }, say: `updated ${name} to ${what}` },
    }],
    done: `${name} updated to ${what}`,
    kubectl: `kubectl set image ${kubectlName(ref)} ${container}=${shellWord(image)}${nsFlag(ref)}`,
  }
}
