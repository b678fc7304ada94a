/** A shell in a container. Tries bash, then sh, unless a command is given; ends with the exit code in words. */
import type { Streams, TerminalInput, TerminalMessage } from '../../../electron/contract.ts'
import type { Pod } from '../../api/types/core.ts'
import { ApiError } from '../../api/status.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { PodAccess } from '../../server/pod-access.ts'
import type { Sink } from '../handlers.ts'

/** The shell that is there, as one exec: no image has to be asked first. */
const shell = ['/bin/sh', '-c', 'TERM=xterm-256color; export TERM; if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi']
const notFound = 127
const notExecutable = 126

export async function openTerminal(deps: { pods: PodAccess; snapshot(): Snapshot }, q: Streams['terminal']['open'], sink: Sink<TerminalMessage, TerminalInput>): Promise<void> {
  const pod = deps.snapshot().get<Pod>('Pod', q.pod.namespace, q.pod.name)
  if (!pod) throw new ApiError('NotFound', `Pod ${q.pod.name} does not exist`)
  const container = q.container ?? pod.spec?.containers[0]?.name
  if (container === undefined || pod.spec?.nodeName === undefined) throw new ApiError('BadRequest', `Pod ${q.pod.name} has no machine yet`)
  const target = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid, node: pod.spec.nodeName }
  const session = await deps.pods.exec(target, { container, command: q.command ?? shell, stdin: true, tty: true, signal: sink.signal })

  await session.resize(q.columns, q.rows).catch(() => {})
  // Split characters of several bytes must not break at chunk borders.
  const decoder = new TextDecoder()
  session.stdout.on('data', (chunk: Uint8Array) => {
    sink.message({ output: decoder.decode(chunk, { stream: true }) })
    session.stdout.pause()
    void sink.drained().then(() => session.stdout.resume())
  })
  sink.onSend((message) => {
    if ('input' in message) session.stdin?.write(message.input)
    else void session.resize(message.columns, message.rows).catch(() => {})
  })
  sink.signal.addEventListener('abort', () => session.close())
  const exit = await session.exitCode
  const say =
    exit === 0 ? 'the shell ended'
    : (exit === notFound || exit === notExecutable) && q.command === undefined ? 'this image has no shell'
    : `ended with code ${exit}`
  sink.message({ exit, say })
  sink.end()
}
