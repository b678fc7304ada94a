/** The bridge, whole: a page may ask for its connection, and gets a message port. Nothing else of Electron is reachable. */
import { contextBridge, ipcRenderer } from 'electron'

// The page's own window; this file is compiled without the DOM's types, like all of core.
declare const window: { postMessage(message: unknown, origin: string, transfer: unknown[]): void; location: { origin: string } }

const connectChannel = 'orrery:connect'
const portChannel = 'orrery:port'

// A port cannot cross the context bridge; window.postMessage is the way a port enters the page's world.
ipcRenderer.on(portChannel, (event) => window.postMessage(portChannel, window.location.origin, [...event.ports]))

contextBridge.exposeInMainWorld('orrery', {
  connect: (): void => ipcRenderer.send(connectChannel),
  platform: process.platform,
})
