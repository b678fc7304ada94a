/** The addresses of a cluster: chosen at its first start among what is free on the machine and its engine, then kept. */
import { networkInterfaces } from 'node:os'
import type { EngineChoice } from '../engine.ts'
import type { Home, Identity } from '../home.ts'
import { chooseRanges, type Ranges } from '../network/ranges.ts'
import { Connection } from '../node/runtime/docker/connection.ts'
import { networksInUse } from '../node/runtime/docker/networks-in-use.ts'

export async function rangesOf(home: Home, identity: Identity, engine: EngineChoice): Promise<Ranges> {
  if (identity.podRange !== undefined && identity.serviceRange !== undefined) return { pods: identity.podRange, services: identity.serviceRange }
  const onMachine = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).flatMap(({ cidr }) => (cidr === null ? [] : [cidr])))
  const ranges = chooseRanges(identity.id, [...onMachine, ...(await onEngine(engine))])
  home.saveIdentity({ ...identity, podRange: ranges.pods, serviceRange: ranges.services })
  return ranges
}

async function onEngine(engine: EngineChoice): Promise<string[]> {
  if (engine.kind !== 'docker') return []
  const connection = new Connection(engine.host)
  try {
    return await networksInUse(connection)
  } catch {
    // The engine is away: what the machine itself shows must do. A collision would show when the network is made.
    return []
  } finally {
    connection.close()
  }
}
