/** What the desktop hands over: YAML files, and orrery://review?file=… addresses. Everything is only opened for review; nothing is applied. */
import { readFileSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import type { ShellEvent } from './contract.ts'

const manifest = new Set(['.yaml', '.yml', '.json'])
const maxBytes = 3 * 1024 * 1024
const places = new Set(['graph', 'machines', 'logs', 'changes', 'objects'])

/** The first argument that is one of ours; flags and others are passed over. */
export function readHandover(args: readonly string[]): ShellEvent | undefined {
  for (const arg of args) {
    if (arg.startsWith('orrery://')) return readAddress(arg)
    if (manifest.has(extname(arg).toLowerCase())) return readManifest(arg)
  }
  return undefined
}

function readAddress(text: string): ShellEvent | undefined {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return undefined
  }
  // An address may come from any web page: it may show a place, never name a file of this machine.
  return places.has(url.hostname) ? { go: url.hostname as 'graph' | 'machines' | 'logs' | 'changes' | 'objects' } : undefined
}

function readManifest(path: string): ShellEvent | undefined {
  try {
    if (statSync(path).size > maxBytes) return { review: { name: basename(path), yaml: '', problem: `${basename(path)} is larger than 3 MiB` } }
    return { review: { name: basename(path), yaml: readFileSync(path, 'utf8') } }
  } catch (error) {
    return { review: { name: basename(path), yaml: '', problem: error instanceof Error ? error.message : String(error) } }
  }
}
