/**
 * A Pod's volumes from images: pulled by their own policy before the first container that mounts them, then mounted
 * read-only. A container that runs again looks again (upstream: kuberuntime_manager.go, getImageVolumes and
 * toKubeContainerImageVolumes).
 */
import type { Container, Pod, Volume } from '../../api/types/core.ts'
import { WaitError, type ImageSource } from '../images/image-source.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import type { Prepared } from './volumes.ts'

export class PodImageVolumes {
  readonly #context: NodeContext
  readonly #images: ImageSource
  readonly #ready = new Map<string, Promise<string>>()

  constructor(context: NodeContext, images: ImageSource) {
    this.#context = context
    this.#images = images
  }

  forget(): void {
    this.#ready.clear()
  }

  /** Of the volumes that this container mounts. One that fails is the container's reason to wait; the last one speaks. */
  async of(pod: Pod, container: Container, again: boolean, signal: AbortSignal): Promise<Prepared> {
    const mounted = new Map<string, { source: string; readOnly: boolean; isImage: true }>()
    let failed: unknown
    for (const { name } of container.volumeMounts ?? []) {
      const volume = pod.spec.volumes?.find((one) => one.name === name)
      if (!volume?.image || mounted.has(name)) continue
      try {
        mounted.set(name, { source: await this.#one(pod, volume, again, signal), readOnly: true, isImage: true })
      } catch (error) {
        if (!(error instanceof WaitError)) throw error
        recordEvent(this.#context, pod, 'Warning', 'Failed', `Error: ${error.reason}`, container)
        failed = error
      }
    }
    if (failed !== undefined) throw failed
    return mounted
  }

  #one(pod: Pod, { name, image }: Volume, again: boolean, signal: AbortSignal): Promise<string> {
    const known = again ? undefined : this.#ready.get(name)
    if (known) return known
    const making = this.#images
      .get(pod, { image: image!.reference ?? '', ...(image!.pullPolicy ? { imagePullPolicy: image!.pullPolicy } : {}) }, signal)
      .then((found) => this.#context.runtime.imageVolume(found.image.id, pod.metadata.uid))
    this.#ready.set(name, making)
    making.catch(() => {
      if (this.#ready.get(name) === making) this.#ready.delete(name)
    })
    return making
  }
}
