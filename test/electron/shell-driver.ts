/**
 * The desktop application under a spec's hand: real Electron through Playwright wherever its binary exists, otherwise the
 * shell's compiled main and preload on the stand-in. Specs are the same for both.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, chromium, type Browser, type ElectronApplication, type Page } from 'playwright-core'
import { root } from '../e2e/harness/orrery.ts'
import type { Reply } from './stand-in/control.ts'

const binary = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ? join(process.env['ELECTRON_OVERRIDE_DIST_PATH'], 'electron') : join(root, 'node_modules/electron/dist/electron')
export const hasElectron = existsSync(binary)

export interface ShellDriver {
  readonly kind: 'electron' | 'stand-in'
  readonly page: Page
  menu(...path: string[]): Promise<void>
  secondInstance(argv: string[]): Promise<void>
  /** Answers the next message box by its button's index. */
  answerDialog(response: number): Promise<void>
  /** Quits as a person does; resolves with the exit code. */
  quit(): Promise<number | null>
  close(): Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

export class StandInShell implements ShellDriver {
  readonly kind = 'stand-in'
  readonly home: string
  stdout = ''
  stderr = ''
  page!: Page
  #child!: ChildProcess
  #browser: Browser | undefined
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #next = 1

  private constructor(home: string) {
    this.home = home
  }

  static async start(args: string[], home = mkdtempSync(join(tmpdir(), 'orrery-shell-'))): Promise<StandInShell> {
    const shell = new StandInShell(home)
    const port = await freePort()
    const child = spawn(
      process.execPath,
      ['--import', join(root, 'test/electron/stand-in/register.ts'), join(root, 'dist/electron/main.js'), '--home', home, '--api-port', '0', ...args],
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ORRERY_STAND_IN_CDP_PORT: String(port), ORRERY_STAND_IN_LOCK: join(home, 'instance') } },
    )
    shell.#child = child
    child.stdout!.on('data', (chunk) => (shell.stdout += String(chunk)))
    child.stderr!.on('data', (chunk) => (shell.stderr += String(chunk)))
    child.on('message', (reply: Reply) => {
      shell.#waiting.get(reply.id)?.(reply)
      shell.#waiting.delete(reply.id)
    })
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the shell is not ready\n${shell.stdout}${shell.stderr}`)), 60_000)
      child.stdout!.on('data', () => {
        if (!/orrery ready in/.test(shell.stdout)) return
        clearTimeout(timer)
        resolve()
      })
      child.on('exit', (code) => reject(new Error(`the shell ended with code ${code}\n${shell.stderr}`)))
    })
    await shell.command('chromium.ready')
    shell.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    for (let waited = 0; waited < 20_000; waited += 100) {
      const page = shell.#browser.contexts().flatMap((context) => context.pages()).find((one) => one.url().includes('stand-in.invalid'))
      if (page) {
        shell.page = page
        break
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    if (!shell.page) throw new Error(`the window did not open\n${shell.stderr}`)
    await shell.page.waitForLoadState('load')
    return shell
  }

  command<T = unknown>(name: string, arg?: unknown): Promise<T> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => (reply.error === undefined ? resolve(reply.result as T) : reject(new Error(`${name}: ${reply.error}`))))
      this.#child.send({ id, do: name, arg })
    })
  }

  async menu(...path: string[]): Promise<void> {
    await this.command('menu.click', path)
  }
  async secondInstance(argv: string[]): Promise<void> {
    await this.command('app.second-instance', argv)
  }
  async answerDialog(response: number): Promise<void> {
    await this.command('dialog.answer', { response, checkboxChecked: false })
  }
  async quit(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve))
    void this.command('app.quit').catch(() => {})
    return ended
  }
  async close(): Promise<void> {
    await this.#browser?.close().catch(() => {})
    if (this.#child.exitCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve))
      this.#child.kill('SIGTERM')
      await ended
    }
    rmSync(this.home, { recursive: true, force: true })
  }
}

export class ElectronShell implements ShellDriver {
  readonly kind = 'electron'
  readonly page: Page
  readonly #app: ElectronApplication
  readonly #home: string

  private constructor(app: ElectronApplication, page: Page, home: string) {
    this.#app = app
    this.page = page
    this.#home = home
  }

  static async start(args: string[]): Promise<ElectronShell> {
    const home = mkdtempSync(join(tmpdir(), 'orrery-shell-'))
    const app = await _electron.launch({ executablePath: binary, args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, '--home', home, '--api-port', '0', ...args] })
    return new ElectronShell(app, await app.firstWindow(), home)
  }

  async menu(...path: string[]): Promise<void> {
    await this.#app.evaluate(({ Menu }, labels) => {
      let items = Menu.getApplicationMenu()?.items ?? []
      for (const label of labels) {
        const item = items.find((one) => one.label === label)
        if (item?.submenu) items = item.submenu.items
        else item?.click()
      }
    }, path)
  }
  async secondInstance(argv: string[]): Promise<void> {
    await this.#app.evaluate(({ app }, args) => void app.emit('second-instance', {}, args, '/', {}), argv)
  }
  async answerDialog(response: number): Promise<void> {
    await this.#app.evaluate(({ dialog }, index) => {
      dialog.showMessageBox = async () => ({ response: index, checkboxChecked: false })
    }, response)
  }
  async quit(): Promise<number | null> {
    const child = this.#app.process()
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await this.#app.evaluate(({ app }) => app.quit()).catch(() => {})
    return ended
  }
  async close(): Promise<void> {
    await this.#app.close().catch(() => {})
    rmSync(this.#home, { recursive: true, force: true })
  }
}

export const startShell = (...args: string[]): Promise<ShellDriver> => (hasElectron ? ElectronShell.start(args) : StandInShell.start(args))
