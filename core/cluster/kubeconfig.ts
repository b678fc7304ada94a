/** The home's own kubeconfig, and for the default home the user's, kept in step with the setting. */
import type { Home } from '../home.ts'
import type { Options } from '../options.ts'
import type { Authority } from '../server/auth/authority.ts'
import { adminEntry, mergeKubeconfig, unmergeKubeconfig, writeKubeconfig } from '../server/auth/kubeconfig.ts'
import { userKubeconfig } from '../server/auth/user-kubeconfig.ts'

const contextName = 'orrery'

export async function publishKubeconfig(options: Options, home: Home, authority: Authority, url: string): Promise<void> {
  const entry = adminEntry(authority, contextName, url)
  await writeKubeconfig(home.kubeconfig, entry)
  if (!options.isDefaultHome) return
  if (home.settings().addToUserKubeconfig) await mergeKubeconfig(userKubeconfig(), entry)
  else await unmergeKubeconfig(userKubeconfig(), contextName)
}
