/** What a laid-out app consists of, in its own coordinates: things to paint and edges between points. */
import type { Ref } from '../../core/api/meta.ts'
import type { EndpointMark } from '../../core/api/state/service-state.ts'
import type { Mark } from '../../core/api/state/words.ts'
import type { KeeperView } from './keepers.ts'
import type { ServiceView, WorkloadView } from './model.ts'
import type { WayIn } from './ways.ts'
import type { PodView, SetView } from './sets.ts'

export type Face =
  | { type: 'emblem'; r: number; workload: WorkloadView; second: string }
  | { type: 'set'; set: SetView }
  | { type: 'keeper'; keeper: KeeperView }
  | { type: 'pod'; pod: PodView; scale: number }
  | { type: 'strip'; pods: readonly PodView[]; columns: number; pitch: number; each: number }
  | { type: 'service'; service: ServiceView; below: boolean }
  | { type: 'way'; way: WayIn }
  | { type: 'config'; name: string; secret: boolean; missing: boolean }
  | { type: 'volume'; name: string; detail: string; mark: Mark; /** Name above, detail below it; else both in a line. */ tall: boolean }

export interface Item {
  id: string
  ref?: Ref
  /** Centre. */
  x: number
  y: number
  w: number
  h: number
  mark: Mark
  face: Face
}

export type EdgeKind = 'owns' | 'guards' | 'leaving' | 'traffic' | 'needs' | 'broken'
export interface Line {
  id: string
  kind: EdgeKind
  source: string
  target: string
  from: { x: number; y: number }
  to: { x: number; y: number }
  endpoint?: EndpointMark
  /** Hidden until its ends are under the pointer. */
  onHover?: boolean
}

export interface Content {
  w: number
  h: number
  items: readonly Item[]
  lines: readonly Line[]
}

/** Sizes at zoom 1, as in the tokens (`--g-…`). */
export const size = {
  header: 46, pad: 20, boxGap: 24, podW: 168, podH: 40, podPitch: 52, setGap: 30, setW: 112, setH: 44, serviceW: 122, serviceH: 50, wayW: 110, wayH: 40, wayPitch: 56,
  configW: 104, keeperW: 118, keeperH: 40, configH: 30, volumeW: 88, volumeH: 40, claimW: 128, claimH: 50, podVolumeH: 34, cell: 11.5, stripFrom: 13, stripMost: 200,
} as const
