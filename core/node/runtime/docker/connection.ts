/**
 * The one connection to a Docker engine: where it is, kept-alive sockets, and errors in the runtime's own codes.
 * The client library is loaded at first use, because loading it costs more than most of a start.
 */
import type Docker from 'dockerode'
import { existsSync } from 'node:fs'
import { Agent } from 'node:http'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { RuntimeError, type RuntimeErrorCode } from '../../runtime.ts'

export interface EngineSearch {
  host: string | undefined
  lookedFor: readonly string[]
}

/** DOCKER_HOST where set, else the sockets that Docker's packages make. */
export function findEngine(env: Readonly<Record<string, string | undefined>>): EngineSearch {
  const given = env['DOCKER_HOST']
  if (given) return { host: given, lookedFor: [given] }
  const runtimeDir = env['XDG_RUNTIME_DIR']
  const sockets = ['/var/run/docker.sock', join(homedir(), '.docker/run/docker.sock'), ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : [])]
  const found = sockets.find((path) => existsSync(path))
  return { host: found && `unix://${found}`, lookedFor: sockets.map((path) => `unix://${path}`) }
}

const unreachable = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'UND_ERR_SOCKET'])

/** What the library throws: an HTTP status with the engine's message, or a system error. */
export function asRuntimeError(error: unknown, otherwise: RuntimeErrorCode = 'Refused'): RuntimeError {
  if (error instanceof RuntimeError) return error
  const { statusCode, code, json, message } = error as { statusCode?: number; code?: string; json?: { message?: string } | string; message?: string }
  const whole = (typeof json === 'object' ? json?.message : undefined) ?? message ?? String(error)
  // The library puts its own words before the engine's; where the engine said nothing, they are all there is.
  const said = whole.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim() || whole
  if (code !== undefined && unreachable.has(code)) return new RuntimeError('EngineUnreachable', said)
  if (statusCode === undefined && /socket hang up|aborted/.test(said)) return new RuntimeError('EngineUnreachable', said)
  if (statusCode === 404) return new RuntimeError('NotFound', said)
  if (statusCode === 409) return new RuntimeError('Conflict', said)
  return new RuntimeError(otherwise, said)
}

/**
 * The library prints the options of every request in full depth, even where nobody reads it, and the agent among them with
 * all its sockets and their buffers: with many Pods that took most of the process's time. So the agent prints as a word.
 */
export class EngineAgent extends Agent {
  [inspect.custom](): string {
    return 'EngineAgent'
  }
}

export class Connection {
  readonly host: string
  readonly #agent = new EngineAgent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8 })
  #docker: Promise<Docker> | undefined

  constructor(host: string) {
    this.host = host
  }

  docker(): Promise<Docker> {
    this.#docker ??= this.#load()
    return this.#docker
  }

  /** Runs one call and turns what it throws into a RuntimeError. */
  async call<T>(ask: (docker: Docker) => Promise<T>, otherwise?: RuntimeErrorCode): Promise<T> {
    const docker = await this.docker()
    try {
      return await ask(docker)
    } catch (error) {
      throw asRuntimeError(error, otherwise)
    }
  }

  /** A GET whose body is a stream, which the library's own methods buffer or mangle. */
  async stream(path: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<NodeJS.ReadableStream> {
    const docker = await this.docker()
    return new Promise((resolve, reject) => {
      const options = { path: `${path}?`, method: 'GET', options: { ...query }, isStream: true, ...(signal ? { abortSignal: signal } : {}), statusCodes: { 200: true, 404: 'no such container', 500: 'server error' } }
      docker.modem.dial(options, (error: unknown, result: unknown) => (error ? reject(asRuntimeError(error)) : resolve(result as NodeJS.ReadableStream)))
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  async #load(): Promise<Docker> {
    const { default: Client } = await import('dockerode')
    const url = new URL(this.host)
    const agent = { agent: this.#agent }
    if (url.protocol === 'unix:') return new Client({ socketPath: url.pathname, ...agent } as Docker.DockerOptions)
    if (url.protocol === 'npipe:') return new Client({ socketPath: this.host.slice('npipe://'.length), ...agent } as Docker.DockerOptions)
    return new Client({ host: url.hostname, port: Number(url.port || 2375), protocol: 'http', ...agent } as Docker.DockerOptions)
  }
}
