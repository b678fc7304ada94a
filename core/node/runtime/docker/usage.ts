/** One sample of processor and memory use; two samples make a rate. Asked only while someone looks. */
import type { Clock } from '../../../base/clock.ts'
import type { Usage } from '../../runtime.ts'
import type { Connection } from './connection.ts'

interface Stats {
  cpu_stats?: { cpu_usage?: { total_usage?: number } }
  memory_stats?: { usage?: number; stats?: Record<string, number> }
}

export async function sampleUsage(connection: Connection, ids: readonly string[], clock: Clock): Promise<Usage[]> {
  const samples = await Promise.all(
    ids.map(async (containerId): Promise<Usage[]> => {
      try {
        const stats = (await connection.call((docker) => docker.getContainer(containerId).stats({ stream: false, 'one-shot': true }))) as Stats
        const cache = stats.memory_stats?.stats?.['total_inactive_file'] ?? stats.memory_stats?.stats?.['inactive_file'] ?? 0
        return [{ containerId, cpuNanos: stats.cpu_stats?.cpu_usage?.total_usage ?? 0, memoryBytes: Math.max(0, (stats.memory_stats?.usage ?? 0) - cache), atMs: clock.now() }]
      } catch {
        return [] // ended meanwhile
      }
    }),
  )
  return samples.flat()
}
