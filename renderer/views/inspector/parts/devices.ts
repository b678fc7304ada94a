/** Panels of devices: what classes choose, what claims asked for and got, what each machine offers. Pure. */
import type { Device, DeviceClaim, DeviceClass, DeviceRequest, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../../../core/api/types/resource.ts'
import { bytesInWords, count, quantityToNumber } from '../../../words/amounts.ts'
import type { World } from '../../../words/world.ts'
import { cell, inNamespace, linked, mono, type Cell, type Part } from './part.ts'

const howMany = (mode: string | undefined, n: number | undefined): string => (mode === 'All' ? 'all that fit' : String(n ?? 1))

function requestCells(request: DeviceRequest): [Cell, Cell] {
  const first = request.exactly
  if (first) return [linked({ kind: 'DeviceClass', name: first.deviceClassName }, first.selectors?.length ? { note: count(first.selectors.length, 'condition') } : {}), cell(howMany(first.allocationMode, first.count), { numeric: true })]
  const choices = request.firstAvailable ?? []
  return [cell(choices.map(({ deviceClassName }) => deviceClassName).join(', else '), { note: 'the first that is to be had' }), cell(choices.map((one) => howMany(one.allocationMode, one.count)).join(', '), { numeric: true })]
}

export function resourceClaimParts(world: World, claim: ResourceClaim): Part[] {
  const results = claim.status?.allocation?.devices?.results ?? []
  const users = claim.status?.reservedFor ?? []
  const requests = claim.spec.devices?.requests ?? []
  return [
    {
      title: 'What it asks for, and what it has',
      table: { columns: ['Request', 'Class', 'How many', 'Has'], rows: requests.map((request) => {
        const got = results.filter((one) => one.request === request.name || one.request.startsWith(`${request.name}/`))
        return [mono(request.name), ...requestCells(request), got.length === 0 ? cell('nothing yet', { mark: 'waiting' }) : cell(got.map((one) => one.device).join(', '), { mark: 'ready', note: `${got[0]!.pool}, driver ${got[0]!.driver}` })]
      }) },
    },
    ...conditionsParts(claim.spec.devices),
    users.length === 0 ? { title: 'Used by', say: 'No Pod uses it now.' } : { title: 'Used by', facts: users.map((user) => ({ label: user.resource === 'pods' ? 'Pod' : user.resource, cell: user.resource === 'pods' ? linked(inNamespace('Pod', claim.metadata.namespace, user.name), world.get(inNamespace('Pod', claim.metadata.namespace, user.name)) ? {} : { note: 'is gone' }) : cell(user.name) })) },
  ]
}

export const claimTemplateParts = ({ spec }: ResourceClaimTemplate): Part[] => [
  { title: 'What each Pod gets a claim on', table: { columns: ['Request', 'Class', 'How many'], rows: (spec.spec.devices?.requests ?? []).map((request) => [mono(request.name), ...requestCells(request)]) } },
  ...conditionsParts(spec.spec.devices),
]

function conditionsParts(devices: DeviceClaim | undefined): Part[] {
  const rows = [
    ...(devices?.requests ?? []).flatMap((request) => [...(request.exactly?.selectors ?? []), ...(request.firstAvailable ?? []).flatMap(({ selectors }) => selectors ?? [])].flatMap(({ cel }) => (cel ? [{ label: request.name, cell: mono(cel.expression) }] : []))),
    ...(devices?.constraints ?? []).map((constraint) => ({ label: 'Together', cell: cell(`${constraint.matchAttribute ?? constraint.distinctAttribute ?? ''} ${constraint.matchAttribute ? 'is the same' : 'differs'}${constraint.requests?.length ? ` for ${constraint.requests.join(', ')}` : ''}`) })),
  ]
  return rows.length === 0 ? [] : [{ title: 'Conditions', facts: rows }]
}

export function deviceClassParts(world: World, deviceClass: DeviceClass): Part[] {
  const { name } = deviceClass.metadata
  const asks = (claim: ResourceClaim): boolean => (claim.spec.devices?.requests ?? []).some((request) => request.exactly?.deviceClassName === name || request.firstAvailable?.some((one) => one.deviceClassName === name))
  const claims = (world.list('ResourceClaim') as readonly ResourceClaim[]).filter(asks)
  const selectors = (deviceClass.spec.selectors ?? []).flatMap(({ cel }) => (cel ? [cel.expression] : []))
  return [
    selectors.length === 0 ? { title: 'Devices of this class', say: 'Any device there is.' } : { title: 'Devices of this class', say: 'Those for which all of this is true.', facts: selectors.map((text, i) => ({ label: `Condition ${i + 1}`, cell: mono(text) })) },
    claims.length === 0 ? { title: 'Claims on it', say: 'None.' } : { title: 'Claims on it', table: { columns: ['Claim', 'Namespace', 'State'], rows: claims.slice(0, 30).map((claim) => [linked(inNamespace('ResourceClaim', claim.metadata.namespace, claim.metadata.name)), cell(claim.metadata.namespace ?? ''), cell(claim.status?.allocation ? 'has its devices' : 'waits', { mark: claim.status?.allocation ? 'ready' : 'waiting' })]) } },
  ]
}

const attributeWords = (device: Device): string =>
  Object.entries(device.attributes ?? {}).slice(0, 5).map(([key, value]) => `${key.split('/').at(-1) ?? key} ${String(value.string ?? value.int ?? value.bool ?? value.version ?? '')}`).join(', ')

export function resourceSliceParts(world: World, slice: ResourceSlice): Part[] {
  const { driver, pool, nodeName } = slice.spec
  const taken = new Map((world.list('ResourceClaim') as readonly ResourceClaim[]).flatMap((claim) => (claim.status?.allocation?.devices?.results ?? []).filter((one) => one.driver === driver && one.pool === pool.name).map((one) => [one.device, claim] as const)))
  const devices = slice.spec.devices ?? []
  return [
    { title: 'Whose devices', facts: [{ label: 'Machine', cell: nodeName ? linked({ kind: 'Node', name: nodeName }) : cell(slice.spec.allNodes ? 'all machines' : 'those its rules name') }, { label: 'Pool', cell: mono(pool.name) }, { label: 'Driver', cell: mono(driver) }] },
    devices.length === 0 ? { title: 'Devices', say: 'None.' } : { title: 'Devices', table: { columns: ['Device', 'Attributes', 'Claim'], rows: devices.map((device) => {
      const claim = taken.get(device.name)
      return [cell(device.name, { mono: true, mark: device.taints?.length ? 'degraded' : claim ? 'ready' : 'waiting' }), cell(attributeWords(device), Object.keys(device.capacity ?? {}).length === 0 ? {} : { note: Object.entries(device.capacity ?? {}).map(([key, one]) => `${key.split('/').at(-1) ?? key} ${/[KMGT]i$/.test(one.value) ? bytesInWords(quantityToNumber(one.value) ?? 0) : one.value}`).join(', ') }), claim ? linked(inNamespace('ResourceClaim', claim.metadata.namespace, claim.metadata.name)) : cell('free')]
    }) } },
  ]
}
