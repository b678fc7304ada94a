/**
 * The cluster's DNS server, over UDP and TCP. Cluster names are answered from the snapshot, all others by the machine's
 * resolvers. Answers too long for UDP say so (TC) and are asked for again over TCP.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import packet, { type Answer, type DecodedPacket, type Question } from 'dns-packet'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { forward, type Resolver } from './forward.ts'
import { lookup, soa, type Zone } from './records.ts'

export interface DnsServerOptions {
  readonly snapshot: Snapshot
  readonly zone: Zone
  readonly resolvers: () => readonly Resolver[]
  readonly clock: Clock
  readonly log: Logger
  readonly timeoutMs?: number
}

export interface DnsCounters {
  readonly cluster: number
  readonly forwarded: number
  /** Questions that no resolver of the machine answered. */
  readonly unanswered: number
}

const codes = { ok: 0, formatError: 1, serverFailure: 2, noName: 3, notImplemented: 4 } as const
const smallestUdp = 512
/** Fits every path without fragments. */
const largestUdp = 1232
const extensions: Answer = { type: 'OPT', name: '.', udpPayloadSize: largestUdp, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }
const idleTcpMs = 10_000
const longestChain = 8

export class DnsServer {
  readonly #options: DnsServerOptions
  readonly #udp: Datagrams[] = []
  readonly #tcp: Server[] = []
  readonly #connections = new Set<Socket>()
  #turn = 0
  #counters = { cluster: 0, forwarded: 0, unanswered: 0 }

  constructor(options: DnsServerOptions) {
    this.#options = options
  }

  get counters(): DnsCounters {
    return this.#counters
  }

  /** Listens on the address with both transports; port 0 takes any free one, the same for both. Resolves with the port. */
  async listen(address: string, port: number): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      const udp = await bindUdp(address, port)
      const taken = udp.address().port
      try {
        this.#tcp.push(await listenTcp(address, taken, (socket) => this.#serve(socket)))
      } catch (error) {
        udp.close()
        // The free UDP port may be in use for TCP.
        if (port !== 0 || attempt >= 10) throw error
        continue
      }
      udp.on('message', (query, from) => void this.#overUdp(udp, query, from))
      udp.on('error', (error) => this.#options.log.warn('the DNS socket failed', { error: error.message }))
      this.#udp.push(udp)
      return taken
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#udp) socket.close()
    for (const socket of this.#connections) socket.destroy()
    await Promise.all(this.#tcp.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
  }

  async #overUdp(socket: Datagrams, query: Buffer, from: { address: string; port: number }): Promise<void> {
    const answer = await this.#answer(query, 'udp')
    if (!answer) return
    try {
      socket.send(answer, from.port, from.address)
    } catch (error) {
      // The server closed meanwhile.
      this.#options.log.debug('a DNS answer could not be sent', { error: error instanceof Error ? error.message : String(error) })
    }
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket)
    let received: Buffer = Buffer.alloc(0)
    socket.setTimeout(idleTcpMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0)
        const query = received.subarray(2, end)
        received = received.subarray(end)
        void this.#answer(query, 'tcp').then((answer) => {
          if (answer && !socket.destroyed) socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]))
        })
      }
    })
  }

  async #answer(raw: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    if (raw.length < 12) return undefined
    let query: DecodedPacket
    try {
      query = packet.decode(raw)
    } catch {
      return failure(raw, codes.formatError)
    }
    // Never answers an answer: two servers could keep each other busy for ever.
    if (query.type === 'response') return undefined
    const question = query.questions?.[0]
    if (!question || query.questions!.length !== 1) return failure(raw, codes.formatError)
    if (((raw[2]! >> 3) & 15) !== 0) return failure(raw, codes.notImplemented)
    try {
      const { clock, timeoutMs } = this.#options
      const first = lookup(question.name, question.type, this.#options.snapshot, this.#options.zone)
      if (first.found === 'elsewhere') {
        this.#counters.forwarded++
        const answer = await forward(raw, transport, { resolvers: this.#options.resolvers, clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
        if (answer) return answer
        this.#counters.unanswered++
        return failure(raw, codes.serverFailure)
      }
      this.#counters.cluster++
      return this.#respond(query, question, transport, first)
    } catch (error) {
      this.#options.log.warn('a DNS question could not be answered', { name: question.name, type: question.type, error: error instanceof Error ? error.message : String(error) })
      return failure(raw, codes.serverFailure)
    }
  }

  async #respond(query: DecodedPacket, question: Question, transport: 'udp' | 'tcp', found: Exclude<ReturnType<typeof lookup>, { found: 'elsewhere' }>): Promise<Buffer> {
    const { zone } = this.#options
    const opt = (query.additionals ?? []).find((answer) => answer.type === 'OPT')
    const answers = found.found === 'records' ? [...this.#rotate(found.answers), ...(await this.#chase(question, found.answers))] : []
    const additionals = found.found === 'records' ? [...found.additionals] : []
    const authorities = found.found === 'records' ? [] : [soa(zone)]
    const reply = (truncated: boolean): Buffer =>
      packet.encode({
        type: 'response',
        id: query.id ?? 0,
        flags: packet.AUTHORITATIVE_ANSWER | packet.RECURSION_AVAILABLE | (query.flag_rd ? packet.RECURSION_DESIRED : 0)
          | (truncated ? packet.TRUNCATED_RESPONSE : 0) | (found.found === 'no-name' ? codes.noName : codes.ok),
        questions: [question],
        answers: truncated ? [] : answers,
        authorities,
        additionals: [...(truncated ? [] : additionals), ...(opt ? [extensions] : [])],
      })
    const whole = reply(false)
    const room = opt?.type === 'OPT' ? Math.min(Math.max(opt.udpPayloadSize, smallestUdp), largestUdp) : smallestUdp
    return transport === 'udp' && whole.length > room ? reply(true) : whole
  }

  /** Each answer begins with another address, so that clients that take the first spread too. */
  #rotate(answers: readonly Answer[]): Answer[] {
    if (answers.length < 2) return [...answers]
    const at = this.#turn++ % answers.length
    return [...answers.slice(at), ...answers.slice(0, at)]
  }

  /** Follows an ExternalName to the addresses that were asked for. */
  async #chase(question: Question, answers: readonly Answer[]): Promise<Answer[]> {
    const more: Answer[] = []
    let last = answers[0]
    for (let hop = 0; hop < longestChain && last?.type === 'CNAME' && question.type !== 'CNAME'; hop++) {
      const next = lookup(last.data, question.type, this.#options.snapshot, this.#options.zone)
      if (next.found === 'elsewhere') {
        const { clock, resolvers, timeoutMs } = this.#options
        const query = packet.encode({ type: 'query', id: 1 + (this.#turn++ % 65_535), flags: packet.RECURSION_DESIRED, questions: [{ type: question.type, name: last.data }] })
        const raw = await forward(query, 'udp', { resolvers, clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
        if (raw) more.push(...(packet.decode(raw).answers ?? []))
        return more
      }
      if (next.found !== 'records') return more
      more.push(...next.answers)
      last = next.answers[0]
    }
    return more
  }
}

/** The question back with an error code; of a question that cannot be read only its header. */
function failure(raw: Buffer, code: number): Buffer {
  const answer = Buffer.from(code === codes.formatError ? raw.subarray(0, 12) : raw)
  if (code === codes.formatError) answer.fill(0, 4)
  answer[2] = raw[2]! | 0x80
  answer[3] = 0x80 | code
  return answer
}

function bindUdp(address: string, port: number): Promise<Datagrams> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', reject)
    socket.bind(port, address, () => {
      socket.removeListener('error', reject)
      resolve(socket)
    })
  })
}

function listenTcp(address: string, port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection)
    server.once('error', reject)
    server.listen(port, address, () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
}
