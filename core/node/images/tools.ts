/**
 * The programs that the node image carries besides pause: nft (Services), sh (runs it), socat (port-forward), bridge (a Pod reaching
 * itself through its Service) and rm (clean-up of what containers wrote as root), with the shared libraries they need.
 * Found on this machine, or unpacked from Debian packages into the cache, which needs no root.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { TarEntry } from './tar.ts'

const run = promisify(execFile)

const programs = [
  { name: 'nft', package: 'nftables', needed: true },
  { name: 'socat', package: 'socat', needed: true },
  { name: 'bridge', package: 'iproute2', needed: false },
  { name: 'rm', package: 'coreutils', needed: false },
  { name: 'sh', package: 'dash', needed: true },
] as const
export type ToolName = (typeof programs)[number]['name']

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin']

export interface Tools {
  /** Where each program is on this machine. */
  paths: ReadonlyMap<ToolName, string>
  /** Where unpacked libraries are, for the loader's search. */
  libraries: readonly string[]
}

/** Looks on this machine, then in the cache; `download` allows apt-get to fill the cache. */
export async function findTools(cache: string, download: boolean): Promise<Tools> {
  const root = join(cache, 'tools')
  let tools = look(root)
  const missing = programs.filter((program) => program.needed && !tools.paths.has(program.name))
  if (missing.length > 0 && download && process.platform === 'linux') {
    await unpackPackages(root, missing.map((program) => program.package)).catch(() => {})
    tools = look(root)
  }
  return tools
}

function look(root: string): Tools {
  const paths = new Map<ToolName, string>()
  if (process.platform === 'linux')
    for (const { name } of programs) {
      const found = [...folders, ...folders.map((folder) => join(root, folder))].map((folder) => join(folder, name)).find((path) => existsSync(path))
      if (found) paths.set(name, found)
    }
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  return { paths, libraries: [join(root, 'usr/lib', triplet), join(root, 'lib', triplet)].filter((path) => existsSync(path)) }
}

async function unpackPackages(root: string, wanted: readonly string[]): Promise<void> {
  const downloads = join(dirname(root), 'packages')
  await mkdir(downloads, { recursive: true })
  await mkdir(root, { recursive: true })
  const only = ['--recurse', '--no-recommends', '--no-suggests', '--no-conflicts', '--no-breaks', '--no-replaces', '--no-enhances']
  const { stdout } = await run('apt-cache', ['depends', ...only, ...wanted])
  const closure = [...new Set(stdout.split('\n').filter((line) => /^[a-z0-9]/.test(line)))].filter((name) => name.startsWith('lib') || wanted.includes(name))
  await run('apt-get', ['download', ...closure], { cwd: downloads, timeout: 120_000 })
  for (const file of await readdir(downloads)) if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(downloads, file), root])
}

/** What changes when a tool changes; cheap enough for every start. */
export async function fingerprint(tools: Tools): Promise<string> {
  const parts: string[] = []
  for (const [name, path] of tools.paths) {
    const { size, mtimeMs } = await stat(path)
    parts.push(`${name}:${size}:${Math.floor(mtimeMs)}`)
  }
  return parts.join(' ')
}

/** The programs under /bin of the image, and their libraries and loader where the loader looks for them. */
export async function toolEntries(tools: Tools): Promise<TarEntry[]> {
  const files = new Map<string, string>()
  for (const [name, path] of tools.paths) {
    files.set(`bin/${name}`, path)
    for (const library of await librariesOf(path, tools.libraries)) {
      const unpacked = tools.libraries.find((folder) => library.startsWith(folder))
      // The loader's default search covers /usr/lib/<triplet>; the loader itself must stay where programs name it.
      const place = unpacked ? join('usr/lib', unpacked.split('/').at(-1) ?? '', library.slice(unpacked.length + 1)) : library.slice(1)
      files.set(place, library)
    }
  }
  const folders = new Set<string>()
  for (const file of files.keys()) for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder)
  const entries: TarEntry[] = [...folders].sort().map((path) => ({ path: `${path}/`, mode: 0o755, type: 'directory' }))
  for (const [path, source] of files) entries.push({ path, mode: 0o755, type: 'file', content: await readFile(source) })
  return entries
}

async function librariesOf(path: string, extra: readonly string[]): Promise<string[]> {
  const { stdout } = await run('ldd', [path], { env: { ...process.env, LD_LIBRARY_PATH: extra.join(':') } })
  const missing = stdout.split('\n').find((line) => line.includes('not found'))
  if (missing) throw new Error(`${path} lacks a library: ${missing.trim()}`)
  return stdout.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
}
