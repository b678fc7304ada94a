// What `npm start` and `npm test` share: bring a fresh clone to the point where it runs, and skip what is done.
// Runs on the distribution's own Node (20 or newer) before anything is installed, so it is plain JavaScript without
// dependencies.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Node 24 from the npm package `node`: the product needs it, distributions ship older ones. */
export const node24 = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

const stampOf = (name) => join(root, 'node_modules', `.orrery-${name}`)
const sources = ['core', 'electron', 'renderer', 'package-lock.json', 'tsconfig.json']

/** A digest of names, sizes and times: cheap enough for every start, and any edit changes it. */
function fingerprint(paths) {
  const hash = createHash('sha256')
  const visit = (path) => {
    const info = statSync(path)
    if (info.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
    else hash.update(`${relative(root, path)} ${info.size} ${info.mtimeMs}\n`)
  }
  for (const path of paths) visit(join(root, path))
  return hash.digest('hex')
}

const isStamped = (name, value) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === value

/** Runs a command, its output on stderr so that stdout stays the contract's one line. Exits with it when it fails. */
function step(say, command, args, env = {}) {
  const started = Date.now()
  process.stderr.write(`orrery: ${say} …\n`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env }, shell: process.platform === 'win32' })
  if (error || status !== 0) {
    process.stderr.write(`orrery: ${say}: failed${error ? ` (${error.message})` : ''}. The lines above say why; run the same command again after mending it.\n`)
    process.exit(1)
  }
  process.stderr.write(`orrery: ${say}: done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

export function ensureInstalled() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
  if (isStamped('installed', lock) && existsSync(node24)) return
  // `npm ci` empties the folder first. Through a link that is somebody else's folder.
  const modules = join(root, 'node_modules')
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(`orrery: ${modules} is a link, and what it leads to was installed for another package-lock.json. Installing would empty that folder: remove the link and run the same command again.\n`)
    process.exit(1)
  }
  // Electron's own download is asked for separately, with a time limit and only where a window can open.
  step('installing packages (first start only)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { ELECTRON_SKIP_BINARY_DOWNLOAD: '1' })
  writeFileSync(stampOf('installed'), lock)
}

export function ensureBuilt() {
  const now = fingerprint(sources)
  if (isStamped('built', now) && existsSync(join(root, 'dist/core/headless.js'))) return
  rmSync(stampOf('built'), { force: true })
  step('building', node24, ['electron/build.mjs'])
  writeFileSync(stampOf('built'), now)
}

/** The Electron binary where one can be had: an override, an installed one, or a download of at most two minutes. */
export async function electronBinary() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron'
  if (override) return existsSync(join(override, name)) ? join(override, name) : undefined
  const installed = join(root, 'node_modules/electron/dist', name)
  if (existsSync(installed)) return installed
  const failed = stampOf('electron-unavailable')
  // A machine that could not download it is asked again after a day, not at each start.
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < 24 * 3600_000) return undefined
  process.stderr.write('orrery: downloading Electron for the desktop window (once) …\n')
  const ok = await new Promise((resolve) => {
    const child = spawn(node24, ['node_modules/electron/install.js'], { cwd: root, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill(), 120_000)
    child.on('exit', (code) => (clearTimeout(timer), resolve(code === 0)))
    child.on('error', () => resolve(false))
  })
  if (ok && existsSync(installed)) return installed
  mkdirSync(dirname(failed), { recursive: true })
  writeFileSync(failed, '')
  return undefined
}

export const hasDisplay = () => process.platform === 'darwin' || process.platform === 'win32' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
