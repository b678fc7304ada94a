/**
 * Devices that Pods ask for as resources: a class names the resource, or the resource names the class. On a node that offers
 * such a resource itself nothing is special; on any other the Pod gets a claim for devices of the class.
 * Upstream: plugins/dynamicresources/extendeddynamicresources.go, deviceclass/extendedresourcecache.
 */
import type { NewObject } from '../../api/meta.ts'
import { isExtended } from '../../api/resource-names.ts'
import type { Container, ContainerExtendedResourceRequest, Pod } from '../../api/types/core.ts'
import type { DeviceClass, DeviceRequest, ResourceClaim } from '../../api/types/resource.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { amountOf } from '../amounts.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

const classPrefix = 'deviceclass.resource.kubernetes.io/'
const annotation = 'resource.kubernetes.io/extended-resource-claim'
/** No claim's name: it is made only where the Pod is placed. */
const nameUntilMade = '<extended-resources>'

export type ResourceClasses = ReadonlyMap<string, DeviceClass>
const noClasses: ResourceClasses = new Map()

/** Of the resources that the Pod asks for, those that devices can stand for. */
export function resourceClasses({ requests }: PodInfo, objects: Snapshot): ResourceClasses {
  let classes: Map<string, DeviceClass> | undefined
  for (const resource in requests) {
    if (!requests[resource] || !(resource.startsWith(classPrefix) || isExtended(resource))) continue
    const deviceClass = classFor(resource, objects)
    if (deviceClass) (classes ??= new Map()).set(resource, deviceClass)
  }
  return classes ?? noClasses
}

/** Where several classes name it, the newest; of equals the first by name. */
function classFor(resource: string, objects: Snapshot): DeviceClass | undefined {
  if (resource.startsWith(classPrefix)) return objects.get<DeviceClass>('DeviceClass', undefined, resource.slice(classPrefix.length))
  const goesFirst = ({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): boolean => a.creationTimestamp > b.creationTimestamp || (a.creationTimestamp === b.creationTimestamp && a.name < b.name)
  let found: DeviceClass | undefined
  for (const one of objects.list<DeviceClass>('DeviceClass')) if (one.spec.extendedResourceName === resource && (!found || goesFirst(one, found))) found = one
  return found
}

/** The node has nothing of that name, so devices have to stand for it. */
export const isByDevices = (resource: string, node: NodeInfo, classes: ResourceClasses): boolean => classes.has(resource) && !((node.allocatable[resource] ?? 0) > 0)

/** Whether the class could stand for something that the Pod asks for. */
export const standsFor = ({ metadata, spec }: DeviceClass, { requests }: PodInfo): boolean =>
  (spec.extendedResourceName !== undefined && spec.extendedResourceName in requests) || `${classPrefix}${metadata.name}` in requests

/** Made for the Pod by an attempt that failed; its devices may suit no more. */
export const leftover = ({ uid }: PodInfo, objects: Snapshot): ResourceClaim | undefined =>
  objects.ownedBy<ResourceClaim>(uid, 'ResourceClaim').find(({ metadata }) =>
    metadata.annotations?.[annotation] === 'true' && metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller === true))

export interface DeviceWish {
  /** What is to be made, but for its name. */
  readonly object: NewObject
  /** The same as if it were there, without a uid. */
  readonly claim: ResourceClaim
  readonly mappings: ContainerExtendedResourceRequest[]
}

/** What devices have to stand for on this node; undefined where nothing. */
export function wishOn(node: NodeInfo, { pod, uid, namespace }: PodInfo, classes: ResourceClasses): DeviceWish | undefined {
  const here = [...classes].filter(([resource]) => isByDevices(resource, node, classes))
  if (here.length === 0) return undefined
  const { requests, mappings } = requestsOf(pod, here)
  if (requests.length === 0) return undefined
  const object = {
    apiVersion: 'resource.k8s.io/v1' as const, kind: 'ResourceClaim' as const,
    metadata: {
      generateName: `${pod.metadata.name}-extended-resources-`, namespace, annotations: { [annotation]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid, controller: true }],
    },
    spec: { devices: { requests } },
  }
  return { object, claim: { ...object, metadata: { ...object.metadata, name: nameUntilMade, uid: '', resourceVersion: '', creationTimestamp: '' }, status: {} }, mappings }
}

interface Asked {
  readonly name: string
  readonly count: number
}

/** The requests, and which of them each container uses. A step of initialisation uses what later containers have, and shares the rest with the other steps. */
function requestsOf({ spec }: Pod, resources: readonly (readonly [string, DeviceClass])[]): { requests: DeviceRequest[]; mappings: ContainerExtendedResourceRequest[] } {
  const inits = spec.initContainers ?? []
  const containers = [...inits, ...spec.containers]
  const isStep = (at: number): boolean => at < inits.length && containers[at]!.restartPolicy !== 'Always'
  const requests: DeviceRequest[] = []
  const mappings: ContainerExtendedResourceRequest[] = []
  for (const [resource, deviceClass] of [...resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ask = (at: number, count: number): Asked => ({ name: `container-${at}-request-${placeOf(resource, containers[at]!)}`, count })
    const map = (at: number, requestName: string) => mappings.push({ containerName: containers[at]!.name, resourceName: resource, requestName })
    const needs = containers.map(({ resources: { requests: asked = {} } = {} }) => (asked[resource] === undefined ? 0 : amountOf(resource, asked[resource])))
    const lasting = needs.map((count, at) => (count > 0 && !isStep(at) ? ask(at, count) : undefined))
    lasting.forEach((one, at) => one && map(at, one.name))
    const steps = needs.flatMap((count, at) => {
      if (count === 0 || !isStep(at)) return []
      const uses: string[] = []
      let left = count
      for (const one of lasting.slice(at)) {
        if (!one || left <= 0) continue
        uses.push(one.name)
        left -= one.count
      }
      return [{ at, uses, own: left > 0 ? ask(at, left) : undefined }]
    })
    let most: Asked | undefined
    for (const { own } of steps) if (own && own.count > (most?.count ?? 0)) most = own
    for (const { at, uses, own } of steps) for (const name of own ? [...uses, most!.name] : uses) map(at, name)
    for (const one of [most, ...lasting]) if (one) requests.push({ name: one.name, exactly: { deviceClassName: deviceClass.metadata.name, allocationMode: 'ExactCount', count: one.count } })
  }
  return { requests: requests.sort((a, b) => (a.name < b.name ? -1 : 1)), mappings }
}

const placeOf = (resource: string, { resources }: Container): number => Object.keys(resources?.requests ?? {}).sort().indexOf(resource)
