/** The window's contract from a test: the browser's carrier, spoken by hand. */
import { WebSocket } from 'ws'
import type { CallName, Calls, StreamName, Streams, ToWindow } from '../../../electron/contract.ts'
import type { Orrery } from './orrery.ts'

export async function openCookie(ui: string): Promise<{ origin: string; cookie: string }> {
  const address = new URL(ui)
  const token = new URLSearchParams(address.hash.slice(1)).get('token')
  const answer = await fetch(`${address.origin}/session`, { method: 'POST', headers: { origin: address.origin }, body: JSON.stringify({ token }) })
  if (answer.status !== 204) throw new Error(`/session answered ${answer.status}: ${await answer.text()}`)
  return { origin: address.origin, cookie: answer.headers.get('set-cookie')!.split(';')[0]! }
}

export class WindowClient {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (frame: ToWindow) => void>()
  #next = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ToWindow
      this.#waiting.get(frame.id)?.(frame)
    })
  }

  static async connect(orrery: Orrery): Promise<WindowClient> {
    const { origin, cookie } = await openCookie(orrery.ui)
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/window`, { headers: { cookie, origin } })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new WindowClient(socket)
  }

  call<K extends CallName>(call: K, arg: Parameters<Calls[K]>[0]): Promise<ReturnType<Calls[K]>> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (frame) => {
        this.#waiting.delete(id)
        if ('error' in frame && !('end' in frame)) reject(Object.assign(new Error(frame.error?.message), { status: frame.error }))
        else if ('result' in frame) resolve(frame.result as ReturnType<Calls[K]>)
      })
      this.#socket.send(JSON.stringify({ id, call, arg }))
    })
  }

  open<K extends StreamName>(open: K, arg: Streams[K]['open'], onMessage: (message: Streams[K]['message']) => void): { send(message: unknown): void; close(): void } {
    const id = this.#next++
    this.#waiting.set(id, (frame) => {
      if ('message' in frame) onMessage(frame.message as Streams[K]['message'])
    })
    this.#socket.send(JSON.stringify({ id, open, arg }))
    return {
      send: (message) => this.#socket.send(JSON.stringify({ id, send: message })),
      close: () => {
        this.#waiting.delete(id)
        this.#socket.send(JSON.stringify({ id, close: true }))
      },
    }
  }

  close(): void {
    this.#socket.terminate()
  }
}
