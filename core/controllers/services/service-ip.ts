/**
 * One IPAddress for each address that a Service holds, and none for those given back. Admission gives addresses out and
 * knows at once who holds what (server/admission/service-addresses); these objects say it to everyone else.
 * Mirrors pkg/registry/core/service/ipallocator/controller/repairip.go.
 */
import { canonicalAddress } from '../../api/ip-range.ts'
import { refOf, type NewObject } from '../../api/meta.ts'
import type { Service } from '../../api/types/core.ts'
import type { IPAddress } from '../../api/types/networking.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

const managerLabel = 'ipaddress.kubernetes.io/managed-by'
const familyLabel = 'ipaddress.kubernetes.io/ip-family'
const allocator = 'ipallocator.k8s.io'

export const managedByAllocator = ({ metadata }: IPAddress): boolean => metadata.labels?.[managerLabel] === allocator

export const serviceIp = defineController<Service>({
  name: 'ipallocator-repair-controller',
  reconciles: 'Service',
  wakesOn: ['IPAddress'],

  concerns: ({ type, object, previous }) => type === 'ADDED' || (type === 'MODIFIED' && !equal(heldBy(object as Service), heldBy(previous as Service))),

  wakes({ type, object }) {
    const address = object as IPAddress
    if (type === 'ADDED' || !isServices(address)) return []
    const { namespace = '', name } = address.spec.parentRef
    return [{ kind: 'Service', namespace, name }]
  },

  plan({ object: service, snapshot }) {
    if (!service || service.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Gone', say: 'nothing to do', why: 'the Service is gone' })
    return record(service, snapshot)
  },
})

export const releasedIp = defineController<IPAddress>({
  name: 'ipaddress-release-controller',
  reconciles: 'IPAddress',
  wakesOn: ['Service'],

  concerns: ({ type }) => type !== 'DELETED',

  wakes({ type, object, previous }) {
    const before = type === 'DELETED' ? heldBy(object as Service) : previous === undefined ? [] : heldBy(previous as Service)
    const still = type === 'DELETED' ? [] : heldBy(object as Service)
    return before.filter((ip) => !still.includes(ip)).map((name) => ({ kind: 'IPAddress', name }))
  },

  plan({ object: address, ref: { name }, snapshot }) {
    if (!address || !managedByAllocator(address) || address.metadata.deletionTimestamp !== undefined) {
      return nothing({ code: 'Foreign', say: 'leaves the address alone', why: address ? 'it was not made for a Service' : 'it is gone' })
    }
    const holder = parentOf(address, snapshot)
    if (holder && heldBy(holder).includes(name)) return nothing({ code: 'Settled', say: `belongs to Service ${holder.metadata.name}`, why: 'the Service holds it' })
    const because: Reason = { code: 'AddressReleased', say: `gave ${name} back`, why: 'no Service holds it' }
    return { steps: [{ do: 'delete', ref: refOf(address), because }], because }
  },
})

export const heldBy = ({ spec }: Service): string[] => {
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return []
  return (spec.clusterIPs ?? [spec.clusterIP]).map((ip) => canonicalAddress(ip) ?? ip)
}

const isOf = (address: IPAddress, namespace: string, name: string): boolean => isServices(address) && address.spec.parentRef.namespace === namespace && address.spec.parentRef.name === name

const isServices = ({ spec }: IPAddress): boolean => !spec.parentRef.group && spec.parentRef.resource === 'services'

const parentOf = (address: IPAddress, snapshot: Snapshot): Service | undefined =>
  isServices(address) ? snapshot.get<Service>('Service', address.spec.parentRef.namespace, address.spec.parentRef.name) : undefined

function record(service: Service, snapshot: Snapshot): Plan {
  const { namespace = '', name } = service.metadata
  const steps: Step[] = []
  const because: Reason = { code: 'AddressRecorded', say: `recorded ${heldBy(service).join(' and ')}`, why: 'the Service holds it', refs: [refOf(service)] }
  for (const ip of heldBy(service)) {
    const present = snapshot.get<IPAddress>('IPAddress', undefined, ip)
    if (present && isOf(present, namespace, name) && managedByAllocator(present)) continue
    const other = present && parentOf(present, snapshot)
    if (other && other.metadata.uid !== service.metadata.uid && heldBy(other).includes(ip)) {
      const message = `Cluster IP [${family(ip)}]:${ip} was assigned to multiple services; please recreate service`
      steps.push({ do: 'note', ref: refOf(service), because: { code: 'ClusterIPAlreadyAllocated', say: `shares ${ip} with Service ${other.metadata.name}`, why: 'both were given it', event: { type: 'Warning', message } } })
      continue
    }
    if (present) steps.push({ do: 'delete', ref: refOf(present), because })
    steps.push({ do: 'create', tolerateExisting: true, object: recordOf(ip, namespace, name), because })
  }
  return steps.length === 0 ? nothing({ ...because, code: 'Settled', say: heldBy(service).length === 0 ? 'has no address of its own' : 'its address is recorded' }) : { steps, because }
}

const family = (ip: string) => (ip.includes(':') ? 'IPv6' : 'IPv4')

const recordOf = (ip: string, namespace: string, name: string): NewObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { name: ip, labels: { [familyLabel]: family(ip), [managerLabel]: allocator } },
  spec: { parentRef: { resource: 'services', namespace, name } },
})
