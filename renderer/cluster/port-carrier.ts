/** Electron's carrier: `window.orrery.connect()` of the preload hands a MessagePort; frames cross by structured clone. */
import { ApiError } from '../../core/api/status.ts'
import type { Connect, Pipe, PipeEvents } from './carrier.ts'

/** What the preload exposes. */
export interface OrreryShell {
  connect(): Promise<MessagePort> | MessagePort
  /** Present where the shell draws no title bar of its own. */
  platform?: 'darwin' | 'win32' | 'linux'
  minimise?(): void
  toggleMaximise?(): void
  closeWindow?(): void
}

declare global {
  interface Window {
    orrery?: OrreryShell
  }
}

export const connectPort: Connect = async (events: PipeEvents): Promise<Pipe> => {
  const shell = window.orrery
  if (!shell) throw new ApiError('ServiceUnavailable', 'the shell offers no connection')
  const port = await shell.connect()
  port.onmessage = (message) => events.frame(message.data)
  port.addEventListener('close', () => events.closed())
  port.start()
  return { send: (frame) => port.postMessage(frame), close: () => port.close() }
}
