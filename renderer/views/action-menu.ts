/** Actions as menu entries, with their icons; the same order everywhere. */
import type { Component } from 'svelte'
import Check from '@lucide/svelte/icons/check'
import CirclePause from '@lucide/svelte/icons/pause'
import CircleHelp from '@lucide/svelte/icons/circle-question-mark'
import ExternalLink from '@lucide/svelte/icons/external-link'
import FileText from '@lucide/svelte/icons/file-text'
import History from '@lucide/svelte/icons/history'
import Minus from '@lucide/svelte/icons/minus'
import Move from '@lucide/svelte/icons/move'
import Package from '@lucide/svelte/icons/package'
import Gauge from '@lucide/svelte/icons/gauge'
import Play from '@lucide/svelte/icons/play'
import Scaling from '@lucide/svelte/icons/scaling'
import Plus from '@lucide/svelte/icons/plus'
import RotateCcw from '@lucide/svelte/icons/rotate-ccw'
import ScrollText from '@lucide/svelte/icons/scroll-text'
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal'
import Terminal from '@lucide/svelte/icons/terminal'
import Trash2 from '@lucide/svelte/icons/trash-2'
import Undo2 from '@lucide/svelte/icons/undo-2'
import { refOf, type KubeObject } from '../../core/api/meta.ts'
import type { ActionId } from '../actions/action.ts'
import type { Actions } from '../actions/actions.svelte.ts'
import { actionsFor } from '../actions/available.ts'
import type { MenuEntry } from '../ui/menu.ts'

export const actionIcons = {
  logs: ScrollText, terminal: Terminal, why: CircleHelp, yaml: FileText, events: History, open: ExternalLink, scale: SlidersHorizontal, image: Package, restart: RotateCcw,
  'roll-back': Undo2, pause: CirclePause, resume: Play, 'run-now': Play, suspend: CirclePause, 'go-on': Play, retry: RotateCcw, tune: Gauge, resize: Scaling, cordon: Minus, uncordon: Plus, drain: Move, grow: Scaling, 'make-default': Check, delete: Trash2,
} satisfies Record<ActionId, Component<{ size?: number; strokeWidth?: number }>>

const readOnly: ReadonlySet<ActionId> = new Set(['logs', 'terminal', 'why', 'yaml', 'events', 'open'])

export function menuOf(object: KubeObject, actions: Actions, canWrite: boolean): MenuEntry[] {
  const entries: MenuEntry[] = []
  let group: number | undefined
  for (const item of actionsFor(object)) {
    if (group !== undefined && item.group !== group) entries.push('line')
    group = item.group
    entries.push({
      label: item.label, icon: actionIcons[item.id], keys: item.key ?? item.term, danger: item.danger, disabled: !canWrite && !readOnly.has(item.id),
      run: () => actions.start(item.id, refOf(object)),
    })
  }
  return entries
}
