/** Takes everything of one cluster off the engine: containers, volumes, network, and the rules in the machine's tables. */
import { RuntimeError } from '../../runtime.ts'
import type { Connection } from './connection.ts'
import { networkName } from './infrastructure.ts'
import { label } from './labels.ts'

export async function purge(connection: Connection, cluster: string): Promise<void> {
  const filters = { label: [`${label.cluster}=${cluster}`] }
  const gone = (error: unknown) => {
    if (!(error instanceof RuntimeError && (error.code === 'NotFound' || error.code === 'Conflict'))) throw error
  }
  const containers = await connection.call((docker) => docker.listContainers({ all: true, filters }))
  await Promise.all(containers.map(({ Id }) => connection.call((docker) => docker.getContainer(Id).remove({ force: true, v: true })).catch(gone)))
  const { Volumes } = await connection.call((docker) => docker.listVolumes({ filters: JSON.stringify(filters) }))
  await Promise.all((Volumes ?? []).map(({ Name }) => connection.call((docker) => docker.getVolume(Name).remove()).catch(gone)))
  await connection.call((docker) => docker.getNetwork(networkName(cluster)).remove()).catch(gone)
}
