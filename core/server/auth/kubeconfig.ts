/**
 * The kubeconfig that Orrery writes for its users, and the entry it adds to their own: one cluster, one user and one
 * context, all of one name. Whatever else stands in that file, comments and order included, stays as it is.
 */
import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Document, YAMLMap, YAMLSeq } from 'yaml'
import type { Authority } from './authority.ts'

export interface KubeconfigEntry {
  readonly name: string
  readonly server: string
  readonly caPem: string
  readonly certificatePem: string
  readonly keyPem: string
}

export const adminEntry = (authority: Authority, name: string, server: string): KubeconfigEntry => ({
  name,
  server,
  caPem: authority.caPem,
  certificatePem: authority.admin.certificatePem,
  keyPem: authority.admin.keyPem,
})

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A whole file of its own. */
export const kubeconfigText = (entry: KubeconfigEntry): string => `apiVersion: v1
kind: Config
clusters:
- name: ${entry.name}
  cluster:
    certificate-authority-data: ${base64(entry.caPem)}
    server: ${entry.server}
contexts:
- name: ${entry.name}
  context:
    cluster: ${entry.name}
    user: ${entry.name}
current-context: ${entry.name}
users:
- name: ${entry.name}
  user:
    client-certificate-data: ${base64(entry.certificatePem)}
    client-key-data: ${base64(entry.keyPem)}
`

export async function writeKubeconfig(path: string, entry: KubeconfigEntry): Promise<void> {
  await replace(path, kubeconfigText(entry))
}

/** Adds or renews the entry in a user's own file. The current context is left alone; only a file made here gets one. */
export async function mergeKubeconfig(path: string, entry: KubeconfigEntry): Promise<void> {
  const before = await readText(path)
  const after = before === undefined || before.trim() === '' ? kubeconfigText(entry) : await mergedText(before, entry)
  if (after !== before) await replace(path, after)
}

/** Takes the entry out again. A file that is not there, or has no such entry, is not touched. */
export async function unmergeKubeconfig(path: string, name: string): Promise<void> {
  const before = await readText(path)
  if (before === undefined) return
  const after = await unmergedText(before, name)
  if (after !== before) await replace(path, after)
}

export async function mergedText(text: string, entry: KubeconfigEntry): Promise<string> {
  const document = await parse(text)
  const put = (list: string, field: string, value: Record<string, string>) => {
    const items = listOf(document, list)
    const found = items.items.find((item) => nameOf(item) === entry.name)
    if (found !== undefined) (found as YAMLMap).set(field, document.createNode(value))
    else items.add(document.createNode({ name: entry.name, [field]: value }))
  }
  put('clusters', 'cluster', { 'certificate-authority-data': base64(entry.caPem), server: entry.server })
  put('contexts', 'context', { cluster: entry.name, user: entry.name })
  put('users', 'user', { 'client-certificate-data': base64(entry.certificatePem), 'client-key-data': base64(entry.keyPem) })
  return print(document)
}

export async function unmergedText(text: string, name: string): Promise<string> {
  const document = await parse(text)
  let changed = false
  for (const list of ['clusters', 'contexts', 'users']) {
    const items = document.get(list) as YAMLSeq | null | undefined
    if (items?.items === undefined) continue
    const kept = items.items.filter((item) => nameOf(item) !== name)
    changed ||= kept.length !== items.items.length
    items.items = kept
  }
  if (changed && document.get('current-context') === name) document.set('current-context', '')
  return changed ? print(document) : text
}

async function parse(text: string): Promise<Document> {
  const { parseDocument, isMap } = await import('yaml')
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new Error(`the kubeconfig is not valid YAML and was left alone: ${document.errors[0]!.message}`)
  if (!isMap(document.contents)) throw new Error('the kubeconfig is not a mapping and was left alone')
  return document as Document
}

const print = (document: Document): string => document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false })

function listOf(document: Document, name: string): YAMLSeq {
  const found = document.get(name) as YAMLSeq | null | undefined
  if (found?.items !== undefined) {
    // An empty flow list ("[]") would make the new entry a one-line flow mapping.
    if (found.items.length === 0) found.flow = false
    return found
  }
  const made = document.createNode([]) as YAMLSeq
  document.set(name, made)
  return made
}

const nameOf = (item: unknown): unknown => (item as Partial<YAMLMap>).get?.('name')

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Written beside and renamed, so that nobody reads half a file; a link stays a link, and a mode stays stricter where it was. */
async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const target = await realpath(path).catch(() => path)
  const mode = await stat(target).then((s) => s.mode & 0o777, () => 0o600)
  const fresh = `${target}.orrery-new`
  await writeFile(fresh, text, { mode: 0o600 })
  await chmod(fresh, mode & 0o700)
  await rename(fresh, target)
}
