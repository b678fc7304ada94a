/**
 * Electron's carrier: a window asks for a connection over one ipc message and gets a message port; frames of the contract
 * cross it. Who asks is checked: only the main frame of our own page.
 */
import { ipcMain, MessageChannelMain, type IpcMainEvent, type WebContents } from 'electron'
import type { ToWindow } from './contract.ts'
import type { Logger } from '../core/base/log.ts'
import type { WindowHandlers } from '../core/window/handlers.ts'
import { openSession, type Carrier } from '../core/window/session.ts'
import { appScheme } from './app-protocol.ts'

export const connectChannel = 'orrery:connect'
export const portChannel = 'orrery:port'

const isOurs = (event: IpcMainEvent, contents: WebContents): boolean =>
  event.sender.id === contents.id && event.senderFrame !== null && event.senderFrame === contents.mainFrame && event.senderFrame.url.startsWith(`${appScheme}://orrery/`)

export function serveWindow(contents: WebContents, handlers: WindowHandlers, log: Logger): void {
  const connect = (event: IpcMainEvent) => {
    if (!isOurs(event, contents)) {
      log.warn('a connection was asked for by a page that is not ours', { url: event.senderFrame?.url })
      return
    }
    const { port1, port2 } = new MessageChannelMain()
    const carrier: Carrier = {
      post: (frame: ToWindow) => port1.postMessage(frame),
      // Message ports tell no backlog; structured clones are handed over at once.
      backlog: () => 0,
      onFrame: (handler) => void port1.on('message', ({ data }) => handler(data)),
      onClose: (handler) => void port1.on('close', handler),
    }
    openSession(carrier, handlers, log)
    port1.start()
    contents.postMessage(portChannel, null, [port2])
  }
  ipcMain.on(connectChannel, connect)
  contents.once('destroyed', () => ipcMain.off(connectChannel, connect))
}
