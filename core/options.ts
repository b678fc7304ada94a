/** The command line and environment, a contract that scripts rely on. Bad input gives a UsageError that says what to write instead. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface NodesOption {
  runtime: 'docker' | 'simulated'
  count: number
}

export interface Options {
  headless: boolean
  home: string
  /** The per-OS default home: only then is the user's own kubeconfig touched. */
  isDefaultHome: boolean
  /** Undefined: docker where an engine answers, otherwise three simulated nodes. */
  nodes: NodesOption | undefined
  /** Undefined: the default, or the next free one. 0: any free one. */
  apiPort: number | undefined
  uiPort: number | undefined
  /** Where Ingresses are served. Undefined: 80, or from 8080 on the next free one. 0: any free one. */
  ingressPort: number | undefined
  listen: string
  purge: boolean
  yes: boolean
  /** YAML files or orrery:// addresses handed over by the desktop. */
  open: string[]
}

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const usage = `npm start -- [flags]

  --headless                    no window; prints the address to open in a browser
  --home DIR                    where the cluster lives (or ORRERY_HOME)
  --nodes docker[:N]            N logical nodes on the Docker engine (default: docker:1 where one answers)
  --nodes simulated:N           N simulated nodes, no containers
  --api-port N                  API server's port (default 6443 or the next free one; 0: any free one)
  --ui-port N                   the window's port in a browser (default 6480 or the next free one; 0: any free one)
  --ingress-port N              where Ingresses are served (default 80, or from 8080 on the next free one; 0: any free one)
  --listen ADDR                 address to listen on (default 127.0.0.1)
  --purge --yes                 removes all that this home's cluster made on the engine, then its data
`

const maxNodes = { docker: 20, simulated: 5_000 }

function defaultHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Orrery')
  if (process.platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData/Roaming'), 'Orrery')
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'orrery')
}

function parsePort(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || text.trim() === '') throw new UsageError(`${flag} ${text}: must be a port from 0 to 65535 (0: any free one)`)
  return port
}

function parseNodes(text: string | undefined): NodesOption | undefined {
  if (text === undefined) return undefined
  const match = /^(docker|simulated)(?::(\d+))?$/.exec(text)
  if (!match) throw new UsageError(`--nodes ${text}: must be docker, docker:N or simulated:N, for example --nodes docker:2`)
  const runtime = match[1] as NodesOption['runtime']
  const count = match[2] === undefined ? 1 : Number(match[2])
  if (count < 1 || count > maxNodes[runtime]) throw new UsageError(`--nodes ${text}: N must be from 1 to ${maxNodes[runtime]}`)
  return { runtime, count }
}

export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  let parsed
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        headless: { type: 'boolean' },
        home: { type: 'string' },
        nodes: { type: 'string' },
        'api-port': { type: 'string' },
        'ui-port': { type: 'string' },
        'ingress-port': { type: 'string' },
        listen: { type: 'string' },
        purge: { type: 'boolean' },
        yes: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
  const { values, positionals } = parsed
  const named = values.home ?? (env['ORRERY_HOME'] || undefined)
  if (named === '') throw new UsageError('--home: must name a folder')
  return {
    headless: values.headless ?? false,
    home: resolve(named ?? defaultHome(env)),
    isDefaultHome: named === undefined,
    nodes: parseNodes(values.nodes),
    apiPort: parsePort('--api-port', values['api-port']),
    uiPort: parsePort('--ui-port', values['ui-port']),
    ingressPort: parsePort('--ingress-port', values['ingress-port']),
    listen: values.listen ?? '127.0.0.1',
    purge: values.purge ?? false,
    yes: values.yes ?? false,
    open: positionals,
  }
}
