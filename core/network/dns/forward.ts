/**
 * Other names: the question goes as it is to the machine's resolvers, one after the other, and the answer comes back as it
 * is. Never to ourselves: a machine whose resolv.conf names the cluster DNS would otherwise ask in circles.
 */
import { createSocket } from 'node:dgram'
import { readFileSync, statSync } from 'node:fs'
import { isIP, connect } from 'node:net'
import type { Clock } from '../../base/clock.ts'

export interface Resolver {
  readonly address: string
  readonly port: number
}

export interface ForwardOptions {
  /** Asked for each question; in order of preference. */
  readonly resolvers: () => readonly Resolver[]
  readonly clock: Clock
  readonly timeoutMs?: number
}

const defaultTimeoutMs = 2_000

/** Resolves with the answer's bytes; undefined where no resolver answered. */
export async function forward(query: Buffer, transport: 'udp' | 'tcp', { resolvers, clock, timeoutMs = defaultTimeoutMs }: ForwardOptions): Promise<Buffer | undefined> {
  for (const resolver of resolvers()) {
    const answer = await (transport === 'udp' ? overUdp : overTcp)(query, resolver, clock, timeoutMs)
    if (answer) return answer
  }
  return undefined
}

function overUdp(query: Buffer, { address, port }: Resolver, clock: Clock, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
    let done = false
    const finish = (answer: Buffer | undefined) => {
      if (done) return
      done = true
      cancel()
      socket.close()
      resolve(answer)
    }
    const cancel = clock.after(timeoutMs, () => finish(undefined))
    socket.on('error', () => finish(undefined))
    // Only what answers this very question counts.
    socket.on('message', (message) => {
      if (message.length >= 12 && message.readUInt16BE(0) === query.readUInt16BE(0)) finish(message)
    })
    socket.connect(port, address, () => socket.send(query))
  })
}

function overTcp(query: Buffer, { address, port }: Resolver, clock: Clock, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    let received = Buffer.alloc(0)
    const finish = (answer: Buffer | undefined) => {
      cancel()
      socket.destroy()
      resolve(answer)
    }
    const cancel = clock.after(timeoutMs, () => finish(undefined))
    socket.on('error', () => finish(undefined))
    socket.on('close', () => finish(undefined))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) finish(received.subarray(2, 2 + received.readUInt16BE(0)))
    })
    socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 255]), query]))
  })
}

export interface ResolvConf {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
}

export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = []
  let searches: string[] = []
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
    if (word === 'nameserver' && rest[0]) servers.push(rest[0].replace(/%.*$/, ''))
    else if (word === 'search' || word === 'domain') searches = rest
  }
  return { servers, searches }
}

/** Reads the machine's resolvers, again whenever the file changes (a laptop moves between networks). `own`: never these. */
export function machineResolvers(path: string, own: readonly string[]): () => readonly Resolver[] {
  let readMs = -1
  let resolvers: readonly Resolver[] = []
  return () => {
    try {
      const changedMs = statSync(path).mtimeMs
      if (changedMs !== readMs) {
        readMs = changedMs
        resolvers = parseResolvConf(readFileSync(path, 'utf8')).servers.filter((address) => isIP(address) !== 0 && !own.includes(address)).map((address) => ({ address, port: 53 }))
      }
    } catch {
      resolvers = []
    }
    return resolvers
  }
}
