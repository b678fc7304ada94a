/**
 * A command in a container and the person at the other end, whichever protocol carries them: exec and attach run this with
 * streams from WebSocket channels or SPDY.
 */
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Status } from '../../../api/status.ts'
import { ApiError } from '../../../api/status.ts'
import type { PodProcess } from '../../pod-access.ts'

export interface CommandStreams {
  readonly stdin: Readable | undefined
  readonly stdout: Writable | undefined
  readonly stderr: Writable | undefined
  onResize(listener: (columns: number, rows: number) => void): void
  /** Tells how it ended and closes the connection. */
  report(status: Status): Promise<void>
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

const success: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

/** Upstream: apimachinery/pkg/util/remotecommand, NonZeroExitCodeReason. */
const exited = (code: number) => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
})

export async function runCommand(streams: CommandStreams, start: (signal: AbortSignal) => Promise<PodProcess>): Promise<void> {
  let process: PodProcess
  try {
    process = await start(streams.signal)
  } catch (error) {
    await streams.report(failure(error))
    return
  }
  const gone = () => process.close()
  streams.signal.addEventListener('abort', gone, { once: true })
  // One after the other: kubectl sends two at once, and the last must win.
  let resized = Promise.resolve()
  streams.onResize((columns, rows) => {
    resized = resized.then(() => process.resize(columns, rows)).catch(ignore)
  })
  if (streams.stdin !== undefined && process.stdin !== undefined) pipeline(streams.stdin, process.stdin).catch(ignore)
  try {
    const outputs = [carry(process.stdout, streams.stdout), carry(process.stderr, streams.stderr)]
    const code = await process.exitCode
    await Promise.all(outputs)
    await streams.report(code === 0 ? success : (exited(code) as unknown as Status))
  } catch (error) {
    await streams.report(failure(error))
  } finally {
    streams.signal.removeEventListener('abort', gone)
    process.close()
  }
}

/** Output that nobody asked for is still read, so that the command does not stall on it. */
async function carry(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) return
  if (to === undefined) {
    from.resume()
    return
  }
  await pipeline(from, to, { end: false }).catch(ignore)
}

const failure = (error: unknown): Status =>
  error instanceof ApiError ? error.toStatus() : new ApiError('InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`).toStatus()

const ignore = () => {}
