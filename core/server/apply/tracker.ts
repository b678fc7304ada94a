/**
 * Keeps managedFields for every write that is not an apply: who writes a field owns it from then on, and nobody owns
 * what went. Upstream: apimachinery/pkg/util/managedfields (fieldmanager.go, structuredmerge.go, stripmeta.go).
 */
import type { Clock } from '../../base/clock.ts'
import { apiVersionOf } from '../../api/kind.ts'
import type { AnyObject } from '../../api/kind.ts'
import { timestamp } from '../../api/meta.ts'
import type { KubeObject, ManagedFieldsEntry, NewObject } from '../../api/meta.ts'
import { decode } from '../../api/schema/structural.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import type { Face, WriteParams } from '../registry/registry.ts'
import { compare } from './compare.ts'
import type { Difference } from './compare.ts'
import { difference, union } from './field-set.ts'
import { decodeManagers, encodeManagers, managerKey } from './managers.ts'
import type { Manager } from './managers.ts'
import { Shapes } from './shape.ts'

const untrackedTop: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])
const untrackedTopAndStatus: ReadonlySet<string> = new Set([...untrackedTop, 'status'])
const untrackedMeta: ReadonlySet<string> = new Set([
  'name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion',
])
const noManagers: ReadonlyMap<string, Manager> = new Map()

export class Tracker {
  readonly #facts: SchemaFacts
  readonly #clock: Clock
  readonly shapes = new Shapes()
  readonly #blanks = new Map<Face, Record<string, unknown>>()

  constructor(facts: SchemaFacts, clock: Clock) {
    this.#facts = facts
    this.#clock = clock
  }

  /** The writer owns everything that is there, but for a status that creation will drop. */
  created(face: Face, draft: NewObject, params: WriteParams): void {
    if (isReset(draft.metadata.managedFields)) {
      delete draft.metadata.managedFields
      return
    }
    const managers = decodeManagers(draft.metadata.managedFields) ?? new Map<string, Manager>()
    delete draft.metadata.managedFields
    const { touched } = this.compare(face, this.blank(face), this.wire(face, draft), face.definition.subresources.status === true)
    this.#write(draft, this.#own(managers, face, params, touched === undefined ? {} : { touched }))
  }

  changed(face: Face, draft: NewObject, old: KubeObject, params: WriteParams): void {
    const given = params.subresource === undefined ? draft.metadata.managedFields : old.metadata.managedFields
    delete draft.metadata.managedFields
    if (isReset(given)) return
    const known = old.metadata.managedFields
    const decoded = given === known || given === undefined || given.length === 0 ? undefined : decodeManagers(given)
    const managers = decoded ?? decodeManagers(known) ?? noManagers
    // Objects whose owners were cleared stay without until the next apply.
    if (managers.size === 0) return
    const found = this.compare(face, this.wire(face, old), this.wire(face, draft))
    if (found.touched === undefined && found.removed === undefined && decoded === undefined) {
      if (known !== undefined) draft.metadata.managedFields = known
      return
    }
    this.#write(draft, this.#own(managers, face, params, found))
  }

  /** Differences of two objects in the face's form. */
  compare(face: Face, old: AnyObject | Record<string, unknown>, now: AnyObject, withoutStatus = false): Difference {
    const model = this.#facts.model(face.schema)
    const rest = compare(this.shapes, this.shapes.ofModel(model), old, now, withoutStatus ? untrackedTopAndStatus : untrackedTop)
    const metadata = model.fields.get('metadata')
    if (metadata === undefined) return rest
    const meta = compare(this.shapes, this.shapes.ofField(metadata), (old as Partial<AnyObject>).metadata ?? {}, now.metadata, untrackedMeta)
    return {
      ...(meta.touched === undefined ? rest.touched && { touched: rest.touched } : { touched: { 'f:metadata': meta.touched, ...rest.touched } }),
      ...(meta.removed === undefined ? rest.removed && { removed: rest.removed } : { removed: { 'f:metadata': meta.removed, ...rest.removed } }),
    }
  }

  /** What an object of the face holds before anything is set: the structs that are always there. */
  blank(face: Face): Record<string, unknown> {
    let blank = this.#blanks.get(face)
    if (blank === undefined) {
      blank = decode(this.#facts.model(face.schema), {}).value
      this.#blanks.set(face, blank)
    }
    return blank
  }

  wire(face: Face, object: AnyObject): AnyObject {
    return face.toWire === undefined ? object : face.toWire(object)
  }

  now(): string {
    return timestamp(this.#clock.now())
  }

  #own(managers: ReadonlyMap<string, Manager>, face: Face, params: WriteParams, { touched, removed }: Difference): Map<string, Manager> {
    const changed = union(touched, removed)
    const result = new Map<string, Manager>()
    for (const [key, manager] of managers) {
      const fields = difference(manager.fields, changed)
      if (fields !== undefined) result.set(key, fields === manager.fields ? manager : { ...manager, fields })
    }
    if (touched === undefined) return result
    const writer: Omit<Manager, 'fields' | 'time'> = {
      manager: params.fieldManager ?? 'unknown',
      operation: 'Update',
      apiVersion: apiVersionOf(face),
      subresource: params.subresource ?? '',
    }
    const key = managerKey(writer)
    result.set(key, { ...writer, time: this.now(), fields: union(result.get(key)?.fields, touched) })
    return result
  }

  #write(draft: NewObject, managers: ReadonlyMap<string, Manager>): void {
    const entries = encodeManagers(managers)
    if (entries !== undefined) draft.metadata.managedFields = entries
  }
}

/** `[{}]` is how a client clears all ownership. */
const isReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean => entries?.length === 1 && Object.keys(entries[0]!).length === 0
