/**
 * Nothing is admitted beyond a ResourceQuota. Each admitted write holds its part of the account from its check, which is
 * synchronous, until it is stored or known not to be: so no two writes are ever given the same part, whatever fails.
 * The quota's status follows in the same commit. Upstream: apiserver/pkg/admission/plugin/resourcequota/controller.go,
 * which charges the status itself, by compare and swap; the messages are its own.
 */
import { type Amounts, plus, showAmounts, zero } from '../../../api/amounts.ts'
import type { Clock } from '../../../base/clock.ts'
import { qualifiedResource } from '../../../api/kind.ts'
import type { Evaluator } from '../../../api/quota/evaluator.ts'
import { isCovered } from '../../../api/quota/evaluators.ts'
import type { Quantity } from '../../../api/quantity.ts'
import { objectForbidden } from '../../errors.ts'
import { served } from '../../registry/faces.ts'
import type { Admission, AdmissionRequest, Claim } from '../admission.ts'
import type { QuotaAccount, Reservation } from './quota-account.ts'
import { QuotaLedger } from './quota-ledger.ts'
import type { KindDefinition } from '../../../api/kind.ts'
import type { Entries } from '../../registry/entries.ts'
import type { Store } from '../../../store/store.ts'
import type { ResourceQuota as Quota } from '../../../api/types/core.ts'

interface Held extends Reservation {
  readonly account: QuotaAccount
  readonly request: AdmissionRequest
}

/** Writes the status of a quota; called with what it should be when the write is decided. */
export type Charge = (namespace: string, name: string, status: () => Quota['status'] | undefined) => Promise<void>

export interface QuotaOptions {
  readonly store: Store
  readonly entries: Entries
  readonly kinds: readonly KindDefinition[]
  readonly clock: Clock
  readonly charge: Charge
}

export class ResourceQuotas implements Admission {
  readonly name = 'ResourceQuota'
  readonly #ledger: QuotaLedger
  readonly #clock: Clock
  readonly #charge: Charge
  readonly #pods: Evaluator
  /** By namespace: what is admitted and not yet settled. */
  readonly #held = new Map<string, Set<Held>>()
  /** Quotas whose status is about to be written. */
  readonly #charging = new Set<QuotaAccount>()

  constructor({ store, entries, kinds, clock, charge }: QuotaOptions) {
    this.#clock = clock
    this.#charge = charge
    this.#ledger = new QuotaLedger(store, entries, kinds, (namespace, revision) => this.#stored(namespace, revision))
    this.#pods = this.#ledger.evaluator('pods')!
  }

  async load(): Promise<void> {
    await this.#ledger.load()
  }

  claim(request: AdmissionRequest): Claim | undefined {
    const { operation, face, namespace, subresource, draft, old } = request
    if (operation === 'delete' || namespace === undefined || (operation === 'create' && subresource !== undefined)) return undefined
    const accounts = this.#ledger.accounts(namespace)
    if (accounts.length === 0) return undefined
    const evaluator = this.#ledger.evaluator(qualifiedResource(face.definition))
    if (evaluator === undefined || (old !== undefined && !evaluator.charges(subresource, draft, old))) return undefined

    const concerned = accounts.filter((account) => account.covers(evaluator, draft))
    for (const account of concerned) {
      const complaint = evaluator.complaint?.(Object.keys(account.hard).filter((name) => evaluator.counts(name)), draft)
      if (complaint !== undefined) throw refused(request, `failed quota: ${account.quota.metadata.name}: ${complaint}`)
    }
    const now = this.#clock.now()
    const usage = evaluator.usage(draft, now)
    const before = old === undefined ? {} : evaluator.usage(old, now)
    const leaving = this.#ledger.leaving(namespace)
    const held: Held[] = []
    for (const account of concerned) {
      const amounts = growth(usage, old !== undefined && isCovered(account.quota, evaluator, old) ? before : {}, account.hard)
      if (Object.keys(amounts).length === 0) continue
      this.#assertFits(request, account, amounts, account.used(this.#pods, leaving, now))
      held.push({ account, request, amounts, isDecided: () => draft.metadata.resourceVersion !== undefined && draft.metadata.resourceVersion !== old?.metadata.resourceVersion })
    }
    if (held.length === 0) return undefined
    return this.#hold(namespace, held, request)
  }

  #assertFits(request: AdmissionRequest, account: QuotaAccount, amounts: Amounts, used: Amounts): void {
    const names = Object.keys(amounts).filter((name) => plus(used[name] ?? zero, amounts[name]!).nano > account.hard[name]!.nano)
    if (names.length === 0) return
    const of = (list: Amounts) => showAmounts(Object.fromEntries(names.map((name) => [name, list[name] ?? zero])))
    throw refused(request, `exceeded quota: ${account.quota.metadata.name}, requested: ${of(amounts)}, used: ${of(used)}, limited: ${of(account.hard)}`)
  }

  #hold(namespace: string, held: readonly Held[], { dryRun, operation }: AdmissionRequest): Claim {
    const all = this.#held.get(namespace) ?? new Set<Held>()
    this.#held.set(namespace, all)
    for (const one of held) {
      one.account.reserve(one)
      all.add(one)
    }
    if (!dryRun) {
      const charge = () => held.forEach(({ account }) => this.#writeStatus(namespace, account))
      // A creation is handed to the store after this; an update is being decided by it now. Either way the quota comes next.
      if (operation === 'create') queueMicrotask(charge)
      else charge()
    }
    const free = () => this.#free(namespace, held)
    return { settle: free, release: free }
  }

  #free(namespace: string, held: readonly Held[]): void {
    const all = this.#held.get(namespace)
    for (const one of held) {
      one.account.free(one)
      all?.delete(one)
    }
    if (all?.size === 0) this.#held.delete(namespace)
  }

  /** From here on the account counts the object itself. */
  #stored(namespace: string, revision: number): void {
    const all = this.#held.get(namespace)
    if (all === undefined) return
    const done = [...all].filter(({ request }) => request.draft.metadata.resourceVersion === String(revision))
    if (done.length > 0) this.#free(namespace, done)
  }

  #writeStatus(namespace: string, account: QuotaAccount): void {
    if (this.#charging.has(account)) return
    this.#charging.add(account)
    const { name } = account.quota.metadata
    const status = () => {
      this.#charging.delete(account)
      return this.#ledger.account(namespace, name) === account ? account.status(this.#pods, this.#ledger.leaving(namespace), this.#clock.now()) : undefined
    }
    // The status is only shown; where it can't be written now, the controller does it later.
    this.#charge(namespace, name, status).catch(() => {}).finally(() => this.#charging.delete(account))
  }
}

/** What is used more than before, of what the quota limits. */
function growth(usage: Amounts, before: Amounts, hard: Amounts): Amounts {
  const grown: Record<string, Quantity> = {}
  for (const name in hard) {
    const now = usage[name]
    if (now === undefined) continue
    const more = now.nano - (before[name]?.nano ?? 0n)
    if (more > 0n) grown[name] = { nano: more, format: now.format }
  }
  return grown
}

const refused = ({ face, name }: AdmissionRequest, why: string) => objectForbidden(served(face), name, why)
