/**
 * Removes the data of volumes that go: an engine volume, or a folder that the built-in provisioner made. Their
 * PersistentVolume waits for it by a finalizer. One for the whole engine; tries again until it succeeds.
 */
import { rm } from 'node:fs/promises'
import { storageAnnotation, volumeProtection } from '../../api/kinds/storage/names.ts'
import { refOf } from '../../api/meta.ts'
import { isNotFound } from '../../api/status.ts'
import { engineVolume, localProvisioners, volumeDataFinalizer } from '../../api/storage/local-storage.ts'
import type { PersistentVolume } from '../../api/types/core.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Scope } from '../../base/scope.ts'
import type { Client, WatchEvent } from '../../loop/client.ts'
import { eventTarget, type Recorder } from '../../loop/recorder.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Runtime } from '../runtime.ts'

export interface ReclaimerOptions {
  runtime: Pick<Runtime, 'removeVolume' | 'removeTree' | 'mountsFiles'>
  client: Client
  cache: Snapshot & { subscribe(listener: (events: readonly WatchEvent[]) => void): () => void }
  recorder: Recorder
  clock: Clock
  log: Logger
}

const firstRetryMs = 500
const longestRetryMs = 30_000

export class VolumeReclaimer {
  readonly #options: ReclaimerOptions
  /** Names of volumes that are being worked on or wait for their next try. */
  readonly #busy = new Set<string>()
  #closed = false

  constructor(options: ReclaimerOptions) {
    this.#options = options
  }

  start(scope: Scope): void {
    const { cache } = this.#options
    const unsubscribe = cache.subscribe((events) => {
      for (const { type, object } of events) if (object.kind === 'PersistentVolume' && type !== 'DELETED') this.#take(object as PersistentVolume)
    })
    scope.add('volume reclaimer', () => {
      this.#closed = true
      unsubscribe()
    })
    for (const volume of cache.list<PersistentVolume>('PersistentVolume')) this.#take(volume)
  }

  #take(volume: PersistentVolume): void {
    const { name, deletionTimestamp, finalizers } = volume.metadata
    if (deletionTimestamp === undefined || !finalizers?.includes(volumeDataFinalizer) || finalizers.includes(volumeProtection) || this.#busy.has(name)) return
    this.#busy.add(name)
    void this.#reclaim(name, firstRetryMs)
  }

  async #reclaim(name: string, retryMs: number): Promise<void> {
    const { cache, clock, log, recorder } = this.#options
    const volume = cache.get<PersistentVolume>('PersistentVolume', undefined, name)
    const finalizers = volume?.metadata.finalizers ?? []
    if (this.#closed || !volume || !finalizers.includes(volumeDataFinalizer)) return void this.#busy.delete(name)
    try {
      if (volume.spec.persistentVolumeReclaimPolicy === 'Delete') await this.#removeData(volume)
      await this.#options.client.patch(
        refOf(volume),
        { type: 'merge', body: { metadata: { resourceVersion: volume.metadata.resourceVersion, finalizers: finalizers.filter((one) => one !== volumeDataFinalizer) } } },
        { because: { code: 'DataRemoved', say: `removed the data of ${name}`, why: 'its claim is gone and its policy is Delete', led: [Number(volume.metadata.resourceVersion)] } },
      )
      this.#busy.delete(name)
    } catch (error) {
      if (isNotFound(error)) return void this.#busy.delete(name)
      const text = error instanceof Error ? error.message : String(error)
      log.debug('volume not removed yet', { volume: name, error: text })
      if (retryMs > firstRetryMs) recorder.record({ component: 'volume-provisioner', regarding: eventTarget(volume), type: 'Warning', reason: 'VolumeFailedDelete', message: text })
      if (!this.#closed) clock.after(retryMs, () => void this.#reclaim(name, Math.min(retryMs * 2, longestRetryMs)))
    }
  }

  async #removeData(volume: PersistentVolume): Promise<void> {
    const { runtime } = this.#options
    const engine = engineVolume(volume)
    if (engine !== undefined) return runtime.removeVolume(engine)
    const path = volume.spec.local?.path
    // Only what the provisioner made: a folder that carries the volume's name.
    if (path === undefined || !path.endsWith(`/${volume.metadata.name}`) || !localProvisioners.has(volume.metadata.annotations?.[storageAnnotation.provisionedBy] ?? '') || !runtime.mountsFiles) return
    await rm(path, { recursive: true, force: true }).catch(() => runtime.removeTree(path))
  }
}
