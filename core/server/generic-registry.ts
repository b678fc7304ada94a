/** The generic verbs over a store: builds the machinery once and hands each verb to its file. */
import type { Clock } from '../base/clock.ts'
import type { KindDefinition } from '../api/kind.ts'
import type { Patch, Revision } from '../api/request.ts'
import type { SchemaFacts } from '../api/schema/facts.ts'
import { ApiError } from '../api/status.ts'
import type { Status } from '../api/status.ts'
import type { Store } from '../store/store.ts'
import type { Admission } from './admission/admission.ts'
import { Tracker } from './apply/tracker.ts'
import { createObject } from './create.ts'
import { deleteCollection } from './delete-collection.ts'
import { deleteObject } from './delete.ts'
import type { Deleted } from './delete.ts'
import { Entries } from './entries.ts'
import { facesOf } from './faces.ts'
import { getObject, listObjects } from './list.ts'
import type { Machinery } from './machinery.ts'
import { patchObject } from './patch.ts'
import type { Answer, Body, Caller, DeleteParams, Face, Key, ListAnswer, ListParams, Registry, WatchItem, WatchParams, WriteParams } from './registry.ts'
import { updateObject } from './update.ts'
import { Watches } from './watch.ts'

export interface RegistryOptions {
  readonly store: Store
  readonly clock: Clock
  readonly facts: SchemaFacts
  readonly kinds: readonly KindDefinition[]
  readonly admission: readonly Admission[]
}

export class GenericRegistry implements Registry {
  readonly faces: readonly Face[]
  readonly machinery: Machinery
  readonly #byPath: ReadonlyMap<string, Face>
  readonly #byKind: ReadonlyMap<string, Face>
  readonly #watches: Watches

  constructor({ store, clock, facts, kinds, admission }: RegistryOptions) {
    this.faces = facesOf(kinds)
    this.#byPath = new Map(this.faces.map((face) => [`${face.group}/${face.version}/${face.definition.plural}`, face]))
    this.#byKind = new Map(this.faces.filter((face) => face.toWire === undefined).map((face) => [face.definition.kind, face]))
    this.machinery = { store, clock, facts, admission, entries: new Entries(), tracker: new Tracker(facts, clock), kind: (kind) => this.kind(kind) }
    this.#watches = new Watches(this.machinery)
  }

  get revision(): Revision {
    return this.machinery.store.revision
  }

  face(group: string, version: string, plural: string): Face | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`)
  }

  kind(kind: string): Face {
    const face = this.#byKind.get(kind)
    if (face === undefined) throw new ApiError('NotFound', `no kind "${kind}" is served`)
    return face
  }

  async get(face: Face, key: Key, params: { resourceVersion?: string; subresource?: string } = {}): Promise<Answer> {
    return getObject(this.machinery, face, key, params.resourceVersion)
  }

  async list(face: Face, params: ListParams): Promise<ListAnswer> {
    return listObjects(this.machinery, face, params)
  }

  async watch(face: Face, params: WatchParams, onItems: (items: readonly WatchItem[]) => void, onEnd: (error: Error) => void): Promise<() => void> {
    return this.#watches.watch(face, params, onItems, onEnd)
  }

  async create(face: Face, namespace: string | undefined, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
    return createObject(this.machinery, face, namespace, body, params, caller)
  }

  async update(face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
    return updateObject(this.machinery, face, key, body, params, caller)
  }

  async patch(face: Face, key: Key, patch: Patch & { duplicates?: readonly string[] }, params: WriteParams & { force?: boolean }, caller: Caller): Promise<Answer> {
    return patchObject(this.machinery, face, key, patch, params, caller)
  }

  async createSubresource(_face: Face, _key: Key, _subresource: string, _body: Body, _params: WriteParams, _caller: Caller): Promise<Status> {
    throw new ApiError('MethodNotAllowed', 'subresource')
  }

  async delete(face: Face, key: Key, params: DeleteParams, caller: Caller): Promise<Deleted> {
    return deleteObject(this.machinery, face, key, params, caller)
  }

  async deleteCollection(face: Face, list: ListParams, params: DeleteParams, caller: Caller): Promise<ListAnswer> {
    return deleteCollection(this.machinery, face, list, params, caller)
  }
}
