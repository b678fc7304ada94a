/**
 * One run of a probe's or hook's action: HTTP, TCP, gRPC or a command. Outputs are upstream's texts (pkg/probe); `say` is for people.
 * Connections go through the injected dialer, because a Pod's address may not be reachable from this process.
 */
import { request as httpRequest } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as tlsConnect } from 'node:tls'
import type { Duplex } from 'node:stream'
import type { Container, HTTPGetAction, LifecycleHandler, Probe } from '../../api/types/core.ts'
import type { Runtime } from '../runtime.ts'

/** Hooks cannot speak gRPC, probes cannot sleep. */
type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

/** Opens a TCP connection to a Pod's port; rejects with a system error (ECONNREFUSED …) or after the timeout. */
export type Dialer = (target: { ip: string; sandbox: string; port: number }, timeoutMs: number) => Promise<Duplex>

export interface HandlerContext {
  runtime: Runtime
  dial: Dialer
  podIP: string
  sandbox: string
  containerId: string
  container: Container
  timeoutMs: number
  userAgent: string
}

export interface Outcome {
  ok: boolean
  output: string
  say: string
}

const bodyLimit = 10 * 1024

export async function runHandler(handler: Handler, context: HandlerContext): Promise<Outcome> {
  if (handler.exec) return runExec(handler.exec.command ?? [], context)
  if (handler.httpGet) return runHttp(handler.httpGet, context)
  if (handler.tcpSocket) return runTcp(portNumber(handler.tcpSocket.port, context.container), handler.tcpSocket.host, context)
  if (handler.grpc) return runGrpc(handler.grpc.port, handler.grpc.service ?? '', context)
  return { ok: true, output: '', say: 'nothing to check' }
}

export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  const number = named?.containerPort ?? Number(port)
  if (!Number.isInteger(number) || number <= 0) throw new Error(`couldn't find port: "${port}"`)
  return number
}

async function runExec(command: readonly string[], { runtime, containerId, timeoutMs }: HandlerContext): Promise<Outcome> {
  const text = command.join(' ')
  const { exitCode, output, timedOut } = await runtime.run(containerId, command, timeoutMs)
  if (timedOut) return { ok: false, output: `command timed out: "${text}" timed out after ${timeoutMs / 1000}s`, say: `${command[0] ?? 'the command'} did not end within ${timeoutMs / 1000} s` }
  return { ok: exitCode === 0, output, say: `${command[0] ?? 'the command'} ended with exit code ${exitCode}` }
}

function dialError(error: unknown, address: string): string {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ECONNREFUSED' || /refused/i.test(message ?? '')) return `dial tcp ${address}: connect: connection refused`
  if (code === 'EHOSTUNREACH') return `dial tcp ${address}: connect: no route to host`
  if (code === 'ETIMEDOUT') return `dial tcp ${address}: i/o timeout`
  return `dial tcp ${address}: ${message ?? String(error)}`
}

async function runTcp(port: number, host: string | undefined, context: HandlerContext): Promise<Outcome> {
  const address = `${host ?? context.podIP}:${port}`
  try {
    const socket = await context.dial({ ip: host ?? context.podIP, sandbox: context.sandbox, port }, context.timeoutMs)
    socket.destroy()
    return { ok: true, output: '', say: `port ${port} accepts connections` }
  } catch (error) {
    return { ok: false, output: dialError(error, address), say: `port ${port} does not accept connections` }
  }
}

async function runHttp(get: HTTPGetAction, context: HandlerContext): Promise<Outcome> {
  const port = portNumber(get.port, context.container)
  const host = get.host || context.podIP
  const secure = get.scheme === 'HTTPS'
  const path = get.path ? (get.path.startsWith('/') ? get.path : `/${get.path}`) : '/'
  const url = `${secure ? 'https' : 'http'}://${host}:${port}${path}`
  const named = `GET ${path} on port ${port}`
  const deadline = Date.now() + context.timeoutMs
  let socket: Duplex
  try {
    socket = await context.dial({ ip: host, sandbox: context.sandbox, port }, context.timeoutMs)
  } catch (error) {
    const late = (error as { code?: string }).code === 'ETIMEDOUT'
    return { ok: false, output: `Get "${url}": ${late ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : dialError(error, `${host}:${port}`)}`, say: `${named}: ${late ? 'no answer in time' : 'connection refused'}` }
  }
  const headers: Record<string, string> = { host: `${host}:${port}`, 'user-agent': context.userAgent, accept: '*/*', connection: 'close' }
  for (const { name, value } of get.httpHeaders ?? []) headers[name.toLowerCase()] = value
  return new Promise((resolve) => {
    const finish = (outcome: Outcome) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const late = () => finish({ ok: false, output: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`, say: `${named}: no answer within ${context.timeoutMs / 1000} s` })
    const timer = setTimeout(late, Math.max(1, deadline - Date.now()))
    const send = secure ? httpsRequest : httpRequest
    // No agent: an agent would open a connection of its own.
    const options = { method: 'GET', path, headers, createConnection: () => (secure ? tlsConnect({ socket, rejectUnauthorized: false }) : socket) }
    const sent = send(options, (response) => {
      const status = response.statusCode ?? 0
      let body = ''
      response.on('data', (chunk: Buffer) => {
        if (body.length < bodyLimit) body += chunk.toString('utf8')
      })
      response.on('error', () => {})
      const answered = () => {
        const ok = status >= 200 && status < 400
        finish({ ok, output: ok ? body.slice(0, bodyLimit) : `HTTP probe failed with statuscode: ${status}`, say: `${named} answered ${status}` })
      }
      response.on('end', answered)
      response.on('close', answered)
    })
    sent.on('error', (error) => finish({ ok: false, output: `Get "${url}": ${error.message}`, say: `${named}: ${error.message}` }))
    sent.end()
  })
}

/** grpc.health.v1.Health/Check, the one message written by hand: field 1 of the question is the service, of the answer the status. */
async function runGrpc(port: number, service: string, context: HandlerContext): Promise<Outcome> {
  const named = `gRPC health check on port ${port}`
  const failed = (say: string): Outcome => ({ ok: false, output: say, say: `${named}: ${say}` })
  let socket: Duplex
  try {
    socket = await context.dial({ ip: context.podIP, sandbox: context.sandbox, port }, context.timeoutMs)
  } catch {
    return failed(`timeout: failed to connect service "${context.podIP}:${port}" within ${context.timeoutMs / 1000}s`)
  }
  return new Promise((resolve) => {
    const session = http2Connect(`http://${context.podIP}:${port}`, { createConnection: () => socket })
    const finish = (outcome: Outcome) => {
      clearTimeout(timer)
      session.destroy()
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => finish(failed(`timeout: health rpc did not complete within ${context.timeoutMs / 1000}s`)), context.timeoutMs)
    session.on('error', (error: Error) => finish(failed(error.message)))
    const name = Buffer.from(service)
    const message = service === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name])
    const head = Buffer.alloc(5)
    head.writeUInt32BE(message.length, 1)
    const stream = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers', 'user-agent': context.userAgent })
    const chunks: Buffer[] = []
    let grpcStatus = ''
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('response', (headers) => (grpcStatus = String(headers['grpc-status'] ?? grpcStatus)))
    stream.on('trailers', (headers) => (grpcStatus = String(headers['grpc-status'] ?? grpcStatus)))
    stream.on('error', (error: Error) => finish(failed(error.message)))
    stream.on('end', () => {
      const answer = Buffer.concat(chunks).subarray(5)
      const serving = answer[0] === 0x08 && answer[1] === 1
      if (grpcStatus !== '' && grpcStatus !== '0') finish(failed(`error: this server does not answer the grpc health protocol (status ${grpcStatus})`))
      else if (!serving) finish(failed('service unhealthy (responded with "NOT_SERVING")'))
      else finish({ ok: true, output: 'service healthy', say: `${named} answered SERVING` })
    })
    stream.end(Buffer.concat([head, message]))
  })
}
