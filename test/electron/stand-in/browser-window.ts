/**
 * BrowserWindow and its webContents on a Chromium page. The preload runs before every document with a `require` that
 * knows only `electron`'s contextBridge and ipcRenderer, as in a sandbox; the page gets what it exposes, nothing more.
 */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { BrowserWindow as RealWindow, BrowserWindowConstructorOptions, Rectangle, WebContents, WindowOpenHandlerResponse } from 'electron'
import type { Page } from 'playwright-core'
import { appEvents } from './app.ts'
import { openContext } from './chromium.ts'
import { onCommand } from './control.ts'
import { ipcEvents, StandInPort } from './ipc.ts'
import { answer, fromShown, toShown } from './protocol.ts'

type UsedContents = 'id' | 'postMessage' | 'setWindowOpenHandler'
type UsedWindow = 'loadURL' | 'show' | 'focus' | 'maximize' | 'isMaximized' | 'isDestroyed' | 'getNormalBounds'

let nextId = 1
const windows: BrowserWindow[] = []

class StandInContents extends EventEmitter implements Pick<WebContents, UsedContents> {
  readonly id = nextId++
  readonly page: Promise<Page>
  readonly #ports = new Map<number, StandInPort>()
  #nextPort = 1
  mainFrame = { url: '' }
  openHandler: ((details: { url: string }) => WindowOpenHandlerResponse) | undefined

  constructor(preload: string | undefined) {
    super()
    this.page = this.#open(preload)
    // A browser that closes while a page opens: whoever awaits the page hears of it.
    this.page.catch(() => {})
  }

  setWindowOpenHandler(handler: Parameters<WebContents['setWindowOpenHandler']>[0]): void {
    this.openHandler = handler as (details: { url: string }) => WindowOpenHandlerResponse
  }

  postMessage(channel: string, message: unknown, transfer: unknown[] = []): void {
    const ids = transfer.map((port) => {
      const id = this.#nextPort++
      const end = port as StandInPort
      this.#ports.set(id, end)
      end.on('message', ({ data }: { data: unknown }) => void this.#inPage('port', { id, data }))
      end.start()
      return id
    })
    void this.#inPage('ipc', { channel, message, ports: ids })
  }

  async #inPage(kind: string, value: unknown): Promise<void> {
    const page = await this.page
    if (!page.isClosed()) await page.evaluate(`globalThis.__standIn?.receive(${JSON.stringify(kind)}, ${JSON.stringify(value)})`).catch(() => {})
  }

  async #open(preload: string | undefined): Promise<Page> {
    const page = await (await openContext()).newPage()
    await page.route('http://**.stand-in.invalid/**', async (route) => {
      const response = await answer(route.request().url(), route.request().method())
      if (!response) return route.abort()
      await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) })
    })
    await page.exposeBinding('__standInToMain', (_source, kind: string, value: { channel: string; args: unknown[] } | { id: number; data?: unknown; closed?: boolean }) => {
      if (kind === 'ipc' && 'channel' in value) ipcEvents.emit(value.channel, { sender: this, senderFrame: this.mainFrame }, ...value.args)
      else if ('id' in value) {
        const port = this.#ports.get(value.id)
        if (value.closed) port?.close()
        else port?.postMessage(value.data)
      }
    })
    if (preload !== undefined) await page.addInitScript({ content: preloadScript(readFileSync(preload, 'utf8')) })
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.mainFrame.url = fromShown(frame.url())
    })
    page.on('close', () => this.emit('destroyed'))
    return page
  }

  /** As Electron asks before following a link: true where the shell let it. */
  mayNavigate(url: string): boolean {
    let prevented = false
    this.emit('will-navigate', { preventDefault: () => (prevented = true), url }, url)
    return !prevented
  }
}

/** The sandbox's world around the compiled preload, as a script. */
const preloadScript = (source: string): string => `(() => {
  const ipc = new Map(), ports = new Map()
  const toMain = (kind, value) => globalThis.__standInToMain(kind, value)
  Object.defineProperty(globalThis, '__standIn', { value: { receive(kind, value) {
    if (kind === 'port') return ports.get(value.id)?.postMessage(value.data)
    const given = value.ports.map((id) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = (event) => toMain('port', { id, data: event.data })
      ports.set(id, port1)
      return port2
    })
    for (const listener of ipc.get(value.channel) ?? []) listener({ ports: given }, value.message)
  } } })
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => Object.defineProperty(globalThis, name, { value: Object.freeze(api) }) },
    ipcRenderer: {
      on: (channel, listener) => ipc.set(channel, [...(ipc.get(channel) ?? []), listener]),
      send: (channel, ...args) => toMain('ipc', { channel, args }),
    },
  }
  const require = (name) => { if (name === 'electron') return electron; throw new Error('module not found: ' + name) }
  const module = { exports: {} }, exports = module.exports
  const process = { platform: ${JSON.stringify(process.platform)} }
  ;(function () { ${source}
  })()
})()`

export class BrowserWindow extends EventEmitter implements Pick<RealWindow, UsedWindow> {
  readonly options: BrowserWindowConstructorOptions
  readonly contents: StandInContents
  #destroyed = false
  #maximised = false
  shown = false

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super()
    this.options = options
    this.contents = new StandInContents(options.webPreferences?.preload)
    windows.push(this)
    appEvents.emit('web-contents-created', {}, this.contents)
    const closed = () => {
      this.#destroyed = true
      this.emit('closed')
    }
    this.contents.page.then((page) => page.once('close', closed), closed)
  }

  get webContents(): WebContents {
    // The used members are checked above; the rest of the real class has no counterpart here.
    return this.contents as unknown as WebContents
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.contents.page
    await page.goto(toShown(url))
    this.emit('ready-to-show')
  }

  show(): void {
    this.shown = true
  }
  focus(): void {
    this.emit('focus')
  }
  maximize(): void {
    this.#maximised = true
  }
  isMaximized(): boolean {
    return this.#maximised
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  getNormalBounds(): Rectangle {
    const { x = 0, y = 0, width = 800, height = 600 } = this.options
    return { x, y, width, height }
  }
}

const newest = () => windows.at(-1)
onCommand('window.state', () => {
  const window = newest()
  return window && { shown: window.shown, destroyed: window.isDestroyed(), url: window.contents.mainFrame.url, webPreferences: { ...window.options.webPreferences, preload: undefined }, count: windows.length, bounds: window.getNormalBounds() }
})
onCommand('window.navigate', (url: string) => newest()?.contents.mayNavigate(url))
onCommand('window.open', (url: string) => newest()?.contents.openHandler?.({ url }).action)
onCommand('window.close', async () => {
  const window = newest()
  window?.emit('close')
  await (await window?.contents.page)?.close()
  appEvents.emit('window-all-closed')
})
onCommand('window.forge-connect', (url: string) => ipcEvents.emit('orrery:connect', { sender: { id: newest()?.contents.id }, senderFrame: { url } }))
