/**
 * Volumes of the engine that outlive Pods. What lies in them is reached by archives into a container that never runs: the
 * node image has no programs for it, and the engine resolves every path inside of that container.
 */
import { RuntimeError } from '../../runtime.ts'
import { tar, type TarEntry } from '../../images/tar.ts'
import type { Connection } from './connection.ts'
import { label } from './labels.ts'

const place = 'volume'
const symlink = 0x08_00_00_00
const mostLinks = 16
/** Everyone may write, as upstream's local provisioners leave it; with a group, what is made inside belongs to the group. */
const mode = 0o777
const groupMode = 0o2777

const owned = (group: number | undefined): { mode: number; group?: number } => (group === undefined ? { mode } : { mode: groupMode, group })

/** As the engine says it; the target with all links on its way resolved. */
interface Found {
  mode: number
  linkTarget: string
}

export class EngineVolumes {
  readonly #connection: Connection
  readonly #cluster: string
  readonly #image: () => string
  readonly #groups = new Map<string, number | undefined>()

  constructor(connection: Connection, cluster: string, image: () => string) {
    this.#connection = connection
    this.#cluster = cluster
    this.#image = image
  }

  async ensure(name: string, about: Readonly<Record<string, string>>, group: number | undefined): Promise<void> {
    const found = await this.#mountpoint(name)
    if (found === undefined) {
      await this.#connection.call((docker) => docker.createVolume({ Name: name, Driver: 'local', Labels: { ...about, [label.cluster]: this.#cluster } }))
      this.#groups.delete(name)
    } else if (group === undefined || this.#groups.get(name) === group) return
    await this.#inside(name, (put) => put([{ path: place, type: 'directory', ...owned(group) }]))
    this.#groups.set(name, group)
  }

  /** A folder or file inside, made as a folder where nothing is there, or NotFound; links are refused, because they could lead out. */
  async folder(name: string, path: string, missing: 'make' | 'fail'): Promise<string> {
    let parts = path.split('/').filter((part) => part !== '' && part !== '.')
    if (parts.includes('..')) throw new RuntimeError('Refused', `${path} leads out of the volume`)
    let links = 0
    await this.#inside(name, async (put, look) => {
      for (let depth = 1; depth <= parts.length; depth++) {
        const at = `${place}/${parts.slice(0, depth).join('/')}`
        const found = await look(at)
        if (found === undefined && missing === 'fail') throw new RuntimeError('NotFound', `${path} is not there`)
        if (found === undefined) return put(parts.slice(depth - 1).map((_, i): TarEntry => ({ path: `${place}/${parts.slice(0, depth + i).join('/')}`, type: 'directory', ...owned(this.#groups.get(name)) })))
        if ((found.mode & symlink) === 0) continue
        // What may not be written in can't be changed under our hands either: a link that stays inside is followed.
        const target = missing === 'fail' && found.linkTarget.startsWith(`/${place}/`) ? found.linkTarget.split('/').slice(2) : undefined
        if (!target || ++links > mostLinks) throw new RuntimeError('Refused', `${path} goes through a link`)
        parts = [...target, ...parts.slice(depth)]
        depth = 0
      }
    })
    const root = await this.#mountpoint(name)
    if (root === undefined) throw new RuntimeError('NotFound', `no volume ${name}`)
    return [root, ...parts].join('/')
  }

  /** Conflict while a container has it. */
  async remove(name: string): Promise<void> {
    this.#groups.delete(name)
    try {
      await this.#connection.call((docker) => docker.getVolume(name).remove())
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error
    }
  }

  async #mountpoint(name: string): Promise<string | undefined> {
    try {
      return (await this.#connection.call((docker) => docker.getVolume(name).inspect())).Mountpoint
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'NotFound') return undefined
      throw error
    }
  }

  async #inside(name: string, act: (put: (entries: TarEntry[]) => Promise<void>, look: (path: string) => Promise<Found | undefined>) => Promise<void>): Promise<void> {
    const container = await this.#connection.call((docker) =>
      docker.createContainer({
        Image: this.#image(),
        Labels: { [label.cluster]: this.#cluster, [label.kind]: 'helper' },
        HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: name, Target: `/${place}`, VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } } }] },
      }),
    )
    const put = async (entries: TarEntry[]) => {
      await this.#connection.call(() => container.putArchive(Buffer.from(tar(entries)), { path: '/' }))
    }
    const look = async (path: string) => {
      try {
        const answer = (await this.#connection.call(() => container.infoArchive({ path: `/${path}` }))) as { headers: Record<string, string> }
        return JSON.parse(Buffer.from(answer.headers['x-docker-container-path-stat'] ?? '', 'base64').toString()) as Found
      } catch (error) {
        if (error instanceof RuntimeError && error.code === 'NotFound') return undefined
        throw error
      }
    }
    try {
      await act(put, look)
    } finally {
      await this.#connection.call(() => container.remove({ force: true })).catch(() => {})
    }
  }
}
