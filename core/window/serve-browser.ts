/** Puts the browser's carrier on a port: the one asked for, or the default and the next free one after it. */
import type { Server } from 'node:http'
import type { Logger } from '../base/log.ts'
import type { WindowHandlers } from './handlers.ts'
import { PortTaken } from '../base/port-taken.ts'
import { webServer } from './web.ts'

const defaultUiPort = 6480
const triedPorts = 50

export interface BrowserDoor {
  /** With the token in its fragment, which no request carries. */
  url: string
  close(): Promise<void>
}

const listen = (server: Server, host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

export async function serveBrowser(options: { folder: string; cluster: { handlers: WindowHandlers; token: string }; host: string; port: number | undefined; log: Logger }): Promise<BrowserDoor> {
  const { host, port: asked, cluster } = options
  const first = asked ?? defaultUiPort
  for (let port = first; ; port++) {
    const server = webServer({ folder: options.folder, token: cluster.token, address: host, hosts: [], handlers: cluster.handlers, log: options.log })
    try {
      await listen(server, host, port)
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (taken && asked === undefined && port < first + triedPorts) continue
      if (taken) throw new PortTaken(`--ui-port ${port}: the port is in use on ${host}. Choose another, or 0 for any free one.`)
      throw error
    }
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    return {
      url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${bound}/#token=${cluster.token}`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
          server.emit('close')
        }),
    }
  }
}
