/**
 * The one window: sandboxed, isolated, without Node, showing app:// and nothing else. Its place and size are kept.
 * Navigation, new windows, permissions and webviews are denied for every page there could ever be.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrowserWindow, screen, session, shell, type App, type Rectangle, type WebContents } from 'electron'
import { windowAddress } from './app-protocol.ts'

interface WindowState {
  bounds: Rectangle
  maximised: boolean
}

const preload = join(dirname(fileURLToPath(import.meta.url)), 'preload.cjs')
const smallest = { width: 960, height: 600 }
const usual = { width: 1440, height: 900 }
const nightBlue = '#070d19'
const saveAfterMs = 400

export function hardenApp(app: App): void {
  app.enableSandbox()
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      // A Service opened in the browser is on this machine; anything else must be a web address.
      if (/^https?:\/\//.test(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
  void app.whenReady().then(() => {
    session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === 'clipboard-sanitized-write'))
    session.defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write')
  })
}

function readState(file: string): WindowState | undefined {
  if (!existsSync(file)) return undefined
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as WindowState
    const { x, y, width, height } = state.bounds
    // A screen that is gone must not hide the window.
    const visible = screen.getAllDisplays().some(({ workArea }) => x < workArea.x + workArea.width && x + width > workArea.x && y < workArea.y + workArea.height && y + height > workArea.y)
    return visible && width >= smallest.width && height >= smallest.height ? state : undefined
  } catch {
    return undefined
  }
}

export function openWindow(options: { home: string; serve(contents: WebContents): void }): BrowserWindow {
  const file = join(options.home, 'window.json')
  const state = readState(file)
  const window = new BrowserWindow({
    ...(state?.bounds ?? usual),
    minWidth: smallest.width,
    minHeight: smallest.height,
    backgroundColor: nightBlue,
    show: false,
    title: 'Orrery',
    ...(process.platform === 'darwin' ? { titleBarStyle: 'hiddenInset' as const } : {}),
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, webSecurity: true, spellcheck: false },
  })
  if (state?.maximised) window.maximize()

  let timer: ReturnType<typeof setTimeout> | undefined
  const save = () => {
    const next: WindowState = { bounds: window.getNormalBounds(), maximised: window.isMaximized() }
    writeFileSync(`${file}.new`, JSON.stringify(next))
    renameSync(`${file}.new`, file)
  }
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(save, saveAfterMs)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('close', () => {
    clearTimeout(timer)
    save()
  })
  window.once('ready-to-show', () => window.show())
  options.serve(window.webContents)
  // A window that is closed while it loads rejects; there is nothing left to show it in.
  window.loadURL(windowAddress).catch((error: unknown) => {
    if (!window.isDestroyed()) process.stderr.write(`orrery: the window did not load: ${error instanceof Error ? error.message : String(error)}\n`)
  })
  return window
}
