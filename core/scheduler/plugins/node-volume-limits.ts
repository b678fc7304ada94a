/** A node takes as many volumes of a driver as its CSINode says (upstream: plugins/nodevolumelimits, csi.go). */
import { claimClass } from '../../api/kinds/storage/names.ts'
import { podClaims } from '../../api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.ts'
import type { CSINode, StorageClass, VolumeAttachment } from '../../api/types/storage.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Filter, type Plugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const rejection = { reasons: ['node(s) exceed max volume count'], unresolvable: false }

/** Driver by unique name of the volume: the handle, or the claim where there is none yet. */
type Volumes = ReadonlyMap<string, string>

export const nodeVolumeLimits: Plugin = {
  name: 'NodeVolumeLimits',
  filter(pod, view) {
    const { objects, nodes } = view
    const wanted = volumesOf(pod, objects)
    if (wanted.size === 0) return undefined
    const limits = new Map<string, ReadonlyMap<string, number>>()
    for (const { metadata, spec } of objects.list<CSINode>('CSINode')) {
      const drivers = (spec.drivers ?? []).flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [[name, allocatable.count] as const]))
      if (drivers.length > 0) limits.set(metadata.name, new Map(drivers))
    }
    if (limits.size === 0) return undefined
    const attachments = objects.list<VolumeAttachment>('VolumeAttachment')
    const held = new Map<string, readonly { uid: string; volumes: Volumes }[]>()
    const attached = new Map<string, Volumes>()
    for (const { name } of nodes) {
      if (!limits.has(name)) continue
      held.set(name, [...view.podsOn(name)].map((other) => ({ uid: other.uid, volumes: volumesOf(other, objects) })).filter(({ volumes }) => volumes.size > 0))
      attached.set(name, attachedTo(name, attachments, objects))
    }
    return filterOf(wanted, limits, held, attached, objects)
  },
  wakesOn: ['Node', 'Pod removed', 'CSINode', 'PersistentVolumeClaim', 'VolumeAttachment'],
  helps(pod, change) {
    switch (change.kind) {
      case 'Pod': return podClaims(change.pod.pod).length > 0
      case 'Node': return changedNode(change, 'added') !== undefined
      case 'VolumeAttachment': return change.what === 'removed'
      case 'CSINode': return change.what !== 'removed'
      default: return change.kind === 'PersistentVolumeClaim' && change.what === 'added' && change.object.metadata.namespace === pod.namespace
    }
  },
}

function volumesOf(pod: PodInfo, objects: Snapshot): Volumes {
  const found = new Map<string, string>()
  for (const { claim: name } of podClaims(pod.pod)) {
    const claim = objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.namespace, name)
    if (!claim) continue
    const csi = claim.spec.volumeName ? objects.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName)?.spec.csi : undefined
    if (csi) found.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver)
    else if (!claim.spec.volumeName) {
      const driver = objects.get<StorageClass>('StorageClass', undefined, claimClass(claim))?.provisioner
      if (driver) found.set(`${driver}/claim ${pod.namespace}/${name}`, driver)
    }
  }
  return found
}

function attachedTo(node: string, attachments: readonly VolumeAttachment[], objects: Snapshot): Volumes {
  const found = new Map<string, string>()
  for (const { spec } of attachments) {
    if (spec.nodeName !== node) continue
    const csi = spec.source.inlineVolumeSpec?.csi ?? objects.get<PersistentVolume>('PersistentVolume', undefined, spec.source.persistentVolumeName ?? '')?.spec.csi
    if (csi) found.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver)
  }
  return found
}

function filterOf(
  wanted: Volumes,
  limits: ReadonlyMap<string, ReadonlyMap<string, number>>,
  held: ReadonlyMap<string, readonly { uid: string; volumes: Volumes }[]>,
  attached: ReadonlyMap<string, Volumes>,
  objects: Snapshot,
): Filter {
  const excess = ({ name }: NodeInfo): { driver: string; count: number; limit: number } | undefined => {
    const of = limits.get(name)
    if (!of) return undefined
    const all = new Map([...(attached.get(name) ?? []), ...(held.get(name) ?? []).flatMap(({ volumes }) => [...volumes])])
    const fresh = [...wanted].filter(([volume]) => !all.has(volume))
    for (const driver of new Set(fresh.map(([, one]) => one))) {
      const limit = of.get(driver)
      if (limit === undefined) continue
      const count = [...all.values()].filter((one) => one === driver).length + fresh.filter(([, one]) => one === driver).length
      if (count > limit) return { driver, count, limit }
    }
    return undefined
  }
  return {
    test: (node) => (excess(node) ? rejection : undefined),
    tell(node) {
      const over = excess(node)
      return over ? `would have ${over.count} volumes of ${over.driver}, ${over.limit} are the most` : 'has room for its volumes'
    },
    summary: (nodes) => `needs more volumes than ${sayNames(nodes.map(({ name }) => name))} may hold`,
    assuming({ node, added, removed }) {
      const gone = new Set(removed.map(({ uid }) => uid))
      const here = [...(held.get(node.name) ?? []).filter(({ uid }) => !gone.has(uid)), ...added.map((other) => ({ uid: other.uid, volumes: volumesOf(other, objects) }))]
      // An attachment lasts until its Pod is gone for good; what the leaving Pods held counts no more.
      const leaving = new Set(removed.flatMap((other) => [...volumesOf(other, objects).keys()]))
      const stays = new Map([...(attached.get(node.name) ?? [])].filter(([volume]) => !leaving.has(volume)))
      return filterOf(wanted, limits, new Map([[node.name, here]]), new Map([[node.name, stays]]), objects)
    },
  }
}
