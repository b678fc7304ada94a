/** electron.app: life cycle, single instance by a lock file, and the events the desktop sends. */
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { App } from 'electron'
import { closeBrowser } from './chromium.ts'
import { onCommand } from './control.ts'

type Used = 'whenReady' | 'requestSingleInstanceLock' | 'quit' | 'exit' | 'enableSandbox' | 'setAsDefaultProtocolClient' | 'isPackaged'

const events = new EventEmitter()
const state = { sandboxed: false, protocols: [] as string[], quitting: false }

/** One instance a lock file, given by the spec; a second one writes what it was started with and leaves. */
const lockFile = process.env['ORRERY_STAND_IN_LOCK']

export const app: Pick<App, Used> & Pick<EventEmitter, 'on' | 'once' | 'off'> = {
  isPackaged: false,
  whenReady: async () => {},
  enableSandbox: () => {
    state.sandboxed = true
  },
  setAsDefaultProtocolClient: (name) => {
    state.protocols.push(name)
    return true
  },
  requestSingleInstanceLock: () => {
    if (lockFile === undefined) return true
    if (existsSync(lockFile) && Number(readFileSync(lockFile, 'utf8')) !== process.pid) return false
    writeFileSync(lockFile, String(process.pid))
    return true
  },
  quit: () => {
    let prevented = false
    events.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) app.exit(0)
  },
  exit: (code = 0) => {
    if (lockFile !== undefined && existsSync(lockFile) && Number(readFileSync(lockFile, 'utf8')) === process.pid) rmSync(lockFile)
    void closeBrowser().finally(() => process.exit(code))
  },
  on: (name, listener) => events.on(name, listener),
  once: (name, listener) => events.once(name, listener),
  off: (name, listener) => events.off(name, listener),
}

export const appEvents = events

onCommand('app.state', () => state)
onCommand('app.quit', () => app.quit())
onCommand('app.second-instance', (argv: string[]) => events.emit('second-instance', {}, argv, '/', {}))
onCommand('app.open-file', (path: string) => events.emit('open-file', { preventDefault: () => {} }, path))
onCommand('app.open-url', (url: string) => events.emit('open-url', { preventDefault: () => {} }, url))
