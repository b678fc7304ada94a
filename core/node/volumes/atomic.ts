/**
 * Writes a set of files so that readers see the old set or the new one, never a mixture: a new folder, then one rename of
 * the `..data` link (upstream: pkg/volume/util/atomic_writer.go).
 */
import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ContentFile {
  content: Uint8Array
  mode: number
  /** Whose the file is; where it cannot be given away it stays readable for all. */
  user?: number
}
export type Content = ReadonlyMap<string, ContentFile>

/** Returns whether anything was written. */
export async function writeContent(folder: string, content: Content, group: number | undefined): Promise<boolean> {
  const digest = digestOf(content, group)
  const mark = `${folder}.digest`
  if ((await readFile(mark, 'utf8').catch(() => '')) === digest) return false
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  const name = `..${new Date().toISOString().replaceAll(/[-:TZ.]/g, '_')}${randomBytes(4).toString('hex')}`
  const fresh = join(folder, name)
  await mkdir(fresh)
  await chmod(fresh, 0o755)
  for (const [path, file] of content) {
    const target = join(fresh, path)
    if (dirname(path) !== '.') await mkdir(dirname(target), { recursive: true })
    await writeFile(target, file.content)
    await chmod(target, group === undefined ? file.mode : file.mode | 0o440)
    if (group !== undefined || file.user !== undefined) await chown(target, file.user ?? process.getuid?.() ?? 0, group ?? process.getgid?.() ?? 0).catch(() => (file.user === undefined ? undefined : chmod(target, 0o644)))
  }
  const data = join(folder, '..data')
  const before = await readlink(data).catch(() => undefined)
  await rm(`${data}_tmp`, { force: true })
  await symlink(name, `${data}_tmp`)
  await rename(`${data}_tmp`, data)

  const wanted = new Set([...content.keys()].map((path) => path.split('/')[0]!))
  const present = new Set(await readdir(folder))
  for (const entry of wanted) if (!present.has(entry)) await symlink(join('..data', entry), join(folder, entry))
  for (const entry of present) if (!entry.startsWith('..') && !wanted.has(entry)) await rm(join(folder, entry), { force: true })
  if (before !== undefined && before !== name) await rm(join(folder, before), { recursive: true, force: true })
  await writeFile(mark, digest)
  return true
}

function digestOf(content: Content, group: number | undefined): string {
  const hash = createHash('sha256').update(String(group))
  for (const [path, file] of [...content].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`\0${path}\0${file.mode}\0${file.user ?? ''}\0${file.content.length}\0`).update(file.content)
  return hash.digest('hex')
}
