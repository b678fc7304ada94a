/**
 * The ranges of Service addresses: the cluster's own is always there, each one is marked ready, and none goes while an
 * address of it is in use. Mirrors pkg/controller/servicecidrs and pkg/controlplane/controller/defaultservicecidr.
 */
import { refOf, timestamp } from '../../api/meta.ts'
import { ipRange, rangeCovers, rangeHolds, type IpRange } from '../../api/ip-range.ts'
import type { Service } from '../../api/types/core.ts'
import type { IPAddress, ServiceCIDR } from '../../api/types/networking.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { heldBy, managedByAllocator } from './service-ip.ts'

const defaultRange = 'kubernetes'
const finalizer = 'networking.k8s.io/service-cidr-finalizer'
/** New addresses are given out while the news of the deletion is on its way. */
const deletionGraceMs = 10_000
const stillUsed = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'

/** `cidrs`: the cluster's own ranges. */
export const serviceCidr = (cidrs: readonly string[]) =>
  defineController<ServiceCIDR>({
    name: 'service-cidr-controller',
    reconciles: 'ServiceCIDR',
    wakesOn: ['IPAddress'],
    seeds: [{ kind: 'ServiceCIDR', name: defaultRange }],

    // Only a range that waits to go cares about the addresses in it.
    wakes: (_, snapshot) => snapshot.list<ServiceCIDR>('ServiceCIDR').filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(refOf),

    plan({ object: range, ref, snapshot, now }) {
      if (!range) return ref.name === defaultRange ? create(cidrs) : nothing({ code: 'Gone', say: 'nothing to do', why: 'the range is gone' })
      if (range.metadata.deletionTimestamp !== undefined) return leave(range, snapshot, now)
      const { finalizers = [], resourceVersion } = range.metadata
      if (!finalizers.includes(finalizer)) {
        const because: Reason = { code: 'RangeGuarded', say: 'guards the range against deletion', why: 'Services may hold addresses of it' }
        return { steps: [{ do: 'patch', ref: refOf(range), patch: { metadata: { resourceVersion, finalizers: [...finalizers, finalizer] } }, because }], because }
      }
      if (ready(range)?.status === 'True') return nothing({ code: 'Settled', say: 'gives out addresses', why: `ready with ${(range.spec.cidrs ?? []).join(' and ')}` })
      return condition(range, 'True', '', 'Kubernetes Service CIDR is ready', now)
    },
  })

const ready = (range: ServiceCIDR) => range.status?.conditions?.find(({ type }) => type === 'Ready')

function create(cidrs: readonly string[]): Plan {
  const because: Reason = { code: 'RangeCreated', say: `made the cluster's own range of Service addresses`, why: `Services get addresses of ${cidrs.join(' and ')}` }
  return { steps: [{ do: 'create', tolerateExisting: true, object: { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: defaultRange, finalizers: [finalizer] }, spec: { cidrs } }, because }], because }
}

function leave(range: ServiceCIDR, snapshot: Snapshot, now: number): Plan {
  const { finalizers = [], resourceVersion, deletionTimestamp = '' } = range.metadata
  if (!finalizers.includes(finalizer)) return nothing({ code: 'Leaving', say: 'nothing left to do', why: 'others hold the range back' })
  const orphan = firstOrphan(range, snapshot)
  if (orphan !== undefined) {
    const known = ready(range)
    if (known?.status === 'False' && known.message === stillUsed) return nothing({ code: 'StillUsed', say: `waits for ${orphan} to be given back`, why: 'no other range holds it' })
    return condition(range, 'False', 'Terminating', stillUsed, now)
  }
  const due = Date.parse(deletionTimestamp) + deletionGraceMs
  if (now < due) return nothing({ code: 'Waiting', say: `goes in ${Math.ceil((due - now) / 1000)} s`, why: 'an address may just be given out' }, due)
  const because: Reason = { code: 'RangeReleased', say: 'lets the range go', why: 'no address in use needs it' }
  return { steps: [{ do: 'patch', ref: refOf(range), patch: { metadata: { resourceVersion, finalizers: finalizers.filter((one) => one !== finalizer) } }, because }], because }
}

/** An address in use that only this range holds. */
function firstOrphan(range: ServiceCIDR, snapshot: Snapshot): string | undefined {
  const others = snapshot.list<ServiceCIDR>('ServiceCIDR').filter(({ metadata }) => metadata.uid !== range.metadata.uid).flatMap(rangesOf)
  const exposed = rangesOf(range).filter((own) => !others.some((other) => rangeCovers(other, own)))
  // One that stands in another is as good as gone already (upstream: canDeleteCIDR).
  if (exposed.length === 0) return undefined
  // What a Service holds may not be recorded yet.
  const recorded = snapshot.list<IPAddress>('IPAddress').filter(managedByAllocator).map(({ metadata }) => metadata.name)
  const inUse = [...snapshot.list<Service>('Service').flatMap(heldBy), ...recorded]
  return inUse.find((address) => exposed.some((own) => rangeHolds(own, address)) && !others.some((other) => rangeHolds(other, address)))
}

const rangesOf = ({ spec }: ServiceCIDR): IpRange[] => (spec.cidrs ?? []).map(ipRange).filter((range) => range !== undefined)

function condition(range: ServiceCIDR, status: 'True' | 'False', reason: string, message: string, now: number): Plan {
  const others = (range.status?.conditions ?? []).filter(({ type }) => type !== 'Ready')
  const known = ready(range)
  const since = known?.status === status ? known.lastTransitionTime : timestamp(now)
  const because: Reason = status === 'True' ? { code: 'RangeReady', say: 'gives out addresses', why: message } : { code: 'RangeHeldBack', say: 'cannot go yet', why: message }
  const conditions = [...others, { type: 'Ready', status, reason, message, lastTransitionTime: since }]
  return { steps: [{ do: 'patch', ref: refOf(range), subresource: 'status', patch: { metadata: { resourceVersion: range.metadata.resourceVersion }, status: { conditions } }, because }], because }
}
