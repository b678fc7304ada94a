/** The entry without a window: starts the cluster and serves the window to a browser. `--purge` is handled here too. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCluster } from './cluster.ts'
import { HomeInUse } from './home.ts'
import { parseOptions, usage, UsageError, type Options } from './options.ts'
import { PortTaken } from './base/port-taken.ts'
import { purge } from './purge.ts'
import { stderrLogger } from './stderr-log.ts'
import { serveBrowser } from './window/serve-browser.ts'

const startedMs = Number(process.env['ORRERY_STARTED_MS'] ?? performance.timeOrigin)
/** A stop that hangs must not keep a terminal: what is acknowledged is on disk already. */
const stopWithinMs = 1_900
const log = stderrLogger()

/** The built window, beside dist/core where this file is bundled. */
const windowFolder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'renderer')

async function run(options: Options): Promise<void> {
  const cluster = await startCluster(options, { log, docs: new URL('../docs.json', import.meta.url) })
  const web = await serveBrowser({ folder: windowFolder, cluster, host: options.listen, port: options.uiPort, log })
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(0), stopWithinMs).unref()
    void web
      .close()
      .then(() => cluster.close({ stopPods: false }))
      .catch((error: unknown) => log.error('stopping failed', { error: String(error) }))
      .then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Last, because whoever reads it may send a signal at once.
  process.stdout.write(`orrery ready in ${((Date.now() - startedMs) / 1000).toFixed(2)} s  api ${cluster.api}  ui ${web.url}  kubeconfig ${cluster.kubeconfig}\n`)
}

const args = process.argv.slice(2)
try {
  if (args.includes('--help')) process.stdout.write(usage)
  else {
    const options = parseOptions(args, process.env)
    if (options.purge) {
      if (!options.yes) throw new UsageError(`--purge removes the cluster in ${options.home} and everything it made on the engine. Say so with --purge --yes.`)
      process.stdout.write(`${await purge(options, log)}\n`)
    } else await run(options)
  }
} catch (error) {
  process.stderr.write(`orrery: ${error instanceof Error ? error.message : String(error)}\n`)
  const expected = error instanceof HomeInUse || error instanceof PortTaken || error instanceof UsageError
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
