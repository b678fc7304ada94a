/**
 * What a text would change: each document is tried on the server (dry run, strict), and told field by field with what it
 * costs. Nothing is written.
 */
import type { LineCounter } from 'yaml'
import type { FieldChange, Review, ReviewedDocument, SchemaModel } from '../../../electron/contract.ts'
import { refOf, type KubeObject } from '../../api/meta.ts'
import { ApiError, isNotFound } from '../../api/status.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import type { Client } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { tellingChanges } from '../journal/say-change.ts'
import { parseManifests, type Manifest, type Namespaced } from './manifests.ts'
import { problemsOf } from './problems.ts'

export interface ReviewDeps {
  client: Client
  snapshot(): Snapshot
  /** Fields of each model of a kind, to find what a misspelt one was meant to be. */
  schema(apiVersion: string, kind: string): Promise<SchemaModel>
  namespaced: Namespaced
}

/** One window writes everything under one name, so that the next apply knows which fields were its own. */
export const fieldManager = 'orrery-window'
async function reviewOne(entry: Manifest, deps: ReviewDeps, lines: LineCounter, made: ReadonlySet<string>): Promise<ReviewedDocument> {
  const { index, fromLine, toLine, object, problems } = entry
  const base = { index, fromLine, toLine, changes: [] as FieldChange[], problems }
  if (!object || problems.some((problem) => problem.severity === 'error')) {
    return { ...base, action: 'invalid', ...(object ? { ref: refOf(object), apiVersion: object.apiVersion } : {}) }
  }
  const ref = refOf(object)
  const current = deps.snapshot().get(ref.kind, ref.namespace, ref.name)
  const missingNamespace = ref.namespace !== undefined && made.has(ref.namespace) && !deps.snapshot().get('Namespace', undefined, ref.namespace)
  if (missingNamespace) {
    problems.push({ severity: 'warning', message: `checked when namespace ${ref.namespace} exists`, help: 'The same text creates it first.' })
    return { ...base, ref, apiVersion: object.apiVersion, action: 'create' }
  }
  try {
    const after = await deps.client.patch<KubeObject>(ref, { type: 'apply', body: object, force: true }, { dryRun: true, fieldManager })
    const changes = current ? tellingChanges(fieldDiff(current, after)).filter((change) => !change.path.startsWith('status')) : []
    const action = current ? (changes.length === 0 ? 'same' : 'change') : 'create'
    const cost = costOf(action, changes, current)
    return { ...base, ref, apiVersion: object.apiVersion, action, changes, ...(cost === undefined ? {} : { cost }) }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const schema = await deps.schema(object.apiVersion, object.kind).catch(() => undefined)
    problems.push(...problemsOf(error, entry, lines, schema))
    if (isNotFound(error) && ref.namespace !== undefined) problems[problems.length - 1]!.help = `Create the namespace first: kubectl create namespace ${ref.namespace}, or choose another.`
    return { ...base, ref, apiVersion: object.apiVersion, action: 'invalid' }
  }
}

const replaces: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** What applying a change does to what runs, in words. */
function costOf(action: string, changes: readonly FieldChange[], current: KubeObject | undefined): string | undefined {
  if (action !== 'change' || !current) return undefined
  if (replaces.has(current.kind) && changes.some((change) => change.path.startsWith('spec.template.'))) {
    const pods = current.kind === 'DaemonSet' ? ((current['status'] as { desiredNumberScheduled?: number } | undefined)?.desiredNumberScheduled ?? 0) : ((current['spec'] as { replicas?: number } | undefined)?.replicas ?? 1)
    return pods === 0 ? undefined : `${pods} ${pods === 1 ? 'Pod is' : 'Pods are'} replaced`
  }
  const replicas = changes.find((change) => change.path === 'spec.replicas')
  if (replicas) {
    const delta = Number(replicas.after ?? 1) - Number(replicas.before ?? 1)
    const pods = Math.abs(delta)
    return `${pods} ${pods === 1 ? 'Pod' : 'Pods'} ${delta > 0 ? (pods === 1 ? 'starts' : 'start') : pods === 1 ? 'stops' : 'stop'}`
  }
  return undefined
}

export async function review(deps: ReviewDeps, q: { yaml: string; namespace: string }): Promise<Review> {
  const { lines, documents: parsed } = parseManifests(q.yaml, q.namespace, deps.namespaced)
  const made = new Set(parsed.flatMap((entry) => (entry.object?.kind === 'Namespace' && entry.object.metadata.name ? [entry.object.metadata.name] : [])))
  const documents: ReviewedDocument[] = []
  const seen = new Map<string, number>()
  for (const entry of parsed) {
    if (entry.object) {
      const id = JSON.stringify(refOf(entry.object))
      const earlier = seen.get(id)
      if (earlier !== undefined) entry.problems.push({ severity: 'error', message: `${entry.object.kind} ${entry.object.metadata.name ?? ''} stands twice in this text`, help: `The other one starts at line ${earlier}.`, line: entry.fromLine })
      seen.set(id, entry.fromLine)
    }
    documents.push(await reviewOne(entry, deps, lines, made))
  }
  return { documents, ok: documents.length > 0 && documents.every((document) => document.action !== 'invalid') }
}
