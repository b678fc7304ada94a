/**
 * managedFields as managers: who owns what, by whom, operation, version and subresource.
 * Upstream: apimachinery/pkg/util/managedfields/internal (managedfields.go, capmanagers.go).
 */
import { isObject } from '../../base/json.ts'
import type { ManagedFieldsEntry } from '../../api/meta.ts'
import { inOrder, leaf, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'

export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  /** Undefined: owns nothing (any longer). */
  readonly fields: FieldSet | undefined
}

const mostUpdaters = 10
const bucketName = 'ancient-changes'

/** Appliers are the same manager in every version. */
export const managerKey = (manager: Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string =>
  `${manager.operation}\0${manager.manager}\0${manager.subresource}\0${manager.operation === 'Apply' ? '' : manager.apiVersion}`

/** Undefined where the entries are not well-formed. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Manager> | undefined {
  const managers = new Map<string, Manager>()
  for (const entry of entries ?? []) {
    const { operation, fieldsType, fieldsV1 } = entry
    if ((operation !== 'Apply' && operation !== 'Update') || fieldsType !== 'FieldsV1' || !entry.apiVersion) return undefined
    const manager: Manager = {
      manager: entry.manager ?? '',
      operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      fields: isObject(fieldsV1) ? (fieldsV1 as FieldSet) : leaf,
    }
    managers.set(managerKey(manager), manager)
  }
  return managers
}

/** Sorted and capped; undefined where nobody owns anything. */
export function encodeManagers(managers: ReadonlyMap<string, Manager>): ManagedFieldsEntry[] | undefined {
  const kept = capUpdaters([...managers.values()].filter(({ fields }) => fields !== undefined))
  if (kept.length === 0) return undefined
  return kept.sort(order).map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: inOrder(fields ?? leaf) as Record<string, unknown>,
    ...(subresource === '' ? {} : { subresource }),
  }))
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function order(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  )
}

/** Beyond ten updaters the oldest of a version are merged into one. */
function capUpdaters(managers: Manager[]): Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update')
  let surplus = updaters.length - mostUpdaters
  if (surplus <= 0) return managers
  const left = new Map(managers.map((manager) => [managerKey(manager), manager]))
  const firsts = new Map<string, Manager>()
  for (const updater of updaters.sort((a, b) => compareText(a.time ?? '', b.time ?? '') || order(a, b))) {
    if (surplus <= 0) break
    const { apiVersion, time } = updater
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, updater)
      continue
    }
    const bucket: Manager = { manager: bucketName, operation: 'Update', apiVersion, subresource: '', time, fields: undefined }
    const key = managerKey(bucket)
    const gathered = left.get(key)?.fields ?? first.fields
    if (!left.has(key)) left.delete(managerKey(first))
    left.delete(managerKey(updater))
    left.set(key, { ...bucket, fields: union(gathered, updater.fields) })
    surplus--
  }
  return [...left.values()]
}
