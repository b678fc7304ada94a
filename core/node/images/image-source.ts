/** Gets an image by its pull policy, for a container or a volume, with upstream's Events, reasons and delays (pkg/kubelet/images/image_manager.go). */
import { Backoff } from '../backoff.ts'
import { recordEvent, type NodeContext } from '../node-context.ts'
import { podId } from '../container/container-spec.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Container, Pod } from '../../api/types/core.ts'
import { RuntimeError, type RuntimeImage } from '../runtime.ts'

/** The container waits, for this reason; `retryMs` is when to look again. */
export class WaitError extends Error {
  readonly reason: string
  readonly retryMs: number | undefined

  constructor(reason: string, message: string, retryMs?: number) {
    super(message)
    this.reason = reason
    this.retryMs = retryMs
  }
}

/** Of a volume. */
export type WantedImage = Pick<Container, 'image' | 'imagePullPolicy'>

export interface FoundImage {
  image: RuntimeImage
  /** How long the pull took; undefined where the image was there. */
  pulledMs: number | undefined
}

/** How long the error itself shows before the back-off does. */
const showErrorMs = 2_000

const validImage = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$/i

export class ImageSource {
  readonly #context: NodeContext
  readonly #backoff = new Backoff()
  readonly #failed = new Map<string, { atMs: number; error: string; retries: number }>()

  constructor(context: NodeContext) {
    this.#context = context
  }

  /** Forgets the delay: someone asked to try at once. */
  retryNow(): void {
    for (const image of this.#failed.keys()) this.#backoff.forget(image)
    this.#failed.clear()
  }

  async get(pod: Pod, wanted: Container | WantedImage, signal: AbortSignal): Promise<FoundImage> {
    const { runtime, clock } = this.#context
    const { image = '' } = wanted
    const container = 'name' in wanted ? wanted : undefined
    const event = (type: 'Normal' | 'Warning', reason: string, message: string) => {
      // Of a volume, the containers that mount it say that they failed.
      if (container || reason !== 'Failed' || !message.startsWith('Error: ')) recordEvent(this.#context, pod, type, reason, message, container)
    }
    if (!validImage.test(image)) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`
      event('Warning', 'InspectFailed', message)
      event('Warning', 'Failed', 'Error: InvalidImageName')
      throw new WaitError('InvalidImageName', message)
    }
    const present = await runtime.image(image)
    const policy = wanted.imagePullPolicy ?? 'IfNotPresent'
    if (present && policy !== 'Always') {
      event('Normal', 'Pulled', `Container image "${image}" already present on machine${policy === 'IfNotPresent' ? ' and can be accessed by the pod' : ''}`)
      return { image: present, pulledMs: undefined }
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      event('Warning', 'ErrImageNeverPull', message)
      event('Warning', 'Failed', 'Error: ErrImageNeverPull')
      throw new WaitError('ErrImageNeverPull', message, clock.now() + 10_000)
    }
    const before = this.#failed.get(image)
    const delay = before && this.#backoff.pending(image, before.atMs, clock.now())
    if (before && delay) {
      event('Normal', 'BackOff', `Back-off pulling image "${image}"`)
      event('Warning', 'Failed', 'Error: ImagePullBackOff')
      throw new WaitError('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${before.error}`, delay.untilMs)
    }
    event('Normal', 'Pulling', `Pulling image "${image}"`)
    try {
      const pulled = await this.#context.pulls.pull(image, this.#credentials(pod, image), { node: this.#context.node, pod: podId(pod), signal })
      this.#failed.delete(image)
      const took = goDuration(pulled.tookMs)
      event('Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pulled.image.sizeBytes} bytes.`)
      return { image: pulled.image, pulledMs: pulled.tookMs }
    } catch (error) {
      if (signal.aborted || (error instanceof RuntimeError && error.code === 'EngineUnreachable')) throw error
      const text = error instanceof Error ? error.message : String(error)
      const now = clock.now()
      this.#backoff.next(image, now, now)
      this.#failed.set(image, { atMs: now, error: text, retries: (before?.retries ?? 0) + 1 })
      event('Warning', 'Failed', `Failed to pull image "${image}": ${text}`)
      event('Warning', 'Failed', 'Error: ErrImagePull')
      throw new WaitError('ErrImagePull', text, now + showErrorMs)
    }
  }

  /** From the Pod's imagePullSecrets, the entry for the image's registry. */
  #credentials(pod: Pod, image: string): { username: string; password: string } | undefined {
    const first = image.split('/')[0] ?? ''
    const registry = image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io'
    for (const { name } of pod.spec.imagePullSecrets ?? []) {
      const secret = this.#context.snapshot.get<KubeObject & { data?: Record<string, string> }>('Secret', pod.metadata.namespace, name ?? '')
      const text = secret?.data?.['.dockerconfigjson']
      if (text === undefined) continue
      try {
        const { auths = {} } = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as { auths?: Record<string, { auth?: string; username?: string; password?: string }> }
        const entry = Object.entries(auths).find(([host]) => host.replace(/^https?:\/\//, '').split('/')[0]!.endsWith(registry))?.[1]
        if (!entry) continue
        const [username = '', ...rest] = entry.auth ? Buffer.from(entry.auth, 'base64').toString('utf8').split(':') : [entry.username, entry.password]
        return { username, password: rest.join(':') }
      } catch {
        continue // upstream skips what it can't read
      }
    }
    return undefined
  }
}

/** As Go prints it, to the millisecond: 842ms, 4.6s, 1m12.5s. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = Number((ms / 1000).toFixed(3))
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Number((seconds % 60).toFixed(3))}s`
}
