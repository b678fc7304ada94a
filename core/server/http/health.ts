/** /healthz, /livez and /readyz (upstream: apiserver/pkg/server/healthz). */
import type { Exchange } from './exchange.ts'
import { queryOf } from './options.ts'
import type { StaticPaths } from './static-paths.ts'

export interface HealthCheck {
  readonly name: string
  /** Counts only for readiness: a server that is starting lives, but is not ready. */
  readonly onlyReady?: boolean
  /** Throws, or rejects, with the reason. */
  check(): void | Promise<void>
}

const ping: HealthCheck = { name: 'ping', check: () => {} }

export function addHealth(paths: StaticPaths, checks: readonly HealthCheck[]): void {
  for (const door of ['healthz', 'livez', 'readyz']) {
    const mine = [ping, ...checks.filter((c) => door === 'readyz' || c.onlyReady !== true)]
    paths.add(`/${door}`, (exchange) => serve(exchange, door, mine), true)
    for (const check of mine) paths.add(`/${door}/${check.name}`, (exchange) => serve(exchange, door, [check]), true)
  }
}

async function serve(exchange: Exchange, door: string, checks: readonly HealthCheck[]): Promise<void> {
  const query = queryOf(exchange)
  const excluded = new Set(query.getAll('exclude'))
  let failed = false
  let lines = ''
  for (const check of checks) {
    if (excluded.has(check.name)) {
      lines += `[+]${check.name} excluded: ok\n`
      continue
    }
    try {
      await check.check()
      lines += `[+]${check.name} ok\n`
    } catch {
      failed = true
      lines += `[-]${check.name} failed: reason withheld\n`
    }
  }
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  if (failed) exchange.send(500, headers, `${lines}${door} check failed\n`)
  else exchange.send(200, headers, query.has('verbose') ? `${lines}${door} check passed\n` : 'ok')
}
