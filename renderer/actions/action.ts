/**
 * What an action is made of: pure data that says what will be called, what it means in words, and how kubectl would
 * say it. Planning is pure (`*-plan` functions, unit-tested); `run.svelte.ts` performs.
 */
import type { Ref } from '../../core/api/meta.ts'
import type { Mark } from '../../core/api/state/words.ts'
import type { Calls } from '../../electron/contract.ts'

type CallOf<K extends keyof Calls> = { call: K; arg: Parameters<Calls[K]>[0] }
export type WriteCall =
  | CallOf<'create'> | CallOf<'update'> | CallOf<'patch'> | CallOf<'delete'> | CallOf<'evict'>
  | CallOf<'undo'> | CallOf<'retryPull'> | CallOf<'applyReviewed'>

/** One line of a confirmation. `returns` is how to come back. */
export interface ConfirmLine { mark: Mark | 'returns'; text: string }
export interface Confirmation {
  title: string
  lines: ConfirmLine[]
  /** Repeats the verb, with its price. */
  verb: string
  keep: string
  danger: boolean
}
export interface ActionPlan {
  calls: WriteCall[]
  /** Present where something stops or goes: asked before. */
  confirm?: Confirmation
  /** The toast: "web scaled from 3 to 5". */
  done: string
  kubectl: string
  /** The server takes no way back: no undo is offered. */
  final?: boolean
  /** Go on with the rest where one call fails (drain, many objects). */
  tolerant?: boolean
  /** Evictions that a budget refuses are asked for again until it allows them, or the person stops. */
  patient?: boolean
}

export type ActionId =
  | 'logs' | 'terminal' | 'why' | 'events' | 'yaml' | 'open' | 'scale' | 'restart' | 'image' | 'roll-back' | 'pause' | 'resume'
  | 'run-now' | 'suspend' | 'go-on' | 'retry' | 'tune' | 'resize' | 'cordon' | 'uncordon' | 'drain' | 'grow' | 'make-default' | 'delete'

export const nsFlag = (ref: Ref): string => (ref.namespace === undefined || ref.namespace === 'default' ? '' : ` -n ${ref.namespace}`)
/** kubectl's way to name an object: deployment/web. */
export const kubectlName = (ref: Ref): string => `${ref.kind.toLowerCase()}/${ref.name}`
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`)
