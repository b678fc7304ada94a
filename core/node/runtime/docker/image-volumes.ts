/**
 * What lies in an image, as a volume of the engine that Pods mount read-only. One volume for each image, shared by all
 * Pods and removed when the last of them is gone. Filled from a container that never runs; its folder loses every write
 * permission as the last step, so that one whose filling was cut short is known by what it lacks.
 */
import { Readable } from 'node:stream'
import { RuntimeError } from '../../runtime.ts'
import { tar } from '../../images/tar.ts'
import { withoutEngineFiles } from './export-filter.ts'
import type { Connection } from './connection.ts'
import { label } from './labels.ts'

const place = 'image'
const openMode = 0o700
const sealedMode = 0o555
const permissions = 0o777

export class ImageVolumes {
  readonly #connection: Connection
  readonly #cluster: string
  readonly #image: () => string
  /** Volume to the uids of the Pods that asked for it. */
  readonly #users = new Map<string, Set<string>>()
  /** The last piece of work on a volume; the next one waits for it. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(connection: Connection, cluster: string, image: () => string) {
    this.#connection = connection
    this.#cluster = cluster
    this.#image = image
  }

  /** The volume's name; it stays until the Pod is released. */
  async ensure(imageId: string, podUid: string): Promise<string> {
    const name = `orrery-${this.#cluster}-image-${imageId.replace(/^sha256:/, '').slice(0, 24)}`
    const users = this.#users.get(name) ?? new Set()
    this.#users.set(name, users.add(podUid))
    await this.#inTurn(name, async () => {
      await this.#connection.call((docker) => docker.createVolume({ Name: name, Driver: 'local', Labels: { [label.cluster]: this.#cluster, [label.imageVolume]: imageId } }))
      await this.#fill(name, imageId)
    })
    return name
  }

  /** The Pod is gone; so are volumes that no Pod and no container has any more. */
  async release(podUid: string): Promise<void> {
    for (const users of this.#users.values()) users.delete(podUid)
    const filters = { label: [`${label.imageVolume}`, `${label.cluster}=${this.#cluster}`] }
    const { Volumes } = await this.#connection.call((docker) => docker.listVolumes({ filters: JSON.stringify(filters) }))
    const idle = (Volumes ?? []).filter(({ Name }) => !this.#isUsed(Name))
    if (idle.length === 0) return
    // Sub-folders are mounted by their paths, which the engine does not count as use of the volume.
    const containers = await this.#connection.call((docker) => docker.listContainers({ all: true, filters: { label: [`${label.cluster}=${this.#cluster}`] } }))
    const mounts = containers.flatMap(({ Mounts }) => Mounts)
    for (const { Name, Mountpoint } of idle) {
      if (mounts.some((mount) => mount.Name === Name || mount.Source === Mountpoint || mount.Source.startsWith(`${Mountpoint}/`))) continue
      await this.#inTurn(Name, async () => {
        if (this.#isUsed(Name)) return
        this.#users.delete(Name)
        await this.#connection.call((docker) => docker.getVolume(Name).remove()).catch(goneOrKept)
      })
    }
  }

  #isUsed(name: string): boolean {
    return (this.#users.get(name)?.size ?? 0) > 0
  }

  async #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {})
    this.#turns.set(name, settled)
    try {
      await turn
    } finally {
      if (this.#turns.get(name) === settled) this.#turns.delete(name)
    }
  }

  async #fill(name: string, imageId: string): Promise<void> {
    const labels = { [label.cluster]: this.#cluster, [label.kind]: 'helper' }
    const inside = await this.#connection.call((docker) =>
      docker.createContainer({
        Image: this.#image(),
        Labels: labels,
        HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: name, Target: `/${place}`, VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } } }] },
      }),
    )
    const setMode = (mode: number) => this.#connection.call(() => inside.putArchive(Buffer.from(tar([{ path: place, type: 'directory', mode }])), { path: '/' }))
    try {
      const answer = (await this.#connection.call(() => inside.infoArchive({ path: `/${place}` }))) as { headers: Record<string, string> }
      const { mode } = JSON.parse(Buffer.from(answer.headers['x-docker-container-path-stat'] ?? '', 'base64').toString()) as { mode: number }
      if ((mode & permissions) === sealedMode) return
      await setMode(openMode)
      // An image of files alone names no program; the engine wants one all the same.
      const source = await this.#connection.call((docker) => docker.createContainer({ Image: imageId, Entrypoint: ['/none'], Labels: labels, HostConfig: { NetworkMode: 'none' } }))
      try {
        const madeSeconds = Math.floor(Date.parse((await this.#connection.call(() => source.inspect())).Created) / 1000)
        const files = Readable.from(withoutEngineFiles((await this.#connection.call(() => source.export())) as AsyncIterable<Uint8Array>, madeSeconds))
        await this.#connection.call(() => inside.putArchive(files, { path: `/${place}` }))
      } finally {
        // With the image's anonymous volumes.
        await this.#connection.call(() => source.remove({ force: true, v: true })).catch(() => {})
      }
      await setMode(sealedMode)
    } finally {
      await this.#connection.call(() => inside.remove({ force: true })).catch(() => {})
    }
  }
}

function goneOrKept(error: unknown): void {
  if (!(error instanceof RuntimeError && (error.code === 'NotFound' || error.code === 'Conflict'))) throw error
}
