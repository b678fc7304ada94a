/**
 * Every ResourceQuota's account, kept from the store's changes: built at the start, never behind a committed write.
 * Knows what lies in each namespace by its keys alone; objects are looked into only where a quota limits their kind.
 */
import type { KindDefinition } from '../../../api/kind.ts'
import { qualifiedResource } from '../../../api/kind.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { Evaluator } from '../../../api/quota/evaluator.ts'
import { evaluatorOf } from '../../../api/quota/evaluators.ts'
import type { ResourceQuota } from '../../../api/types/core.ts'
import type { Change, Entry, Store } from '../../../store/store.ts'
import type { Entries } from '../../registry/entries.ts'
import { parseKey } from '../../registry/keys.ts'
import { QuotaAccount } from './quota-account.ts'

interface Content {
  /** By resource, then by key. */
  readonly entries: Map<string, Map<string, Entry>>
  /** Pods on their way out. */
  readonly leaving: Map<string, Entry>
  readonly accounts: Map<string, QuotaAccount>
}

export class QuotaLedger {
  readonly #store: Store
  readonly #entries: Entries
  readonly #evaluators: ReadonlyMap<string, Evaluator>
  readonly #content = new Map<string, Content>()
  readonly #onStored: (namespace: string, revision: number) => void

  /** `onStored` is told of each change after the accounts hold it. */
  constructor(store: Store, entries: Entries, kinds: readonly KindDefinition[], onStored: (namespace: string, revision: number) => void) {
    this.#store = store
    this.#entries = entries
    this.#onStored = onStored
    this.#evaluators = new Map(kinds.filter(({ scope, verbs }) => scope === 'Namespaced' && (verbs?.includes('list') ?? true)).map((kind) => [qualifiedResource(kind), evaluatorOf(kind)]))
  }

  async load(): Promise<void> {
    const page = await this.#store.list('')
    for (const entry of page.entries) this.#put(entry)
    for (const content of this.#content.values()) this.#takeUpQuotas(content)
    this.#store.watch('', page.revision, (changes) => {
      for (const change of changes) this.#change(change)
    })
  }

  evaluator(resource: string): Evaluator | undefined {
    return this.#evaluators.get(resource)
  }

  /** In the order of their names. */
  accounts(namespace: string): readonly QuotaAccount[] {
    const accounts = this.#content.get(namespace)?.accounts
    if (accounts === undefined || accounts.size === 0) return []
    return [...accounts.values()].sort((a, b) => (a.quota.metadata.name < b.quota.metadata.name ? -1 : 1))
  }

  account(namespace: string, name: string): QuotaAccount | undefined {
    return this.#content.get(namespace)?.accounts.get(name)
  }

  leaving(namespace: string): readonly KubeObject[] {
    const leaving = this.#content.get(namespace)?.leaving
    return leaving === undefined || leaving.size === 0 ? [] : [...leaving.values()].map((entry) => this.#entries.object(entry))
  }

  #put(entry: Entry): void {
    const { resource, namespace } = parseKey(entry.key)
    if (namespace === undefined || !this.#evaluators.has(resource)) return
    let content = this.#content.get(namespace)
    if (content === undefined) this.#content.set(namespace, (content = { entries: new Map(), leaving: new Map(), accounts: new Map() }))
    let entries = content.entries.get(resource)
    if (entries === undefined) content.entries.set(resource, (entries = new Map()))
    entries.set(entry.key, entry)
    if (resource !== 'pods') return
    if (entry.value.includes('"deletionTimestamp"')) content.leaving.set(entry.key, entry)
    else content.leaving.delete(entry.key)
  }

  #change({ type, entry, previous }: Change): void {
    const { resource, namespace, name } = parseKey(entry.key)
    const evaluator = namespace === undefined ? undefined : this.#evaluators.get(resource)
    if (namespace === undefined || evaluator === undefined) return
    if (type === 'put') this.#put(entry)
    const content = this.#content.get(namespace)
    if (content === undefined) return
    for (const account of content.accounts.values()) {
      if (!account.counts(evaluator)) continue
      if (previous !== undefined) account.remove(evaluator, this.#entries.object(previous))
      if (type === 'put') account.add(evaluator, this.#entries.object(entry))
    }
    if (type === 'delete') {
      content.entries.get(resource)?.delete(entry.key)
      content.leaving.delete(entry.key)
    }
    if (resource === 'resourcequotas') this.#changeQuota(content, name, type === 'put' ? entry : undefined)
    if (type === 'delete' && content.entries.get(resource)?.size === 0) {
      content.entries.delete(resource)
      if (content.entries.size === 0) this.#content.delete(namespace)
    }
    this.#onStored(namespace, entry.revision)
  }

  #changeQuota(content: Content, name: string, entry: Entry | undefined): void {
    if (entry === undefined) return void content.accounts.delete(name)
    const quota = this.#entries.object(entry) as unknown as ResourceQuota
    const known = content.accounts.get(name)
    if (known === undefined) this.#takeUp(content, quota)
    else if (!known.revise(quota)) this.#recount(content, known)
  }

  #takeUpQuotas(content: Content): void {
    for (const entry of content.entries.get('resourcequotas')?.values() ?? []) this.#takeUp(content, this.#entries.object(entry) as unknown as ResourceQuota)
  }

  #takeUp(content: Content, quota: ResourceQuota): void {
    const account = new QuotaAccount(quota)
    content.accounts.set(quota.metadata.name, account)
    this.#recount(content, account)
  }

  #recount(content: Content, account: QuotaAccount): void {
    account.forget()
    for (const [resource, entries] of content.entries) {
      const evaluator = this.#evaluators.get(resource)!
      if (account.counts(evaluator)) for (const entry of entries.values()) account.add(evaluator, this.#entries.object(entry))
    }
  }
}
