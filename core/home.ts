/**
 * The folder a cluster lives in: who it is (identity.json), what the person chose (settings.json), its database,
 * certificates and kubeconfig. One process a home: a lock names the one that runs.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../electron/contract.ts'
import { newToken } from './window/web.ts'

export interface Identity {
  /** Eight hex digits: in the names and labels of everything this cluster makes on an engine. */
  id: string
  /** Opens the window in a browser. */
  token: string
  /** Chosen at the first start, kept for life: Pods hold addresses from them. */
  podRange?: string
  serviceRange?: string
}

export class HomeInUse extends Error {
  override readonly name = 'HomeInUse'
}

export const defaultSettings: Settings = {
  theme: 'system',
  singleKeys: true,
  addToUserKubeconfig: true,
  onQuit: 'ask',
  notifyFailures: true,
}

export class Home {
  readonly path: string

  constructor(path: string) {
    this.path = path
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }

  get database(): string {
    return join(this.path, 'cluster.db')
  }
  get kubeconfig(): string {
    return join(this.path, 'kubeconfig')
  }
  get certificates(): string {
    return join(this.path, 'pki')
  }
  /** Tools that were fetched for the node image. */
  get cache(): string {
    return join(this.path, 'cache')
  }
  get pods(): string {
    return join(this.path, 'pods')
  }
  /** Folders of the storage class `hostpath`. */
  get volumes(): string {
    return join(this.path, 'volumes')
  }

  identity(): Identity {
    const stored = this.#read<Identity>('identity.json')
    if (stored?.id && stored.token) return stored
    const identity = { id: randomBytes(4).toString('hex'), token: newToken() }
    this.saveIdentity(identity)
    return identity
  }

  saveIdentity(identity: Identity): void {
    this.#write('identity.json', identity)
  }

  settings(): Settings {
    return { ...defaultSettings, ...this.#read<Partial<Settings>>('settings.json') }
  }

  saveSettings(settings: Settings): void {
    this.#write('settings.json', settings)
  }

  /** Takes the home for this process, or throws HomeInUse naming the one that has it. Returns the release. */
  lock(): () => void {
    const file = join(this.path, 'lock')
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const handle = openSync(file, 'wx', 0o600)
        writeSync(handle, String(process.pid))
        closeSync(handle)
        return () => rmSync(file, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        const holder = Number(readFileSync(file, 'utf8'))
        if (isOrrery(holder)) throw new HomeInUse(`Orrery runs already on ${this.path} (process ${holder}). Stop it first, or give another home with --home DIR.`)
        // Left by a process that was killed.
        rmSync(file, { force: true })
      }
    }
    throw new HomeInUse(`cannot take ${file}; remove it if no Orrery runs on this home`)
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #read<T>(name: string): T | undefined {
    const file = join(this.path, name)
    if (!existsSync(file)) return undefined
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as T
    } catch {
      // A half-written file from a crash before atomic renames existed, or a hand's slip: start from defaults.
      return undefined
    }
  }

  #write(name: string, value: unknown): void {
    const file = join(this.path, name)
    writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
}

/** Whether a live process holds this id. A recycled id of another program does not count where /proc can tell. */
function isOrrery(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const commandLine = `/proc/${pid}/cmdline`
  if (!existsSync(commandLine)) return true
  return /headless|electron|orrery/i.test(readFileSync(commandLine, 'utf8'))
}
