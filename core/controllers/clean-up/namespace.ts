/**
 * Empties a Namespace that is being deleted, Pods first, and lets it go when nothing is left.
 * Mirrors pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */
import { setCondition } from '../../api/conditions.ts'
import { refOf, timestamp, type KubeObject } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { Namespace, NamespaceCondition } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason, type Step } from '../../loop/plan.ts'
import { equal } from '../../base/json.ts'
import { enumerate } from '../planning/words.ts'

/** A namespaced kind, with the names that conditions use for it. */
export interface Content {
  readonly kind: string
  readonly group: string
  readonly plural: string
}

const finalizer = 'kubernetes'
const contentFailure = 'NamespaceDeletionContentFailure'
const good: Readonly<Record<string, readonly [reason: string, message: string]>> = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  NamespaceDeletionContentFailure: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
}

export const namespaces = (contents: readonly Content[]) =>
  defineController<Namespace>({
    name: 'namespace-controller',
    reconciles: 'Namespace',
    wakesOn: contents.map(({ kind }) => kind),
    workers: 10,

    wakes(event, snapshot) {
      const { namespace } = event.object.metadata
      const home = namespace === undefined ? undefined : snapshot.get('Namespace', undefined, namespace)
      return home?.metadata.deletionTimestamp === undefined ? [] : [refOf(home)]
    },

    concerns: ({ object }) => object.metadata.deletionTimestamp !== undefined,

    plan({ object: ns, snapshot, now }) {
      if (!ns) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Namespace is gone' })
      if (ns.metadata.deletionTimestamp === undefined) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the Namespace is not being deleted' })
      if (!(ns.spec?.finalizers ?? []).includes(finalizer)) return nothing({ code: 'Emptied', say: 'nothing left to do', why: 'the Namespace is empty' })
      const left = contents.map((content) => ({ content, objects: snapshot.list(content.kind, ns.metadata.name) })).filter(({ objects }) => objects.length > 0)
      const pods = left.filter(({ content }) => content.kind === 'Pod')
      const turn = pods.length > 0 ? pods : left
      const total = turn.reduce((n, { objects }) => n + objects.length, 0)
      const because: Reason =
        total === 0
          ? { code: 'NamespaceEmptied', say: 'let the Namespace go', why: 'nothing is left in it' }
          : {
              code: 'NamespaceEmptying',
              say: pods.length > 0 ? `stopping ${count(total, 'Pod')}` : `removing ${enumerate(turn.map(({ content, objects }) => `${objects.length} ${content.plural}`))}`,
              why: `the Namespace is being deleted${pods.length > 0 && left.length > 1 ? ', Pods go first' : ''}`,
            }
      const steps: Step[] = turn.flatMap(({ objects }) =>
        objects
          .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
          .map((object): Step => ({ do: 'delete', ref: refOf(object), propagationPolicy: 'Background', because: { ...because, say: `removed ${object.kind} ${object.metadata.name}` } })),
      )
      // While Pods are being waited for, upstream says nothing about what else remains.
      const conditions = conditionsOf(ns, pods.length > 0 ? [] : turn, steps.length > 0, now)
      if (!equal(conditions, ns.status?.conditions ?? []) || ns.status?.phase !== 'Terminating') {
        steps.push({ do: 'patch', ref: refOf(ns), subresource: 'status', patch: { status: { phase: 'Terminating', conditions } }, because: { ...because, code: 'StatusUpdated' } })
      }
      if (total === 0) {
        steps.push({ do: 'patch', ref: refOf(ns), subresource: 'finalize', patch: { spec: { finalizers: (ns.spec?.finalizers ?? []).filter((name) => name !== finalizer) } }, because })
      }
      return { steps, because }
    },

    onFailure({ object: ns, now }, { step, message }) {
      if (!ns || step.do !== 'delete') return []
      const condition = { type: contentFailure, status: 'True', reason: 'ContentDeletionFailed', message: `Failed to delete all resource types, 1 remaining: ${message}` }
      const conditions = setCondition(ns.status?.conditions ?? [], { ...condition, lastTransitionTime: timestamp(now) })
      const because: Reason = { code: 'ContentDeletionFailed', say: `could not remove ${step.ref.kind} ${step.ref.name}`, why: message, refs: [step.ref] }
      return equal(conditions, ns.status?.conditions ?? []) ? [] : [{ do: 'patch', ref: refOf(ns), subresource: 'status', patch: { status: { conditions } }, because }]
    },
  })

/** `keepFailure`: what could not be deleted is about to be tried again. */
function conditionsOf(ns: Namespace, left: readonly { content: Content; objects: readonly KubeObject[] }[], keepFailure: boolean, now: number): readonly NamespaceCondition[] {
  const bad = new Map<string, readonly [string, string]>()
  if (left.length > 0) {
    const texts = left.map(({ content, objects }) => `${content.plural}.${content.group} has ${objects.length} resource instances`).sort()
    bad.set('NamespaceContentRemaining', ['SomeResourcesRemain', `Some resources are remaining: ${texts.join(', ')}`])
    const finalizers = new Map<string, number>()
    for (const { objects } of left) for (const { metadata } of objects) for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
    if (finalizers.size > 0) {
      const kept = [...finalizers].map(([name, n]) => `${name} in ${n} resource instances`).sort()
      bad.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${kept.join(', ')}`])
    }
  }
  const before = ns.status?.conditions ?? []
  if (keepFailure) {
    const failed = before.find(({ type, status }) => type === contentFailure && status === 'True')
    if (failed) bad.set(contentFailure, [failed.reason ?? '', failed.message ?? ''])
  }
  return Object.entries(good).reduce<readonly NamespaceCondition[]>((conditions, [type, fine]) => {
    const [reason, message] = bad.get(type) ?? fine
    return setCondition(conditions, { type, status: bad.has(type) ? 'True' : 'False', reason, message, lastTransitionTime: timestamp(now) })
  }, before)
}
