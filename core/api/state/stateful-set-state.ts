/**
 * State of a StatefulSet in words (upstream's counts: staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go).
 * Its Pods have names: who waits for whom is said.
 */
import type { StatefulSet } from '../types/apps.ts'
import type { Pod } from '../types/core.ts'
import { podIsReady, podVersion } from './pod-state.ts'
import { count } from './sentences.ts'
import type { StateWords } from './words.ts'
import { trouble, troubled, worstOf } from './workload-state.ts'
import type { StateView } from './view.ts'

const ordinalOf = (pod: Pod): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1)

export function statefulSetState(set: StatefulSet, snapshot: StateView, now: number): StateWords {
  const pods = [...snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod')].sort((a, b) => ordinalOf(a) - ordinalOf(b))
  if (set.metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed', ...(pods.length > 0 ? { why: `${count(pods.length, 'Pod')} left` } : {}) }
  const wanted = set.spec.replicas ?? 1
  const ready = pods.filter(podIsReady).length
  if (wanted === 0 && pods.length === 0) return { mark: 'finished', say: 'scaled to 0' }
  const queue = waitingFor(set, pods, wanted)
  const worst = worstOf(pods, snapshot, now)
  if (troubled(worst)) {
    const words = trouble(worst, ready, wanted, undefined)
    const why = [words.why, queue].filter((part) => part !== undefined).join('; ')
    return { ...words, ...(why === '' ? {} : { why }) }
  }
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  const { updatedReplicas: updated = 0, currentRevision, updateRevision, observedGeneration = 0 } = set.status ?? {}
  if (observedGeneration < (set.metadata.generation ?? 0) && pods.length > 0) return { mark: 'moving', say: 'changing' }
  const partition = Math.min(wanted, rollingUpdate?.partition ?? 0)
  const outdated = updateRevision !== undefined && currentRevision !== updateRevision
  if (wanted < pods.length) return { mark: 'moving', say: `scaling to ${wanted}`, why: `${pods.length - wanted} too many` }
  if (outdated && type !== 'OnDelete' && updated < wanted - partition) {
    return { mark: 'moving', say: `rolling out ${podVersion({ spec: set.spec.template.spec })}`, why: `${updated} of ${wanted - partition} replaced, one after the other${queue ? `; ${queue}` : ''}` }
  }
  if (ready < wanted) return { mark: 'moving', say: ready === 0 ? 'starting' : `${ready} of ${wanted} ready`, ...(queue ? { why: queue } : {}) }
  const old = pods.filter((pod) => pod.metadata.labels?.['controller-revision-hash'] !== updateRevision).length
  const why = !outdated || old === 0 ? undefined : type === 'OnDelete' ? `${count(old, 'Pod is', 'Pods are')} old until somebody deletes ${old === 1 ? 'it' : 'them'}` : `${count(old, 'Pod is', 'Pods are')} kept old by the partition`
  return { mark: 'ready', say: `${ready} of ${wanted} ready`, ...(why === undefined ? {} : { why }) }
}

/** "web-2 waits for web-1" */
function waitingFor(set: StatefulSet, pods: readonly Pod[], wanted: number): string | undefined {
  if (set.spec.podManagementPolicy === 'Parallel') return undefined
  const start = set.spec.ordinals?.start ?? 0
  const held = pods.find((pod) => !podIsReady(pod) && ordinalOf(pod) >= start)
  if (!held) return undefined
  const there = new Set(pods.map(ordinalOf))
  for (let ordinal = ordinalOf(held) + 1; ordinal < start + wanted; ordinal++) {
    if (!there.has(ordinal)) return `${set.metadata.name}-${ordinal} waits for ${held.metadata.name}`
  }
  return undefined
}
