/**
 * Performing actions: asks first where something stops, calls the cluster, says what was done with Undo, and says what
 * failed in the dialog or panel concerned. Graph, outline, tables, inspector and palette all start actions here.
 */
import { createContext } from 'svelte'
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Ingress } from '../../core/api/types/networking.ts'
import type { Calls, JournalEntry, UndoPreview } from '../../electron/contract.ts'
import type { Cluster } from '../cluster/cluster.svelte.ts'
import type { WindowState } from '../state/window-state.svelte.ts'
import type { Toasts } from '../ui/toasts.svelte.ts'
import { ingressUrls } from '../words/ingress.ts'
import { count } from '../words/amounts.ts'
import type { ActionId, ActionPlan, WriteCall } from './action.ts'
import { portsOf } from './available.ts'
import { cordonPlan, drainPlan } from './cordon.ts'
import { deletePlan } from './delete.ts'
import { makeDefaultPlan } from './make-default.ts'
import { PatientRun } from './patient-run.svelte.ts'
import { pausePlan } from './pause.ts'
import { restartPlan } from './restart.ts'
import { retryPlan } from './retry.ts'
import { runNowPlan } from './run-now.ts'
import { suspendPlan } from './suspend.ts'

export type ActionDialog =
  | { type: 'confirm'; plan: ActionPlan }
  | { type: 'grow'; ref: Ref }
  | { type: 'scale'; targets: readonly Ref[] }
  | { type: 'image'; ref: Ref; container?: string; image?: string }
  | { type: 'roll-back'; ref: Ref; toRevision?: number }
  | { type: 'tune'; ref: Ref }
  | { type: 'resize'; ref: Ref }
  | { type: 'undo'; revision: number; preview: UndoPreview; title: string }
  | { type: 'failed'; title: string; problems: readonly { what: string; why: string }[]; written: number }

const whatOf = (call: WriteCall): string => {
  switch (call.call) {
    case 'create': case 'update': return `${call.arg.object.kind} ${call.arg.object.metadata.name ?? ''}`
    case 'patch': case 'delete': case 'evict': return `${call.arg.ref.kind} ${call.arg.ref.name}`
    case 'undo': return `revision ${call.arg.revision}`
    default: return ''
  }
}
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class Actions {
  dialog = $state.raw<ActionDialog | undefined>()
  /** A write is under way: `done` of `all` calls are answered. */
  busy = $state.raw<{ done: number; all: number; say: string } | undefined>()
  /** Pods of a machine that are being moved away. */
  draining = $state.raw<PatientRun | undefined>()
  readonly toasts: Toasts
  readonly #cluster: Cluster
  readonly #window: WindowState

  constructor(cluster: Cluster, window: WindowState, toasts: Toasts) {
    this.#cluster = cluster
    this.#window = window
    this.toasts = toasts
  }

  /** Begins an action on one or several objects. */
  start(id: ActionId, refs: Ref | readonly Ref[]): void {
    const list = (Array.isArray(refs) ? refs : [refs]) as readonly Ref[]
    const objects = list.flatMap((ref) => this.#cluster.get(ref) ?? [])
    const first = objects[0]
    if (!first) return
    const ref = refOf(first)
    switch (id) {
      case 'logs': case 'terminal': case 'why': case 'yaml': case 'events': this.#window.open(ref, id); return
      case 'open': void this.openInBrowser(first); return
      case 'scale': this.dialog = { type: 'scale', targets: objects.map(refOf) }; return
      case 'image': this.dialog = { type: 'image', ref }; return
      case 'roll-back': this.dialog = { type: 'roll-back', ref }; return
      case 'restart': this.ask(merged(objects.map((o) => restartPlan(o, this.#cluster.clock.now())), objects)); return
      case 'pause': case 'resume': this.ask(pausePlan(first, id === 'pause')); return
      case 'run-now': this.ask(runNowPlan(first as CronJob, this.#cluster.clock.now())); return
      case 'retry': this.ask(retryPlan(first as Job, this.#cluster.clock.now())); return
      case 'suspend': case 'go-on': this.ask(suspendPlan(first, id === 'suspend')); return
      case 'tune': this.dialog = { type: 'tune', ref }; return
      case 'resize': this.dialog = { type: 'resize', ref }; return
      case 'cordon': case 'uncordon': this.ask(cordonPlan(first, id === 'cordon')); return
      case 'drain': this.ask(drainPlan(this.#cluster, first)); return
      case 'grow': this.dialog = { type: 'grow', ref }; return
      case 'make-default': this.ask(makeDefaultPlan(this.#cluster, first)); return
      case 'delete': this.ask(deletePlan(this.#cluster, objects)); return
    }
  }

  /** Runs a plan, after its confirmation where it has one. */
  ask(plan: ActionPlan): void {
    if (plan.confirm) this.dialog = { type: 'confirm', plan }
    else void this.run(plan)
  }

  /** True where everything was written. */
  async run(plan: ActionPlan): Promise<boolean> {
    if (plan.patient) return this.#runPatiently(plan)
    const problems: { what: string; why: string }[] = []
    const newest = this.#cluster.journal.entries.at(-1)?.revision ?? 0
    let written = 0
    for (const [index, call] of plan.calls.entries()) {
      this.busy = { done: index, all: plan.calls.length, say: plan.done }
      try {
        await this.#perform(call)
        written++
      } catch (error) {
        problems.push({ what: whatOf(call), why: wordsOf(error) })
        if (!plan.tolerant) break
      }
    }
    this.busy = undefined
    if (problems.length > 0) {
      this.dialog = { type: 'failed', title: problems.length === plan.calls.length ? 'Nothing was changed' : `${count(problems.length, 'change')} of ${plan.calls.length} failed`, problems, written }
      return false
    }
    this.dialog = undefined
    this.toasts.say(plan.done, plan.calls.length === 1 && !plan.final ? () => void this.undoSince(newest) : undefined)
    return true
  }

  /** Goes on in the background, beside whatever else is done. */
  async #runPatiently(plan: ActionPlan): Promise<boolean> {
    if (this.draining) {
      this.dialog = { type: 'failed', title: 'Pods of a machine are on the move already', problems: [{ what: this.draining.title, why: 'It goes on until its Pods are gone, or you stop it.' }], written: 0 }
      return false
    }
    const evictions = plan.calls.filter(({ call }) => call === 'evict')
    const run = new PatientRun(plan.confirm?.title.replace(/\?$/, '').replace(/^Move/, 'Moving') ?? plan.done, evictions.length, this.#cluster.clock)
    this.dialog = undefined
    this.draining = run
    const problems: { what: string; why: string }[] = []
    try {
      for (const call of plan.calls) if (call.call !== 'evict') await this.#perform(call)
      problems.push(...(await run.run(evictions, (call) => this.#perform(call))).map(({ call, error }) => ({ what: whatOf(call), why: wordsOf(error) })))
    } catch (error) {
      problems.push({ what: plan.kubectl, why: wordsOf(error) })
    }
    this.draining = undefined
    if (problems.length > 0) {
      this.dialog = { type: 'failed', title: `${count(problems.length, 'change')} of ${plan.calls.length} failed`, problems, written: run.done }
      return false
    }
    this.toasts.say(run.stopped && run.done < run.all ? `Stopped: ${run.done} of ${run.all} Pods moved, the others stay` : plan.done)
    return true
  }

  #perform(call: WriteCall): Promise<unknown> {
    return this.#cluster.call(call.call, call.arg as Parameters<Calls[typeof call.call]>[0])
  }

  async openInBrowser(object: KubeObject, port?: number): Promise<void> {
    if (object.kind === 'Ingress') {
      const [first] = ingressUrls(object as Ingress)
      if (first) window.open(first.url, '_blank', 'noopener')
      return
    }
    const target = port ?? portsOf(object)[0]
    if (target === undefined) return
    // Opened before the answer, or the browser takes it for a pop-up; it gets its address when it is known.
    const tab = window.open('', '_blank')
    if (tab) tab.opener = null
    try {
      const { url } = await this.#cluster.call('openPort', { ref: refOf(object), port: target })
      await this.#cluster.refreshPorts()
      if (tab) tab.location.href = url
      else window.open(url, '_blank', 'noopener')
      this.toasts.say(`${object.metadata.name}, port ${target}, is at ${url}`)
    } catch (error) {
      tab?.close()
      this.dialog = { type: 'failed', title: `${object.metadata.name} cannot be opened`, problems: [{ what: `port ${target}`, why: wordsOf(error) }], written: 0 }
    }
  }

  /** Undo of the newest write a person made (Ctrl Z), with its preview. */
  undoLast(): void {
    const last = this.#cluster.journal.entries.findLast((entry) => entry.actor.startsWith('user:'))
    if (last) void this.undo(last)
    else this.toasts.say('Nothing to undo yet')
  }

  async undoSince(revision: number): Promise<void> {
    const entry = this.#cluster.journal.entries.find((one) => one.revision > revision && one.actor.startsWith('user:'))
    if (entry) await this.undo(entry)
  }

  async undo(what: number | Pick<JournalEntry, 'revision' | 'say'>): Promise<void> {
    const entry = typeof what === 'number' ? { revision: what, say: this.#cluster.journal.entries.find((one) => one.revision === what)?.say ?? `revision ${what}` } : what
    try {
      const preview = await this.#cluster.call('undoPreview', { revision: entry.revision })
      this.dialog = { type: 'undo', revision: entry.revision, preview, title: entry.say }
    } catch (error) {
      this.dialog = { type: 'failed', title: 'This cannot be undone', problems: [{ what: entry.say, why: wordsOf(error) }], written: 0 }
    }
  }

  async performUndo(revision: number): Promise<void> {
    await this.run({ calls: [{ call: 'undo', arg: { revision } }], done: 'Undone', kubectl: '' })
  }

  close(): void { this.dialog = undefined }
}

/** Several objects, one question. */
function merged(plans: readonly ActionPlan[], objects: readonly KubeObject[]): ActionPlan {
  const [only] = plans
  if (plans.length === 1 && only) return only
  const names = objects.map((o) => o.metadata.name)
  return {
    calls: plans.flatMap((plan) => plan.calls),
    done: `${count(plans.length, 'object')} ${plans.length === 1 ? 'restarts' : 'restart'}`,
    kubectl: plans.map((plan) => plan.kubectl).join(' && '),
    tolerant: true,
    confirm: {
      title: `Restart ${count(plans.length, objects.every((o) => o.kind === objects[0]?.kind) ? (objects[0]?.kind ?? 'object') : 'object')}?`,
      lines: plans.slice(0, 6).map((plan, i) => ({ mark: 'moving', text: `${names[i] ?? ''}: ${plan.confirm?.lines[0]?.text ?? ''}` })),
      verb: `Restart ${plans.length}`, keep: 'Leave them running', danger: false,
    },
  }
}

export const [getActions, setActions] = createContext<Actions>()
