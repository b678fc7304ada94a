/**
 * A scenario is data: what is asked of a cluster, one request after the other, each given time to come to rest. Files in
 * scenarios/ hold several; keys that start with `.` are pieces for their anchors. `$NS` stands for the namespace.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

type Fields = Record<string, unknown>

export interface Step {
  /** Objects to create. A refusal is part of the outcome, as it is of every request. */
  create?: (Fields & { kind: string; metadata: Fields & { name?: string } })[]
  /** `Kind/name`, with a merge patch. */
  patch?: string
  with?: Fields
  sub?: string
  scale?: string
  to?: number
  delete?: string
  propagation?: 'Foreground' | 'Background' | 'Orphan'
  grace?: number
  /** A Pod's name. */
  evict?: string
  /** Some of the namespace's Pods by their labels, in the order of their names: asked to have a status, or deleted. */
  pods?: { labels?: Record<string, string>; from?: number; take?: number; status?: Fields; metadata?: Fields; delete?: true; evict?: true }
  /** Of the cluster's nodes in the order of their names, from 1: a merge patch, or what it has of an extended resource. */
  node?: number
  extend?: number
  /** Waits (up to half a minute) until the object has these fields, or (`has: gone`) is no more. */
  until?: string
  has?: Fields | 'gone'
  /** Goes on without waiting for rest. */
  atOnce?: boolean
}

export interface Allowed {
  /** A pattern of the lines that may differ. */
  lines: string
  why: string
}

export interface Scenario {
  name: string
  about: string
  steps: Step[]
  /** Pods made and gone: `runs` (unless told): what follows on each other in the same direction is not told in order; `strict`: it is; `none`: not compared. */
  order: 'runs' | 'strict' | 'none'
  /** Nodes by their number in the outcome, for what is about nodes. */
  namesNodes: boolean
  /** The namespace's own ServiceAccount and ConfigMap belong to the outcome. */
  keepsDefaults: boolean
  /** Plays after the others: it changes nodes. */
  onItsOwn: boolean
  allowed: Allowed[]
}

export function readScenarios(): Scenario[] {
  const folder = new URL('./scenarios/', import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const all = parse(readFileSync(new URL(file, folder), 'utf8'), { merge: true }) as Record<string, Partial<Scenario> & { about: string; steps: Step[] }>
      return Object.entries(all)
        .filter(([name]) => !name.startsWith('.'))
        .map(([name, scenario]) => ({ order: 'runs' as const, namesNodes: false, keepsDefaults: false, onItsOwn: false, allowed: [], ...scenario, name }))
    })
}
