/** A panel's part as data: rows of facts, a table, meters. Made by pure functions of each kind, drawn by Parts.svelte. */
import type { KubeObject, Ref } from '../../../../core/api/meta.ts'
import type { Mark } from '../../../../core/api/state/words.ts'

export interface Cell {
  text: string
  /** Second line, grey. */
  note?: string
  ref?: Ref
  mark?: Mark
  mono?: boolean
  url?: string
  numeric?: boolean
}
export interface Meter {
  label: string
  share: number
  text: string
  note?: string
  /** In the colour of trouble; without it, where it is full. */
  warn?: boolean
}

export interface Part {
  title: string
  say?: string
  facts?: readonly { label: string; cell: Cell }[]
  table?: { columns: readonly string[]; rows: readonly (readonly Cell[])[] }
  meters?: readonly Meter[]
  /** A square for each of many alike. */
  strip?: { squares: readonly { mark: Mark; label: string }[]; say: string }
}

export const cell = (text: string, more: Omit<Cell, 'text'> = {}): Cell => ({ text, ...more })
export const mono = (text: string): Cell => ({ text, mono: true })
export const linked = (ref: Ref, more: Omit<Cell, 'text' | 'ref'> = {}): Cell => ({ text: ref.name, ref, ...more })

export const inNamespace = (kind: string, namespace: string | undefined, name: string): Ref => ({ kind, ...(namespace === undefined ? {} : { namespace }), name })

/** Rows for a map of settings: parameters, attributes. */
export const settingRows = (map: Readonly<Record<string, string>> | undefined): { label: string; cell: Cell }[] => Object.entries(map ?? {}).map(([label, value]) => ({ label, cell: mono(value) }))

export const byName = (a: KubeObject, b: KubeObject): number => (a.metadata.name < b.metadata.name ? -1 : 1)
