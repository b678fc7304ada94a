/** /metrics in Prometheus' text form: what this process knows about itself, under the names that scrapers expect. */
import type { Registry } from '../registry/registry.ts'
import type { EventLoopDelay } from './event-loop-delay.ts'

export interface Counts {
  connections(): number
}

export function metricsText(registry: Registry, counts: Counts, delay: EventLoopDelay, startedAtMs: number): string {
  const cpu = process.cpuUsage()
  const memory = process.memoryUsage()
  const lines: string[] = []
  const add = (name: string, type: 'counter' | 'gauge', help: string, value: number) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`)
  add('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', (cpu.user + cpu.system) / 1e6)
  add('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', memory.rss)
  add('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', startedAtMs / 1000)
  add('nodejs_heap_size_used_bytes', 'gauge', 'Bytes of the JavaScript heap in use.', memory.heapUsed)
  add('nodejs_external_memory_bytes', 'gauge', 'Bytes outside the JavaScript heap.', memory.external)
  add('orrery_store_revision', 'gauge', 'Newest committed revision.', registry.revision)
  add('orrery_api_connections', 'gauge', 'Open connections to the API server.', counts.connections())
  const late = delay.take()
  if (late !== undefined) {
    add('nodejs_eventloop_lag_p50_seconds', 'gauge', 'Median delay of the event loop since the last scrape.', late.p50)
    add('nodejs_eventloop_lag_p99_seconds', 'gauge', '99th percentile of the delay of the event loop since the last scrape.', late.p99)
    add('nodejs_eventloop_lag_max_seconds', 'gauge', 'Largest delay of the event loop since the last scrape.', late.max)
  }
  return `${lines.join('\n')}\n`
}
