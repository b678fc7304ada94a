/** One Orrery process on a home of its own, driven as a user does: by its command line, its kubeconfig and its addresses. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags } from '../../../electron/node-flags.mjs'

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const entry = join(root, 'dist/core/headless.js')
const readyWithinMs = 30_000
const readyLine = /^orrery ready in ([\d.]+) s {2}api (https:\/\/\S+) {2}ui (http:\/\/\S+) {2}kubeconfig (.+)$/m

/** Why tests on containers cannot run here; false where they can. For node:test's `skip`. */
export const noEngine: string | false = process.env['ORRERY_TEST_NO_ENGINE'] ?? false
export const noKubectl: string | false = spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'no kubectl on the path'
export const noBrowser: string | false = process.env['ORRERY_TEST_NO_BROWSER'] ?? false

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

export class Orrery {
  readonly home: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  api = ''
  ui = ''
  kubeconfig = ''
  readySeconds = 0
  stderr = ''

  constructor(args: readonly string[], home = mkdtempSync(join(tmpdir(), 'orrery-e2e-'))) {
    this.home = home
    this.#args = args
  }

  static async start(...args: string[]): Promise<Orrery> {
    const orrery = new Orrery(args)
    await orrery.start()
    return orrery
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [...nodeFlags(this.#args), entry, '--headless', '--home', this.home, '--api-port', '0', '--ui-port', '0', ...this.#args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let stdout = ''
    child.stderr.on('data', (chunk) => (this.stderr += String(chunk)))
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready within ${readyWithinMs / 1000} s\n${stdout}\n${this.stderr}`)), readyWithinMs)
      child.stdout.on('data', (chunk) => {
        stdout += String(chunk)
        const match = readyLine.exec(stdout)
        if (!match) return
        clearTimeout(timer)
        this.readySeconds = Number(match[1])
        this.api = match[2]!
        this.ui = match[3]!
        this.kubeconfig = match[4]!.trim()
        resolve()
      })
      child.on('exit', (code) => reject(new Error(`ended with code ${code} before it was ready\n${stdout}\n${this.stderr}`)))
    })
  }

  /** SIGTERM; resolves with the exit code and how long it took. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; ms: number }> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return { code: child?.exitCode ?? null, ms: 0 }
    const started = performance.now()
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill(signal)
    return { code: await ended, ms: performance.now() - started }
  }

  /** The id in the labels of everything this cluster makes on an engine. */
  clusterId(): string {
    return (JSON.parse(readFileSync(join(this.home, 'identity.json'), 'utf8')) as { id: string }).id
  }

  /** Stops, removes everything this cluster made on the engine, and the home. */
  async purge(): Promise<void> {
    await this.stop()
    spawnSync(process.execPath, [entry, '--home', this.home, '--purge', '--yes'], { encoding: 'utf8', timeout: 120_000 })
    rmSync(this.home, { recursive: true, force: true })
  }

  run(command: string, args: readonly string[], input?: string, timeoutMs = 120_000): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { env: { ...process.env, KUBECONFIG: this.kubeconfig }, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (chunk) => (stdout += String(chunk)))
      child.stderr.on('data', (chunk) => (stderr += String(chunk)))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
      child.stdin.end(input)
    })
  }

  /** kubectl that must succeed; answers with its stdout. */
  async kubectl(...args: string[]): Promise<string> {
    const result = await this.run('kubectl', args)
    assert.equal(result.code, 0, `kubectl ${args.join(' ')}: ${result.stderr}${result.stdout}`)
    return result.stdout
  }

  async apply(yaml: string, ...args: string[]): Promise<string> {
    // A text that starts with a brace counts as JSON for kubectl; ours are YAML in flow style.
    const result = await this.run('kubectl', ['apply', '-f', '-', ...args], `---\n${yaml}`)
    assert.equal(result.code, 0, `kubectl apply: ${result.stderr}`)
    return result.stdout
  }

  async json<T = KubeJson>(...args: string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, '-o', 'json')) as T
  }

  async pods(selector: string, namespace = 'default'): Promise<KubeJson[]> {
    return (await this.json<{ items: KubeJson[] }>('get', 'pods', '-n', namespace, '-l', selector)).items
  }
}

/** What the tests read of any object. */
export interface KubeJson {
  kind: string
  metadata: { name: string; namespace?: string; uid: string; resourceVersion: string; creationTimestamp: string; deletionTimestamp?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  // Read as a user's jq would: every test names the field it expects, and fails where it is missing.
  spec: Record<string, any>
  status: Record<string, any>
}

export const isReady = (pod: KubeJson): boolean =>
  pod.metadata.deletionTimestamp === undefined && (pod.status['conditions'] ?? []).some((c: { type: string; status: string }) => c.type === 'Ready' && c.status === 'True')

/** Asks until the answer is truthy; fails with what was last seen. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>, withinMs = 30_000, everyMs = 150): Promise<T> {
  const started = performance.now()
  let last: unknown
  while (performance.now() - started < withinMs) {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`${what}: not within ${withinMs / 1000} s; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`)
}

export const docker = (...args: string[]): string => {
  const result = spawnSync('docker', args, { encoding: 'utf8' })
  assert.equal(result.status, 0, `docker ${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}
