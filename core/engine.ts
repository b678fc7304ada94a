/** Which engine a cluster runs on: the one asked for, otherwise Docker where one answers, otherwise simulated nodes with the reason why. */
import { request } from 'node:http'
import { findEngine } from './node/runtime/docker/connection.ts'
import type { NodesOption } from './options.ts'

export type EngineChoice =
  | { kind: 'docker'; host: string; count: number }
  | { kind: 'simulated'; count: number; /** Why not Docker, where it was not asked for. */ why?: string; lookedFor: readonly string[] }

const pingWithinMs = 1_500
const simulatedByDefault = 3

export async function chooseEngine(asked: NodesOption | undefined, env: NodeJS.ProcessEnv): Promise<EngineChoice> {
  if (asked?.runtime === 'simulated') return { kind: 'simulated', count: asked.count, lookedFor: [] }
  const { host, lookedFor } = findEngine(env)
  // Asked for by name, an engine that is away now is waited for.
  if (asked) return { kind: 'docker', host: host ?? lookedFor[0] ?? 'unix:///var/run/docker.sock', count: asked.count }
  if (host === undefined) return { kind: 'simulated', count: simulatedByDefault, why: 'no Docker engine was found on this machine', lookedFor }
  if (!(await answers(host))) return { kind: 'simulated', count: simulatedByDefault, why: `the Docker engine at ${host} does not answer`, lookedFor }
  return { kind: 'docker', host, count: 1 }
}

function answers(host: string): Promise<boolean> {
  const url = new URL(host)
  const where = url.protocol === 'unix:' ? { socketPath: url.pathname } : url.protocol === 'npipe:' ? { socketPath: host.slice('npipe://'.length) } : { host: url.hostname, port: Number(url.port || 2375) }
  return new Promise((resolve) => {
    const call = request({ ...where, path: '/_ping', timeout: pingWithinMs }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve(false))
    call.end()
  })
}

export const nodeNames = (choice: EngineChoice, machine: string): string[] => {
  if (choice.kind === 'simulated') return Array.from({ length: choice.count }, (_, i) => `sim-${i + 1}`)
  // A node's name is a DNS label of at most 63 characters; the machine's own may be anything.
  const base = machine.toLowerCase().replace(/\..*$/, '').replace(/[^a-z0-9-]/g, '-').replace(/^-+|-+$/g, '').slice(0, 50) || 'machine'
  return choice.count === 1 ? [base] : Array.from({ length: choice.count }, (_, i) => `${base}-${i + 1}`)
}
