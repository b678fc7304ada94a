/**
 * Everything that crosses between window and cluster: `Calls` (question, answer) and `Streams` (open, messages, close).
 * Two carriers bring the same contract: Electron message ports and a WebSocket; the renderer cannot tell which it has.
 * A missing handler does not compile (core/window/handlers.ts). Errors cross as a Status and are revived as ApiError.
 * Types and name lists only: nothing here runs in either process beyond the lists.
 */
import type { Advice, UsageAt } from '../core/api/advice.ts'
import type { KubeObject, NewObject, Ref } from '../core/api/meta.ts'
import type { FieldChange } from '../core/base/field-diff.ts'
import type { StateWords } from '../core/api/state/words.ts'
import type { Status } from '../core/api/status.ts'
import type { Patch } from '../core/api/request.ts'
import type { DeleteOptions, ListAnswer, ListQuery, WatchEvent } from '../core/loop/client.ts'
import type { DecisionRecord } from '../core/loop/decisions.ts'
import type { PreemptionCandidate, QueuePlace, SchedulingCycle, Verdict } from '../core/scheduler/verdict.ts'

export type { DecisionRecord, FieldChange, PreemptionCandidate, QueuePlace, SchedulingCycle, StateWords, Verdict }

export interface Calls {
  /** --- the API, through the same door as kubectl --- */
  get(q: Ref): KubeObject
  list(q: ListQuery): ListAnswer
  create(q: { object: NewObject; dryRun?: boolean; say?: string }): KubeObject
  update(q: { object: KubeObject | NewObject; subresource?: string; dryRun?: boolean; say?: string }): KubeObject
  patch(q: { ref: Ref; patch: Patch; subresource?: string; dryRun?: boolean; say?: string }): KubeObject
  delete(q: { ref: Ref; say?: string } & Omit<DeleteOptions, 'because'>): Record<string, never>
  evict(q: { ref: Ref; say?: string }): Record<string, never>
  /** The server's own table (columns and cells) of a kind. */
  table(q: { kind: string; namespace?: string; labelSelector?: string }): Table
  kinds(q: Record<string, never>): KindInfo[]
  /** Structure and documentation of a kind for the editor, one model and what it reaches. */
  schema(q: { apiVersion: string; kind: string }): SchemaModel
  /** Parses YAML (several documents), validates each on the server, says what would change. Nothing is written. */
  review(q: { yaml: string; namespace: string }): Review
  /** Writes what was reviewed, in dependency order; stops at the first failure and says what was and was not written. */
  applyReviewed(q: { yaml: string; namespace: string; force?: boolean }): ApplyResult

  /** --- explanations --- */
  why(q: Ref): Why
  decisions(q: Ref): DecisionRecord[]
  scheduling(q: Ref): SchedulingCycle | null
  /** Of a Pod without a node: where it stands in the scheduler's queue. */
  queuePlace(q: Ref): QueuePlace | null
  journal(q: { before?: number; limit: number; about?: Ref }): JournalEntry[]
  /** What an undo of one write would do (`say`, `cost`), or why it can't be undone. */
  undoPreview(q: { revision: number }): UndoPreview
  undo(q: { revision: number }): Record<string, never>
  revisions(q: Ref): RevisionInfo[]
  /** What each container of a Pod was seen to use, and what it should ask for by it. */
  advice(q: Ref): ContainerAdvice[]

  /** --- the machine's side --- */
  status(q: Record<string, never>): ClusterStatus
  usage(q: Record<string, never>): MachineUsage[]
  /** Opens (or finds) a forward kept alive across Pod replacement; answers with a URL on this machine. */
  openPort(q: { ref: Ref; port: number | string }): { id: string; url: string; port: number }
  closePort(q: { id: string }): Record<string, never>
  openPorts(q: Record<string, never>): { id: string; ref: Ref; port: number; url: string; state: 'listening' | 'no-pod' }[]
  /** Retries an image pull that waits in back-off, at once. */
  retryPull(q: Ref): Record<string, never>
  settings(q: Record<string, never>): Settings
  saveSettings(q: Partial<Settings>): Settings
}

export interface Streams {
  /** All kinds in revision order: first `snapshot` batches, then `live`. One frame carries one or more events. */
  watch: { open: Record<string, never>; message: WatchBatch }
  /** Lines of one or many containers; a new Pod of the workload joins by itself. */
  logs: { open: LogQuery; message: LogBatch; send?: never }
  terminal: { open: { pod: Ref; container?: string; command?: string[]; columns: number; rows: number }; message: TerminalMessage; send: TerminalInput }
  /** Journal rows as they are written. */
  journal: { open: { after?: number }; message: JournalEntry[] }
  /** Image pulls under way. */
  pulls: { open: Record<string, never>; message: PullState[] }
  status: { open: Record<string, never>; message: ClusterStatus }
  /** What the desktop shell asks of the window: menus, tray, files and orrery:// addresses. Silent in a browser. */
  shell: { open: Record<string, never>; message: ShellEvent }
}

export type CallName = keyof Calls
export type StreamName = keyof Streams

export const callNames = [
  'get', 'list', 'create', 'update', 'patch', 'delete', 'evict', 'table', 'kinds', 'schema', 'review', 'applyReviewed',
  'why', 'decisions', 'scheduling', 'queuePlace', 'journal', 'undoPreview', 'undo', 'revisions', 'advice',
  'status', 'usage', 'openPort', 'closePort', 'openPorts', 'retryPull', 'settings', 'saveSettings',
] as const satisfies readonly CallName[]
export const streamNames = ['watch', 'logs', 'terminal', 'journal', 'pulls', 'status', 'shell'] as const satisfies readonly StreamName[]

/** Frames of a carrier. `id` is chosen by the window and unique on its connection. */
export type ToCluster =
  | { id: number; call: CallName; arg: unknown }
  | { id: number; open: StreamName; arg: unknown }
  | { id: number; send: unknown }
  | { id: number; close: true }
export type ToWindow =
  | { id: number; result: unknown }
  | { id: number; error: Status }
  | { id: number; message: unknown }
  /** The stream ended; with an error where it broke. */
  | { id: number; end: true; error?: Status }

export type ShellEvent =
  | { review: { name: string; yaml: string; problem?: string } }
  | { go: 'graph' | 'machines' | 'logs' | 'changes' | 'objects' }
  | { command: 'deploy' | 'palette' | 'settings' }
  | { select: Ref }

export interface WatchBatch {
  phase: 'snapshot' | 'live'
  revision: number
  events: WatchEvent[]
}

export interface LogQuery {
  /** A Pod, or a workload or Service whose Pods are followed as they come and go. */
  ref: Ref
  containers?: string[]
  previous?: boolean
  tailLines?: number
  follow: boolean
}
export interface LogLine {
  pod: string
  container: string
  /** ms since the epoch, with fractions. */
  at: number
  stream: 'stdout' | 'stderr'
  text: string
  attempt: number
}
export interface LogBatch {
  lines: LogLine[]
  /** Sources as they join or leave. */
  joined?: { pod: string; container: string; attempt: number }[]
  left?: { pod: string; container: string; attempt: number; say: string }[]
}

export type TerminalMessage = { output: string } | { exit: number; say: string }
export type TerminalInput = { input: string } | { columns: number; rows: number }

export interface Table {
  columns: { name: string; type: string; priority: number; description: string }[]
  rows: { ref: Ref; cells: (string | number | boolean | null)[] }[]
  revision: number
}

export interface KindInfo {
  kind: string
  apiVersion: string
  plural: string
  shortNames: string[]
  namespaced: boolean
  verbs: string[]
}

/** A field tree without recursion limits: `fields` is resolved lazily by name through `models`. */
export interface SchemaModel {
  root: string
  models: Record<string, { doc: string; required: string[]; fields: Record<string, { type: string; of?: string; list?: boolean; map?: boolean; doc: string; enum?: string[] }> }>
}

export interface Review {
  documents: ReviewedDocument[]
  /** Whether applyReviewed may be called. */
  ok: boolean
}
export interface ReviewedDocument {
  index: number
  ref?: Ref
  apiVersion?: string
  /** 1-based lines of the document in the text. */
  fromLine: number
  toLine: number
  action: 'create' | 'change' | 'same' | 'invalid'
  changes: FieldChange[]
  problems: Problem[]
  /** What applying costs, in words: "3 Pods are replaced, never fewer than 3 ready". */
  cost?: string
}
export interface Problem {
  severity: 'error' | 'warning'
  message: string
  /** What to do about it, where known. */
  help?: string
  path?: string
  /** 1-based. */
  line?: number
  column?: number
}
export interface ApplyResult {
  written: { ref: Ref; action: 'create' | 'change' | 'same' }[]
  failed?: { ref?: Ref; status: Status }
  notWritten: (Ref | null)[]
}

/** One write, as the feed and the ruler show it. */
export interface JournalEntry {
  revision: number
  atMs: number
  verb: 'create' | 'update' | 'delete'
  ref: Ref
  /** `user:you` (the person at this machine), `user:other`, `controller:deployment-controller`, `node:n1`, `scheduler`, `system`. */
  actor: string
  code: string
  say: string
  why: string
  led: number[]
  /** The first cause of the story this belongs to (its own revision where it starts one). */
  root: number
  /** Paths that changed, e.g. `spec.replicas`, with both values where short. */
  changes: FieldChange[]
  /** The workload or app the object belongs to, by owner. */
  app?: string
  /** Owning objects, nearest first. */
  owners: Ref[]
}

/** From the cause to this state, with evidence and the way out. */
export interface Why {
  ref: Ref
  state: StateWords
  /** Oldest (the cause) first; the last is the present state. */
  chain: WhyStep[]
  evidence: { title: string; lines: string[] }[]
  fixes: Fix[]
  waitingFor?: { say: string; dueMs?: number }
}
export interface WhyStep {
  actor: string
  atMs: number
  say: string
  why: string
  ref: Ref
  revision?: number
  changes?: FieldChange[]
}
export type Fix = { id: string; label: string; say: string } & (
  | { do: 'set-image'; ref: Ref; container: string; suggestion?: string }
  | { do: 'roll-back'; ref: Ref; toRevision: number }
  | { do: 'set-resources'; ref: Ref; container: string; suggestion: Record<string, string> }
  | { do: 'scale'; ref: Ref; replicas: number }
  | { do: 'uncordon'; ref: Ref }
  | { do: 'label'; ref: Ref; labels: Record<string, string> }
  | { do: 'edit-yaml'; ref: Ref; path?: string }
  | { do: 'retry-pull'; ref: Ref }
  | { do: 'logs'; ref: Ref; previous: boolean }
  | { do: 'create'; object: NewObject }
)

export interface UndoPreview {
  possible: boolean
  say: string
  cost?: string
  changes: FieldChange[]
}
export interface RevisionInfo {
  revision: number
  ref: Ref
  images: string[]
  atMs: number
  current: boolean
  replicas: number
  /** Template fields that differ from the current revision. */
  changes: FieldChange[]
  cause?: string
}

export interface ContainerAdvice {
  container: string
  /** Oldest first. */
  samples: UsageAt[]
  advice: Advice[]
}

export interface ClusterStatus {
  version: string
  kubernetes: string
  api: string
  kubeconfig: string
  home: string
  uptimeMs: number
  memoryBytes: number
  cpuShare: number
  engine: { kind: 'docker' | 'simulated'; state: 'ready' | 'unreachable' | 'starting'; name: string; say: string; sinceMs: number; lookedFor?: string[] }
  store: { state: 'ready' | 'read-only'; say: string }
  /** Problems that touch the whole window. */
  problems: { say: string; why: string; help: string }[]
}
export interface MachineUsage {
  node: string
  atMs: number
  cpuCores: number
  memoryBytes: number
  pods: { ref: Ref; cpuCores: number; memoryBytes: number }[]
}
export interface PullState {
  image: string
  node: string
  pods: Ref[]
  doneBytes: number
  totalBytes: number
  startedMs: number
  phase: 'downloading' | 'extracting' | 'failed'
  say?: string
}
export interface Settings {
  theme: 'system' | 'dark' | 'light'
  singleKeys: boolean
  addToUserKubeconfig: boolean
  onQuit: 'ask' | 'keep-pods' | 'stop-pods'
  notifyFailures: boolean
}
