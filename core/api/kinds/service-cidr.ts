/** ServiceCIDR: a range that Services get their addresses from. Upstream: pkg/apis/networking/validation, pkg/registry/networking/servicecidr. */
import { type FieldError, invalid, required } from '../field-error.ts'
import { cidrMessage } from '../ip.ts'
import { canonicalAddress, ipRange } from '../ip-range.ts'
import { defineKind } from '../kind.ts'
import { immutableMessage } from '../object-meta.ts'
import type { ServiceCIDR } from '../types/networking.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const path = 'spec.cidrs'

export const serviceCidr = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  tracksGeneration: false,
  subresources: { status: true },

  prepareForCreate(draft) {
    draft.status = {}
  },
  validate: ({ spec }) => validateRanges(spec?.cidrs ?? []),
  validateUpdate,

  columns: [nameColumn, { name: 'CIDRs', type: 'string', cell: ({ spec }) => (spec?.cidrs ?? []).join(',') }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function validateRanges(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors: FieldError[] = []
  for (const [i, cidr] of cidrs.entries()) {
    const range = ipRange(cidr)
    if (range === undefined) errors.push(invalid(`${path}[${i}]`, cidr, cidrMessage))
    else if (range.strays) errors.push(invalid(`${path}[${i}]`, cidr, 'must not have bits set beyond the prefix length'))
    else {
      const canonical = `${canonicalAddress(cidr.slice(0, cidr.indexOf('/')))}/${range.length}`
      if (canonical !== cidr) errors.push(invalid(`${path}[${i}]`, cidr, `must be in canonical form ("${canonical}")`))
    }
  }
  const [one, two] = cidrs.map(ipRange)
  if (cidrs.length === 2 && one !== undefined && one.family === two?.family) {
    errors.push(invalid(path, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'))
  }
  return errors
}

/** Ranges stay; a second family may join the first. */
function validateUpdate({ spec }: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const [now, before] = [spec?.cidrs ?? [], old.spec?.cidrs ?? []]
  if (now.length !== before.length && !(before.length === 1 && now.length === 2)) return [invalid(path, now, immutableMessage)]
  return before.flatMap((cidr, i) => immutable(`${path}[${i}]`, now[i], cidr))
}
