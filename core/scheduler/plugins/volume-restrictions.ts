/** Disks that one node may hold once, and claims that one Pod may use at a time (upstream: plugins/volumerestrictions). */
import type { PersistentVolumeClaim, Volume } from '../../api/types/core.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Filter, type Plugin, type View } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'
import { refuse, usesClaim } from '../volume-claims.ts'

const diskConflict = { reasons: ['node(s) had no available disk'], unresolvable: false }
const inUse = { reasons: ['node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod'], unresolvable: false }

const isDisk = ({ gcePersistentDisk, awsElasticBlockStore, rbd, iscsi }: Volume): boolean => Boolean(gcePersistentDisk ?? awsElasticBlockStore ?? rbd ?? iscsi)

function clashes(a: Volume, b: Volume): boolean {
  const [gce, otherGce] = [a.gcePersistentDisk, b.gcePersistentDisk]
  if (gce && otherGce && gce.pdName === otherGce.pdName && !(gce.readOnly && otherGce.readOnly)) return true
  if (a.awsElasticBlockStore && a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore?.volumeID) return true
  if (a.iscsi && b.iscsi && a.iscsi.iqn === b.iscsi.iqn && !(a.iscsi.readOnly && b.iscsi.readOnly)) return true
  const [rbd, otherRbd] = [a.rbd, b.rbd]
  return Boolean(rbd && otherRbd && rbd.monitors.some((monitor) => otherRbd.monitors.includes(monitor)) && rbd.pool === otherRbd.pool && rbd.image === otherRbd.image && !(rbd.readOnly && otherRbd.readOnly))
}

const hasClash = (disks: readonly Volume[], pod: PodInfo): boolean => disks.some((disk) => pod.pod.spec.volumes?.some((other) => clashes(disk, other)))
const claimsOf = (pod: PodInfo): string[] => (pod.pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => (persistentVolumeClaim ? [persistentVolumeClaim.claimName] : []))

export const volumeRestrictions: Plugin = {
  name: 'VolumeRestrictions',
  filter(pod, view) {
    const disks = (pod.pod.spec.volumes ?? []).filter(isDisk)
    const once: string[] = []
    for (const name of claimsOf(pod)) {
      const claim = view.objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.namespace, name)
      if (!claim) return refuse(`persistentvolumeclaim "${name}" not found`, `needs claim ${name}, which does not exist`)
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) once.push(name)
    }
    const users = once.length === 0 ? [] : usersOf(once, pod, view)
    if (disks.length === 0 && users.length === 0) return undefined
    const neighbours = new Map<string, readonly PodInfo[]>()
    if (disks.length > 0) for (const node of view.nodes) neighbours.set(node.name, [...view.podsOn(node.name)].filter((other) => hasClash(disks, other)))
    return filterOf(users, neighbours, disks)
  },
  wakesOn: ['Node', 'Pod removed', 'PersistentVolumeClaim'],
  helps(pod, change) {
    if (change.kind === 'Pod') return change.pod.namespace === pod.namespace && (hasClash((pod.pod.spec.volumes ?? []).filter(isDisk), change.pod) || claimsOf(change.pod).some((name) => claimsOf(pod).includes(name)))
    if (change.kind === 'Node') return changedNode(change, 'added') !== undefined
    return change.kind === 'PersistentVolumeClaim' && change.what === 'added' && usesClaim(pod, change.object)
  },
}

function usersOf(claims: readonly string[], pod: PodInfo, view: View): PodInfo[] {
  const found: PodInfo[] = []
  for (const node of view.nodes) for (const other of view.podsOn(node.name)) if (other.namespace === pod.namespace && other.uid !== pod.uid && claimsOf(other).some((name) => claims.includes(name))) found.push(other)
  return found
}

function filterOf(users: readonly PodInfo[], neighbours: ReadonlyMap<string, readonly PodInfo[]>, disks: readonly Volume[]): Filter {
  const clash = (node: NodeInfo) => neighbours.get(node.name)?.[0]
  return {
    test: (node) => (clash(node) ? diskConflict : users.length > 0 ? inUse : undefined),
    tell(node) {
      const other = clash(node)
      if (other) return `${other.pod.metadata.name} holds the same disk here`
      return users.length > 0 ? `${users[0]!.pod.metadata.name} uses a claim that is for one Pod at a time` : 'no disk is held twice'
    },
    summary: (nodes) => (users.length > 0 ? `needs a claim that is for one Pod at a time, and ${sayNames(users.map(({ pod }) => pod.metadata.name))} has it` : `needs a disk that another Pod holds on ${sayNames(nodes.map(({ name }) => name))}`),
    assuming({ node, added, removed }) {
      const gone = new Set(removed.map(({ uid }) => uid))
      const here = [...(neighbours.get(node.name) ?? []).filter(({ uid }) => !gone.has(uid)), ...added.filter((other) => hasClash(disks, other))]
      return filterOf(users.filter(({ uid }) => !gone.has(uid)), new Map([[node.name, here]]), disks)
    },
  }
}
