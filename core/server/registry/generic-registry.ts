/** The generic verbs over a store: builds the machinery once and hands each verb to its file. */
import type { Clock } from '../../base/clock.ts'
import type { KindDefinition } from '../../api/kind.ts'
import type { Patch, Revision } from '../../api/request.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import { ApiError } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Status } from '../../api/status.ts'
import type { Store } from '../../store/store.ts'
import type { Service } from '../../api/types/core.ts'
import type { Admission } from '../admission/admission.ts'
import { namespaceLifecycle } from '../admission/namespace-lifecycle.ts'
import { chargeQuota } from '../admission/resource-quota/charge-quota.ts'
import { ResourceQuotas } from '../admission/resource-quota/resource-quota.ts'
import { ServiceAddresses } from '../admission/service-addresses/service-addresses.ts'
import type { ServiceRanges } from '../admission/service-addresses/service-addresses.ts'
import { standardAdmission } from '../admission/standard-admission.ts'
import { Tracker } from '../apply/tracker.ts'
import type { TokenKey } from '../auth/json-web-token.ts'
import { ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import { createObject } from './create.ts'
import { deleteCollection } from './delete-collection.ts'
import { deleteObject } from './delete.ts'
import { getDerived, listDerived, type DerivedKind } from './derived.ts'
import type { Deleted } from './delete.ts'
import { Entries } from './entries.ts'
import { facesOf } from './faces.ts'
import { randomIdentities, type Identities } from './identities.ts'
import { prefixOf } from './keys.ts'
import { getObject, listObjects } from './list.ts'
import { Lookup } from './lookup.ts'
import type { Machinery } from './machinery.ts'
import { patchObject } from './patch/patch.ts'
import type { Answer, Body, Caller, DeleteParams, Face, Key, ListAnswer, ListParams, Registry, WatchItem, WatchParams, WriteParams } from './registry.ts'
import { bindPod } from '../subresources/binding.ts'
import { evictPod } from '../subresources/eviction.ts'
import { finalizeNamespace } from '../subresources/namespace-finalize.ts'
import { answerReview } from '../subresources/reviews.ts'
import { getScale, patchScale, updateScale } from '../subresources/scale.ts'
import { requestToken } from '../subresources/token-request.ts'
import { reviewToken } from '../subresources/token-review.ts'
import { updateObject } from './update.ts'
import { Watches } from './watch.ts'

export interface RegistryOptions {
  readonly store: Store
  readonly clock: Clock
  readonly facts: SchemaFacts
  readonly kinds: readonly KindDefinition[]
  /** Steps beyond those the object model itself needs (namespaces, Service addresses). Absent: those of every cluster. */
  readonly admission?: readonly Admission[]
  readonly services?: ServiceRanges
  /** Signs the tokens of service accounts. */
  readonly tokenKey?: TokenKey
  readonly identities?: Identities
  /** Kinds that are told, not stored. */
  readonly derived?: readonly DerivedKind[]
}

const defaultRanges: ServiceRanges = { addresses: '10.96.0.0/16', nodePorts: { from: 30_000, to: 32_767 } }

/** What admission asks about. */
const lookedUp = new Set(['Node', 'StorageClass', 'Namespace', 'ServiceAccount', 'PriorityClass', 'RuntimeClass', 'LimitRange', 'ServiceCIDR', 'IPAddress', 'IngressClass'])

export class GenericRegistry implements Registry {
  readonly faces: readonly Face[]
  readonly machinery: Machinery
  readonly tokens?: ServiceAccountTokens
  readonly #byPath: ReadonlyMap<string, Face>
  readonly #byKind: ReadonlyMap<string, Face>
  readonly #derived: ReadonlyMap<string, DerivedKind>
  readonly #watches: Watches
  /** Settled once the present state is known to admission. Writes wait for it. */
  readonly ready: Promise<void>

  constructor({ store, clock, facts, kinds, admission, services = defaultRanges, identities = randomIdentities, tokenKey, derived = [] }: RegistryOptions) {
    this.faces = facesOf([...kinds, ...derived.map(({ definition }) => definition)])
    this.#derived = new Map(derived.map((kind) => [kind.definition.kind, kind]))
    this.#byPath = new Map(this.faces.map((face) => [`${face.group}/${face.version}/${face.definition.plural}`, face]))
    this.#byKind = new Map(this.faces.filter((face) => face.toWire === undefined).map((face) => [face.definition.kind, face]))
    const entries = new Entries()
    const lookup = new Lookup(store, entries, kinds.filter(({ kind }) => lookedUp.has(kind)))
    const addresses = new ServiceAddresses(services, lookup, identities.random)
    const quotas = new ResourceQuotas({ store, entries, kinds, clock, charge: (namespace, name, status) => chargeQuota(this.machinery, namespace, name, status) })
    const steps = [namespaceLifecycle(lookup), ...(admission ?? standardAdmission(lookup, identities)), addresses, quotas]
    this.machinery = { store, clock, facts, admission: steps, entries, tracker: new Tracker(facts, clock), identities, kind: (kind) => this.kind(kind) }
    if (tokenKey !== undefined) this.tokens = new ServiceAccountTokens(tokenKey, clock, (kind, namespace, name) => this.#read(kind, namespace, name))
    this.#watches = new Watches(this.machinery)
    this.ready = this.#prepare(lookup, addresses, quotas)
    // Whoever writes first is told; nobody else needs to be.
    this.ready.catch(() => {})
  }

  async #prepare(lookup: Lookup, addresses: ServiceAddresses, quotas: ResourceQuotas): Promise<void> {
    await Promise.all([lookup.load(), quotas.load()])
    const service = this.#byKind.get('Service')
    if (service === undefined) return
    const { entries } = await this.machinery.store.list(prefixOf(service.definition))
    for (const entry of entries) addresses.adopt(this.machinery.entries.object(entry) as unknown as Service)
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

  async #read(kind: string, namespace: string | undefined, name: string): Promise<KubeObject> {
    return (await getObject(this.machinery, this.kind(kind), { name, ...(namespace === undefined ? {} : { namespace }) })).object
  }

  async get(face: Face, key: Key, params: { resourceVersion?: string; subresource?: string } = {}): Promise<Answer> {
    const derived = this.#derived.get(face.definition.kind)
    if (derived !== undefined) return getDerived(derived, face, key)
    return params.subresource === 'scale' ? getScale(this.machinery, face, key, params.resourceVersion) : getObject(this.machinery, face, key, params.resourceVersion)
  }

  async list(face: Face, params: ListParams): Promise<ListAnswer> {
    const derived = this.#derived.get(face.definition.kind)
    return derived === undefined ? listObjects(this.machinery, face, params) : listDerived(derived, face, params, this.revision)
  }

  async watch(face: Face, params: WatchParams, onItems: (items: readonly WatchItem[]) => void, onEnd: (error: Error) => void): Promise<() => void> {
    return this.#watches.watch(face, params, onItems, onEnd)
  }

  async create(face: Face, namespace: string | undefined, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
    await this.ready
    if (this.tokens !== undefined && face.definition.kind === 'TokenReview') return reviewToken(this.machinery, this.tokens, face, body, params, caller)
    return (await answerReview(this.machinery, face, body, params, caller)) ?? createObject(this.machinery, face, namespace, body, params, caller)
  }

  async update(face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
    await this.ready
    if (params.subresource === 'scale') return updateScale(this.machinery, face, key, body, params, caller)
    if (params.subresource === 'finalize') return finalizeNamespace(this.machinery, face, key, body, params, caller)
    return updateObject(this.machinery, face, key, body, params, caller)
  }

  async patch(face: Face, key: Key, patch: Patch & { duplicates?: readonly string[] }, params: WriteParams & { force?: boolean }, caller: Caller): Promise<Answer> {
    await this.ready
    if (params.subresource === 'scale') return patchScale(this.machinery, face, key, patch, params, caller)
    return patchObject(this.machinery, face, key, patch, params, caller)
  }

  async createSubresource(face: Face, key: Key, subresource: string, body: Body, params: WriteParams, caller: Caller): Promise<Status> {
    await this.ready
    if (face.definition.kind === 'Pod' && subresource === 'binding') return bindPod(this.machinery, key, body, params, caller)
    if (face.definition.kind === 'Pod' && subresource === 'eviction') return evictPod(this.machinery, key, body, params, caller)
    throw new ApiError('NotFound', 'the server could not find the requested resource')
  }

  async requestToken(account: Key, body: Body): Promise<KubeObject> {
    if (this.tokens === undefined) throw new ApiError('NotFound', 'the server could not find the requested resource')
    return requestToken(this.machinery, this.tokens, (kind, namespace, name) => this.#read(kind, namespace, name), account, body)
  }

  async delete(face: Face, key: Key, params: DeleteParams, caller: Caller): Promise<Deleted> {
    await this.ready
    return deleteObject(this.machinery, face, key, params, caller)
  }

  async deleteCollection(face: Face, list: ListParams, params: DeleteParams, caller: Caller): Promise<ListAnswer> {
    await this.ready
    return deleteCollection(this.machinery, face, list, params, caller)
  }
}
