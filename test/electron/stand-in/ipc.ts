/** ipcMain and message ports. A port handed to a page becomes a real MessagePort there, bridged frame by frame. */
import { EventEmitter } from 'node:events'
import type { IpcMain, MessagePortMain } from 'electron'

export const ipcEvents = new EventEmitter()

export const ipcMain: Pick<IpcMain, 'on' | 'off'> = {
  on: (channel, listener) => {
    ipcEvents.on(channel, listener)
    return ipcMain as IpcMain
  },
  off: (channel, listener) => {
    ipcEvents.off(channel, listener)
    return ipcMain as IpcMain
  },
}

type UsedPort = 'postMessage' | 'start' | 'close'

/** One end of a channel; frames wait until it is started, as Electron's do. */
export class StandInPort extends EventEmitter implements Pick<MessagePortMain, UsedPort> {
  other: StandInPort | undefined
  #started = false
  readonly #waiting: unknown[] = []

  postMessage(message: unknown): void {
    // What cannot be cloned must fail here as it does in Electron.
    this.other?.deliver(structuredClone(message))
  }

  deliver(data: unknown): void {
    if (this.#started) setImmediate(() => this.emit('message', { data }))
    else this.#waiting.push(data)
  }

  start(): void {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.deliver(data)
  }

  close(): void {
    this.emit('close')
    this.other?.emit('close')
  }
}

export class MessageChannelMain {
  readonly port1 = new StandInPort()
  readonly port2 = new StandInPort()

  constructor() {
    this.port1.other = this.port2
    this.port2.other = this.port1
  }
}
