/** Images on the engine, and pulls with progress in bytes. */
import type { PullProgress, RuntimeImage } from '../../runtime.ts'
import { RuntimeError } from '../../runtime.ts'
import { asRuntimeError, type Connection } from './connection.ts'

/** `nginx` means `nginx:latest`; without a tag the engine would pull every tag there is. */
export function withTag(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  return name.includes('@') || last.includes(':') ? name : `${name}:latest`
}

export async function findImage(connection: Connection, name: string): Promise<RuntimeImage | undefined> {
  try {
    const info = await connection.call((docker) => docker.getImage(withTag(name)).inspect())
    return { id: info.Id, names: [...(info.RepoTags ?? []), ...(info.RepoDigests ?? [])], sizeBytes: info.Size, ...(info.Config?.User ? { user: info.Config.User } : {}) }
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'NotFound') return undefined
    throw error
  }
}

export async function listImages(connection: Connection): Promise<RuntimeImage[]> {
  const all = await connection.call((docker) => docker.listImages())
  return all.map((image) => ({ id: image.Id, names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => !name.startsWith('<none>')), sizeBytes: image.Size }))
}

interface PullLine {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
}

export async function pullImage(
  connection: Connection,
  name: string,
  auth: { username: string; password: string } | undefined,
  onProgress: (p: PullProgress) => void,
  signal: AbortSignal,
): Promise<RuntimeImage> {
  const stream = await connection.call((docker) => docker.pull(withTag(name), auth ? { authconfig: { ...auth, serveraddress: registryOf(name) } } : {}) as Promise<NodeJS.ReadableStream>, 'PullFailed').catch((error: unknown) => {
    throw pullError(name, error)
  })
  const stop = () => (stream as NodeJS.ReadableStream & { destroy(): void }).destroy()
  signal.addEventListener('abort', stop)
  const progress = new LayerProgress(name)
  try {
    let rest = ''
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      let moved = false
      for (const text of lines) {
        if (text.trim() === '') continue
        const line = JSON.parse(text) as PullLine
        if (line.error) throw new RuntimeError(/not found|manifest unknown|does not exist/i.test(line.error) ? 'ImageNotFound' : 'PullFailed', line.error)
        moved = progress.take(line) || moved
      }
      if (moved) onProgress(progress.now())
    }
  } catch (error) {
    throw pullError(name, error)
  } finally {
    signal.removeEventListener('abort', stop)
  }
  if (signal.aborted) throw new RuntimeError('PullFailed', 'the pull was given up')
  const image = await findImage(connection, name)
  if (!image) throw new RuntimeError('ImageNotFound', `image ${name} is not there after its pull`)
  onProgress({ ...progress.now(), phase: 'done' })
  return image
}

/** The engine does not always name what it could not pull; whoever reads the message must know. */
function pullError(name: string, error: unknown): RuntimeError {
  const { code, message } = asRuntimeError(error, 'PullFailed')
  return new RuntimeError(code === 'NotFound' ? 'ImageNotFound' : code, `failed to pull image "${name}": ${message}`)
}

const registryOf = (name: string): string => {
  const first = name.split('/')[0] ?? ''
  return name.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'https://index.docker.io/v1/'
}

/** Adds the engine's per-layer lines up. A layer counts with its compressed bytes; extracting moves no bytes. */
class LayerProgress {
  readonly #layers = new Map<string, { done: number; total: number; extracting: boolean; complete: boolean }>()
  readonly #image: string

  constructor(image: string) {
    this.#image = image
  }

  take(line: PullLine): boolean {
    if (!line.id || !line.status) return false
    const layer = this.#layers.get(line.id) ?? { done: 0, total: 0, extracting: false, complete: false }
    const { current = 0, total = 0 } = line.progressDetail ?? {}
    if (line.status === 'Downloading') Object.assign(layer, { done: current, total: Math.max(total, layer.total) })
    else if (line.status === 'Download complete' || line.status === 'Verifying Checksum') layer.done = layer.total
    else if (line.status === 'Extracting') Object.assign(layer, { extracting: true, total: Math.max(total, layer.total), done: Math.max(total, layer.total) })
    else if (line.status === 'Pull complete' || line.status === 'Already exists') Object.assign(layer, { complete: true, done: layer.total })
    else return false
    this.#layers.set(line.id, layer)
    return true
  }

  now(): PullProgress {
    let doneBytes = 0
    let totalBytes = 0
    let downloading = false
    for (const layer of this.#layers.values()) {
      doneBytes += layer.done
      totalBytes += layer.total
      downloading ||= !layer.complete && !layer.extracting
    }
    return { image: this.#image, doneBytes, totalBytes, phase: downloading || this.#layers.size === 0 ? 'downloading' : 'extracting' }
  }
}
