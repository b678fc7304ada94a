/**
 * The desktop application's life: one instance, one cluster, one window. Everything that can be elsewhere is elsewhere;
 * this file only says what happens when.
 */
import { app, dialog, Menu, protocol } from 'electron'
import { startCluster, type Cluster } from '../core/cluster.ts'
import { Home } from '../core/home.ts'
import { parseOptions, type Options } from '../core/options.ts'
import { stderrLogger } from '../core/stderr-log.ts'
import { appScheme, serveApp } from './app-protocol.ts'
import { applicationMenu } from './menu.ts'
import { watchFailures } from './notifications.ts'
import { readHandover } from './open.ts'
import { decideQuit } from './quit.ts'
import { serveWindow } from './serve.ts'
import { ShellEvents } from './shell-events.ts'
import { makeTray } from './tray.ts'
import { hardenApp, openWindow } from './window.ts'

const startedMs = Number(process.env['ORRERY_STARTED_MS'] ?? performance.timeOrigin)
const log = stderrLogger()

async function run(options: Options): Promise<void> {
  const shell = new ShellEvents()
  app.on('open-file', (event, path) => {
    event.preventDefault()
    shell.send(readHandover([path]))
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    shell.send(readHandover([url]))
  })

  await app.whenReady()
  serveApp(protocol)
  const home = new Home(options.home)
  let cluster: Cluster
  try {
    cluster = await startCluster(options, { log, docs: new URL('../docs.json', import.meta.url), shell: (sink) => shell.attach(sink) })
  } catch (error) {
    dialog.showErrorBox('Orrery could not start', error instanceof Error ? error.message : String(error))
    app.exit(1)
    return
  }
  process.stdout.write(`orrery ready in ${((Date.now() - startedMs) / 1000).toFixed(2)} s  api ${cluster.api}  ui ${appScheme}://orrery  kubeconfig ${cluster.kubeconfig}\n`)

  const open = () => openWindow({ home: home.path, serve: (contents) => serveWindow(contents, cluster.handlers, log) })
  let window = open()
  const show = () => {
    if (window.isDestroyed()) window = open()
    window.show()
    window.focus()
  }
  Menu.setApplicationMenu(applicationMenu(shell))
  const tray = makeTray({ cluster, show, quit: () => app.quit(), shell })
  const failures = watchFailures({ cluster, show, shell, enabled: () => home.settings().notifyFailures })

  shell.send(readHandover(options.open))
  app.on('second-instance', (_event, argv) => {
    show()
    shell.send(readHandover(argv.slice(1)))
  })
  app.on('activate', show)
  // The cluster goes on without a window; the tray brings it back.
  app.on('window-all-closed', () => {})

  let quitting = false
  app.on('before-quit', (event) => {
    if (quitting) return
    event.preventDefault()
    void decideQuit(home, cluster).then(async (decision) => {
      if (decision === 'cancel') return
      quitting = true
      failures.close()
      tray.destroy()
      await cluster.close({ stopPods: decision === 'stop-pods' })
      app.exit(0)
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A signal is not a person at the window: Pods keep running, nothing is asked.
      if (quitting) return
      quitting = true
      void cluster.close({ stopPods: false }).then(() => app.exit(0))
    })
  }
}

protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
hardenApp(app)
app.setAsDefaultProtocolClient('orrery')
if (app.requestSingleInstanceLock()) {
  try {
    await run(parseOptions(process.argv.slice(app.isPackaged ? 1 : 2), process.env))
  } catch (error) {
    process.stderr.write(`orrery: ${error instanceof Error ? error.message : String(error)}\n`)
    app.exit(2)
  }
} else app.quit()
