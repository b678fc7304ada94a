/** Logs as kept by the engine (json-file), as plain bytes. Times are the engine's, in nanoseconds, as kubectl prints them. */
import type { LogOptions } from '../../runtime.ts'
import { asRuntimeError, type Connection } from './connection.ts'
import { FrameReader } from './frames.ts'

export async function* containerLogs(connection: Connection, id: string, tty: boolean, options: LogOptions): AsyncIterable<Uint8Array> {
  const query: Record<string, string> = {
    follow: options.follow ? '1' : '0',
    stdout: options.stream === 'stderr' ? '0' : '1',
    stderr: options.stream === 'stdout' ? '0' : '1',
    timestamps: options.timestamps ? '1' : '0',
    tail: options.tailLines === undefined ? 'all' : String(options.tailLines),
  }
  if (options.sinceMs !== undefined) query['since'] = (options.sinceMs / 1000).toFixed(3)
  if (options.signal.aborted) return
  let left = options.limitBytes ?? Infinity
  const stream = await connection.stream(`/containers/${id}/logs`, query)
  const stop = () => (stream as NodeJS.ReadableStream & { destroy(): void }).destroy()
  options.signal.addEventListener('abort', stop)
  const frames = new FrameReader()
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const parts = tty ? [chunk] : frames.push(chunk).map((frame) => frame.bytes)
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      if (bytes.length === 0) continue
      if (bytes.length >= left) {
        yield bytes.subarray(0, left)
        return
      }
      left -= bytes.length
      yield bytes
    }
  } catch (error) {
    if (!options.signal.aborted) throw asRuntimeError(error)
  } finally {
    options.signal.removeEventListener('abort', stop)
    stop()
  }
}
