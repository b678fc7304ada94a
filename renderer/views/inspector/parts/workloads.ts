/** Panels of StatefulSets, DaemonSets, ReplicationControllers and their revisions. Pure. */
import { controllerOf, type KubeObject } from '../../../../core/api/meta.ts'
import { podVersion } from '../../../../core/api/state/pod-state.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from '../../../../core/api/types/apps.ts'
import type { Node, Pod, PodSpec, PodTemplate, Taint, Toleration } from '../../../../core/api/types/core.ts'
import { count } from '../../../words/amounts.ts'
import { claimsOf, isReady, ownedBy, podsOf, type World } from '../../../words/world.ts'
import { replacementWords } from '../../../actions/restart.ts'
import { cell, inNamespace, linked, mono, type Cell, type Part } from './part.ts'

const hashLabel = 'controller-revision-hash'
const ordinalOf = (object: KubeObject): number => Number(/-(\d+)$/.exec(object.metadata.name)?.[1] ?? -1)
const revisionNumber = (world: World, workload: KubeObject, hash: string | undefined): number | undefined => {
  const found = ownedBy(world, workload, 'ControllerRevision').find((one) => one.metadata.name === hash || one.metadata.labels?.[hashLabel] === hash)
  return found && Number(found['revision'] ?? 0)
}

/** One row an ordinal, whether its Pod is there or not: names do not move. */
export function statefulParts(world: World, set: StatefulSet): Part[] {
  const { spec, status, metadata } = set
  const start = spec.ordinals?.start ?? 0
  const wanted = spec.replicas ?? 1
  const pods = new Map(podsOf(world, set).map((pod) => [ordinalOf(pod), pod as Pod]))
  const claims = claimsOf(world, set)
  const ordinals = [...new Set([...Array.from({ length: Math.min(wanted, 100) }, (_, i) => start + i), ...pods.keys(), ...claims.map(ordinalOf)])].filter((n) => n >= 0).sort((a, b) => a - b)
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0
  const rows = ordinals.map((ordinal): Cell[] => {
    const pod = pods.get(ordinal)
    const claim = claims.filter((one) => ordinalOf(one) === ordinal)
    const revision = pod && revisionNumber(world, set, pod.metadata.labels?.[hashLabel])
    const old = pod !== undefined && status?.updateRevision !== undefined && pod.metadata.labels?.[hashLabel] !== status.updateRevision
    return [
      pod ? linked(inNamespace('Pod', metadata.namespace, pod.metadata.name), { mark: isReady(pod) ? 'ready' : pod.metadata.deletionTimestamp === undefined ? 'moving' : 'leaving' }) : cell(`${metadata.name}-${ordinal}`, { mark: 'planned', note: ordinal >= start + wanted ? 'scaled away' : 'to come' }),
      cell(revision === undefined ? '' : `revision ${revision}`, old ? { note: ordinal - start < partition ? 'kept by the partition' : 'old' } : {}),
      cell(pod?.spec?.nodeName ?? ''),
      claim.length === 0 ? cell('') : linked(inNamespace('PersistentVolumeClaim', metadata.namespace, claim[0]!.metadata.name), claim.length > 1 ? { note: `and ${claim.length - 1} more` } : {}),
    ]
  })
  const hasClaims = claims.length > 0
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  return [
    { title: 'Pods by ordinal', table: { columns: ['Pod', 'Revision', 'Machine', ...(hasClaims ? ['Claim'] : [])], rows: hasClaims ? rows : rows.map((row) => row.slice(0, 3)) } },
    {
      title: 'How it goes about it',
      facts: [
        { label: 'Order', cell: cell(spec.podManagementPolicy === 'Parallel' ? 'all at once' : 'one after the other, each waits for the one before') },
        { label: 'Update', cell: cell(replacementWords(set).replace(/\.$/, '')) },
        ...(partition > 0 ? [{ label: 'Partition', cell: cell(`ordinals below ${start + partition} keep their revision`) }] : []),
        ...(hasClaims || (spec.volumeClaimTemplates?.length ?? 0) > 0 ? [{ label: 'Claims', cell: cell(`${whenScaled === 'Delete' ? 'go' : 'stay'} when it is scaled down, ${whenDeleted === 'Delete' ? 'go' : 'stay'} when it is deleted`) }] : []),
        ...(spec.serviceName ? [{ label: 'Names by', cell: linked(inNamespace('Service', metadata.namespace, spec.serviceName), { note: `${metadata.name}-${start}.${spec.serviceName}` }) }] : []),
      ],
    },
    ...historyPart(world, set),
  ]
}

/** Each machine: its Pod, or why it has none. */
export function daemonParts(world: World, ds: DaemonSet): Part[] {
  const pods = podsOf(world, ds) as Pod[]
  const on = new Map<string, Pod[]>()
  for (const pod of pods) {
    const name = pod.spec?.nodeName ?? plannedNode(pod)
    if (name !== undefined) on.set(name, [...(on.get(name) ?? []), pod])
  }
  const nodes = [...(world.list('Node') as readonly Node[])].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const rows = nodes.flatMap((node): Cell[][] => {
    const here = on.get(node.metadata.name) ?? []
    if (here.length === 0) return [[linked({ kind: 'Node', name: node.metadata.name }), cell('no Pod', { mark: 'planned', note: whyNone(ds.spec.template.spec, node) })]]
    return here.map((pod) => [linked({ kind: 'Node', name: node.metadata.name }), linked(inNamespace('Pod', ds.metadata.namespace, pod.metadata.name), { mark: isReady(pod) ? 'ready' : pod.metadata.deletionTimestamp === undefined ? 'moving' : 'leaving', note: podVersion(pod) })])
  })
  return [
    { title: 'Machines', table: { columns: ['Machine', 'Its Pod'], rows } },
    { title: 'How it goes about it', facts: [{ label: 'Update', cell: cell(replacementWords(ds).replace(/\.$/, '')) }, ...((ds.status?.numberMisscheduled ?? 0) > 0 ? [{ label: 'Misplaced', cell: cell(`${count(ds.status.numberMisscheduled, 'Pod')} on machines that no longer suit`) }] : [])] },
    ...historyPart(world, ds),
  ]
}

/** A Pod of a DaemonSet is made for one machine before the scheduler binds it. */
const plannedNode = (pod: Pod): string | undefined =>
  pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0]

/** Taints that every DaemonSet's Pods live with (pkg/controller/daemon/util). */
const lived: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'node.kubernetes.io/disk-pressure', 'node.kubernetes.io/memory-pressure', 'node.kubernetes.io/pid-pressure', 'node.kubernetes.io/unschedulable'])

export function whyNone(spec: PodSpec | undefined, node: Node): string {
  const labels = node.metadata.labels ?? {}
  for (const [key, value] of Object.entries(spec?.nodeSelector ?? {})) if (labels[key] !== value) return labels[key] === undefined ? `it asks for ${key}=${value}` : `it asks for ${key}=${value}, this machine has ${labels[key]}`
  const taint = (node.spec?.taints ?? []).find((one) => one.effect !== 'PreferNoSchedule' && !lived.has(one.key) && !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, one)))
  if (taint) return `it does not tolerate ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`
  if (spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return 'its node affinity asks for other machines'
  return 'not made yet'
}

const tolerates = (toleration: Toleration, taint: Taint): boolean =>
  (toleration.effect === undefined || toleration.effect === taint.effect) && (toleration.key === undefined ? toleration.operator === 'Exists' : toleration.key === taint.key) && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''))

function historyPart(world: World, workload: KubeObject): Part[] {
  const history = (ownedBy(world, workload, 'ControllerRevision') as ControllerRevision[]).toSorted((a, b) => b.revision - a.revision)
  if (history.length < 2) return []
  const pods = podsOf(world, workload)
  return [{
    title: 'Revisions',
    table: {
      columns: ['Revision', 'Image', 'Pods'],
      rows: history.slice(0, 8).map((one, i): Cell[] => {
        const n = pods.filter((pod) => [one.metadata.name, one.metadata.labels?.[hashLabel]].includes(pod.metadata.labels?.[hashLabel])).length
        return [linked(inNamespace('ControllerRevision', workload.metadata.namespace, one.metadata.name), { note: i === 0 ? 'the newest' : '' }), mono(imageOf(one)), cell(String(n), { numeric: true })]
      }).map((row, i) => [{ ...row[0]!, text: String(history[i]!.revision) }, ...row.slice(1)]),
    },
  }]
}

const imageOf = (revision: ControllerRevision): string =>
  ((revision.data as { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } } | undefined)?.spec?.template?.spec?.containers ?? []).map((one) => one.image ?? '').join(', ')

export function revisionParts(world: World, revision: ControllerRevision): Part[] {
  const owner = controllerOf(revision.metadata)
  const workload = owner && world.get(inNamespace(owner.kind, revision.metadata.namespace, owner.name))
  const pods = workload ? podsOf(world, workload).filter((pod) => [revision.metadata.name, revision.metadata.labels?.[hashLabel]].includes(pod.metadata.labels?.[hashLabel])) : []
  const newest = workload ? Math.max(...ownedBy(world, workload, 'ControllerRevision').map((one) => Number(one['revision'] ?? 0))) === revision.revision : false
  return [{
    title: 'What it keeps',
    say: newest ? 'The template that its Pods get now.' : 'An older template, kept to go back to.',
    facts: [
      { label: 'Revision', cell: cell(String(revision.revision)) }, { label: 'Image', cell: mono(imageOf(revision)) },
      ...(owner ? [{ label: 'Of', cell: linked(inNamespace(owner.kind, revision.metadata.namespace, owner.name), { note: owner.kind }) }] : []),
      { label: 'Pods', cell: cell(pods.length === 0 ? 'none' : count(pods.length, 'Pod')) },
    ],
  }]
}

export const templateParts = ({ template }: PodTemplate): Part[] => [{
  title: 'A template, no Pods', say: 'It is kept for others to read; nobody makes Pods of it by itself.',
  facts: (template?.spec?.containers ?? []).map((one) => ({ label: one.name, cell: mono(one.image ?? '') })),
}]
