/**
 * A Docker engine for the tests: the one that answers already, otherwise (as root on Debian or Ubuntu) a private one with
 * its own data root and socket, stopped afterwards. Where none can be had, `why` says so and the tests count as not run.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Engine = { stop(): Promise<void> } & ({ host: string; why?: undefined } | { host: undefined; why: string })

const none = (why: string): Engine => ({ host: undefined, why, stop: async () => {} })

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (!existsSync(socket)) return resolve(false)
    const connection = createConnection(socket, () => connection.write('GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n'))
    connection.setTimeout(3_000, () => connection.destroy())
    connection.once('data', (data) => {
      resolve(data.toString().includes('200'))
      connection.destroy()
    })
    connection.once('error', () => resolve(false))
    connection.once('close', () => resolve(false))
  })

const isDebian = () => process.platform === 'linux' && existsSync('/usr/bin/apt-get')
const onPath = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

/** Installs Debian packages, saying so. Root only. */
export function installPackages(packages: string[], say: (line: string) => void): boolean {
  if (process.getuid?.() !== 0 || !isDebian()) return false
  say(`installing ${packages.join(', ')} with apt-get for the tests`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env })
  return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
}

export async function startEngine(say: (line: string) => void): Promise<Engine> {
  const given = process.env['DOCKER_HOST']
  if (given !== undefined) return { host: given, stop: async () => {} }
  const usual = '/var/run/docker.sock'
  if (await answers(usual)) return { host: `unix://${usual}`, stop: async () => {} }
  if (process.platform !== 'linux') return none('no Docker engine answers; start Docker Desktop')
  if (process.getuid?.() !== 0) return none('no Docker engine answers, and only root can start a private one')
  const missing = [...(onPath('dockerd') ? [] : ['docker.io']), ...(onPath('iptables') ? [] : ['iptables'])]
  if (missing.length > 0 && !installPackages(missing, say)) return none('docker.io could not be installed')

  try {
    const engine = await PrivateEngine.start(say)
    return { host: engine.host, stop: () => engine.remove() }
  } catch (error) {
    return none(`dockerd did not start here: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A dockerd of our own: data root, socket and process; can be stopped and started again. Root on Linux only. */
export class PrivateEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'orrery-dockerd-'))
  readonly #extra: readonly string[]
  #daemon: ChildProcess | undefined

  private constructor(extra: readonly string[]) {
    this.#extra = extra
  }

  /** `extra`: more flags, e.g. where another engine owns the machine's default bridge and firewall. */
  static async start(say: (line: string) => void, extra: readonly string[] = []): Promise<PrivateEngine> {
    const engine = new PrivateEngine(extra)
    say(`starting a private dockerd for the tests in ${engine.folder}`)
    mkdirSync(join(engine.folder, 'data'))
    await engine.up()
    return engine
  }

  get host(): string {
    return `unix://${join(this.folder, 'docker.sock')}`
  }

  async up(): Promise<void> {
    const at = (name: string) => join(this.folder, name)
    const log = openSync(at('dockerd.log'), 'a')
    const daemon = spawn('dockerd', ['--host', this.host, '--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), ...this.#extra], { stdio: ['ignore', log, log] })
    this.#daemon = daemon
    let exited = false
    daemon.on('exit', () => (exited = true))
    daemon.on('error', () => (exited = true))
    for (let i = 0; i < 150 && !exited; i++) {
      if (await answers(at('docker.sock'))) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(spawnSync('tail', ['-n', '3', at('dockerd.log')], { encoding: 'utf8' }).stdout.trim())
  }

  async down(): Promise<void> {
    const daemon = this.#daemon
    if (!daemon || daemon.exitCode !== null) return
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    daemon.kill('SIGTERM')
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20_000))])
  }

  async remove(): Promise<void> {
    await this.down()
    // A stopped engine leaves its network namespaces mounted.
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n').flatMap((line) => line.split(' ')[1] ?? [])
    for (const mount of mounts.filter((path) => path.startsWith(this.folder)).reverse()) spawnSync('umount', ['-l', mount])
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
