/** Takes everything of one cluster off the engine: containers, volumes and network. */
import { RuntimeError } from '../../runtime.ts'
import type { Connection } from './connection.ts'
import { networkName } from './infrastructure.ts'
import { label } from './labels.ts'

/** Answers with what the engine did not let go of and what to do about it; undefined where nothing is left. */
export async function purge(connection: Connection, cluster: string): Promise<string | undefined> {
  const filters = { label: [`${label.cluster}=${cluster}`] }
  const gone = (error: unknown) => {
    if (!(error instanceof RuntimeError && (error.code === 'NotFound' || error.code === 'Conflict'))) throw error
  }
  const containers = await connection.call((docker) => docker.listContainers({ all: true, filters }))
  await Promise.all(containers.map(({ Id }) => connection.call((docker) => docker.getContainer(Id).remove({ force: true, v: true })).catch(gone)))
  const { Volumes } = await connection.call((docker) => docker.listVolumes({ filters: JSON.stringify(filters) }))
  await Promise.all((Volumes ?? []).map(({ Name }) => connection.call((docker) => docker.getVolume(Name).remove()).catch(gone)))
  const network = networkName(cluster)
  try {
    await connection.call((docker) => docker.getNetwork(network).remove()).catch(gone)
    return undefined
  } catch (error) {
    // An engine that removed a container while it started may keep its place in the network until it is restarted.
    if (!(error instanceof RuntimeError) || !/active endpoints/.test(error.message)) throw error
    return `Docker keeps the network ${network}, because it still counts a container in it that is gone; restart Docker, then: docker network rm ${network}`
  }
}
