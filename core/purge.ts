/** Takes a cluster off the machine: its containers, network, volumes and rules on the engine, its entry in the user's kubeconfig, its data. Nothing else is touched. */
import { systemClock } from './base/clock.ts'
import type { Logger } from './base/log.ts'
import { chooseEngine } from './engine.ts'
import { Home } from './home.ts'
import { DockerRuntime } from './node/runtime/docker.ts'
import type { Options } from './options.ts'
import { removeRules } from './cluster/pod-network.ts'
import { unmergeKubeconfig } from './server/auth/kubeconfig.ts'
import { userKubeconfig } from './server/auth/user-kubeconfig.ts'

/** Answers with what was done, in one line. */
export async function purge(options: Options, log: Logger): Promise<string> {
  const home = new Home(options.home)
  // A running Orrery would make everything anew.
  home.lock()
  const identity = home.identity()
  const engine = await chooseEngine(options.nodes, process.env)
  let left: string | undefined
  if (engine.kind === 'docker' && identity.podRange !== undefined) {
    const runtime = new DockerRuntime({ host: engine.host, cluster: identity.id, podCidr: identity.podRange, cache: home.cache, clock: systemClock, log })
    await runtime.prepare()
    if (runtime.lacks === undefined) await removeRules(runtime, identity.id)
    await runtime.removeTree(home.pods).catch(() => {})
    await runtime.removeTree(home.volumes).catch(() => {})
    left = await runtime.purge()
    runtime.close()
  }
  if (options.isDefaultHome) await unmergeKubeconfig(userKubeconfig(), 'orrery')
  home.remove()
  return `removed the cluster ${identity.id} and ${options.home}${engine.kind === 'simulated' && engine.why !== undefined ? `; nothing was removed from Docker, because ${engine.why}` : ''}${left === undefined ? '' : `; ${left}`}`
}
