/**
 * Electron's carrier: `window.orrery.connect()` of the preload asks the shell for a connection; the port comes back as a
 * message to this page, because a port cannot cross the context bridge. Frames cross by structured clone.
 */
import { ApiError } from '../../core/api/status.ts'
import type { Connect, Pipe, PipeEvents } from './carrier.ts'

/** What the preload exposes. */
export interface OrreryShell {
  connect(): void
  platform: string
}

declare global {
  interface Window {
    orrery?: OrreryShell
  }
}

const portMessage = 'orrery:port'
const portWithinMs = 5_000

function askForPort(shell: OrreryShell): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', receive)
      reject(new ApiError('Timeout', 'the shell did not answer'))
    }, portWithinMs)
    const receive = (event: MessageEvent) => {
      const port = event.ports[0]
      if (event.source !== window || event.data !== portMessage || !port) return
      clearTimeout(timer)
      window.removeEventListener('message', receive)
      resolve(port)
    }
    window.addEventListener('message', receive)
    shell.connect()
  })
}

export const connectPort: Connect = async (events: PipeEvents): Promise<Pipe> => {
  const shell = window.orrery
  if (!shell) throw new ApiError('ServiceUnavailable', 'the shell offers no connection')
  const port = await askForPort(shell)
  port.onmessage = (message) => events.frame(message.data)
  port.addEventListener('close', () => events.closed())
  port.start()
  return { send: (frame) => port.postMessage(frame), close: () => port.close() }
}
