/** The bridge, whole: a page may ask for its connection, and gets a message port. Nothing else of Electron is reachable. */
import { contextBridge, ipcRenderer } from 'electron'

const connectChannel = 'orrery:connect'
const portChannel = 'orrery:port'

// A port cannot cross the context bridge; window.postMessage is the way a port enters the page's world.
ipcRenderer.on(portChannel, (event) => window.postMessage(portChannel, window.location.origin, [...event.ports]))

contextBridge.exposeInMainWorld('orrery', {
  connect: (): void => ipcRenderer.send(connectChannel),
  platform: process.platform,
})
