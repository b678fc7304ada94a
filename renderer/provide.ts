/** What actions and views share in a window. Call once while the root component is set up, after setCluster and setWindow; mount ActionHost beside the views. */
import { Actions, setActions } from './actions/actions.svelte.ts'
import type { Cluster } from './cluster/cluster.svelte.ts'
import type { WindowState } from './state/window-state.svelte.ts'
import { setToasts, Toasts } from './ui/toasts.svelte.ts'
import { Draft, setDraft } from './views/deploy/draft.svelte.ts'
import { Schemas, setSchemas } from './views/schemas.ts'

export function provideActions(cluster: Cluster, window: WindowState): Actions {
  setDraft(new Draft())
  setSchemas(new Schemas(cluster))
  return setActions(new Actions(cluster, window, setToasts(new Toasts(cluster.clock))))
}
