// `npm start`: sets up what is missing, then opens the desktop window, or starts headless and says in one line why.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { nodeFlags } from './node-flags.mjs'
import { electronBinary, ensureBuilt, ensureInstalled, hasDisplay, node24, root } from './setup.mjs'

const startedMs = performance.timeOrigin
const args = process.argv.slice(2)
const wantsHeadless = args.some((arg) => ['--headless', '--purge', '--help', '--version'].includes(arg))

ensureInstalled()
ensureBuilt()

let command = node24
let commandArgs = [...nodeFlags(args), join(root, 'dist/core/headless.js'), ...args]
if (!wantsHeadless) {
  const electron = hasDisplay() ? await electronBinary() : undefined
  if (electron) {
    command = electron
    // Chromium's sandbox refuses to run as root; everywhere else it stays on.
    commandArgs = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root, ...args]
  } else {
    const why = hasDisplay() ? 'the Electron binary could not be downloaded' : 'there is no display'
    process.stderr.write(`orrery: no desktop window because ${why}; starting headless, open the ui address below in a browser\n`)
  }
}

const child = spawn(command, commandArgs, { cwd: process.cwd(), stdio: 'inherit', env: { ...process.env, ORRERY_STARTED_MS: String(startedMs) } })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
child.on('error', (error) => {
  process.stderr.write(`orrery: could not start ${command}: ${error.message}\n`)
  process.exit(1)
})
