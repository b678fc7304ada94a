/** The menu of an object, on graph and outline: what its actions offer, by frequency, the destructive last. */
import type { Ref } from '../../../core/api/meta.ts'
import type { Actions } from '../../actions/actions.svelte.ts'
import { actionsFor } from '../../actions/available.ts'
import type { Cluster } from '../../cluster/cluster.svelte.ts'
import type { MenuEntry } from '../../ui/menu.ts'

export function menuOf(ref: Ref, cluster: Cluster, actions: Actions): MenuEntry[] {
  const object = cluster.get(ref)
  if (!object) return [{ label: 'It is gone', disabled: true, run: () => {} }]
  const entries: MenuEntry[] = []
  let group = 0
  for (const item of actionsFor(object)) {
    if (item.group !== group) entries.push('line')
    group = item.group
    entries.push({
      label: item.label, disabled: !cluster.canWrite && !reading.has(item.id), run: () => actions.start(item.id, ref),
      ...(item.key === undefined ? {} : { keys: item.key }), ...(item.danger ? { danger: true } : {}),
    })
  }
  return entries
}

const reading: ReadonlySet<string> = new Set(['logs', 'why', 'yaml', 'events', 'open'])
