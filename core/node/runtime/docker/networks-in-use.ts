/** The address ranges of an engine's networks, so that a new cluster takes others. */
import type Docker from 'dockerode'
import type { Connection } from './connection.ts'

export async function networksInUse(connection: Connection): Promise<string[]> {
  const networks: Docker.NetworkInspectInfo[] = await connection.call((docker) => docker.listNetworks())
  return networks.flatMap((network) => (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])))
}
