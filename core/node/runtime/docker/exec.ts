/** Commands in containers, attaching to their first process, and connections into a Pod's own network by way of both. */
import { Duplex, PassThrough, type Readable } from 'node:stream'
import { RuntimeError, type ExecSession } from '../../runtime.ts'
import { asRuntimeError, type Connection } from './connection.ts'
import { FrameReader } from './frames.ts'

/** As much of a probe's or hook's output as is kept (upstream: pkg/probe/exec, 10 KiB). */
const outputLimit = 10_240

export async function execSession(
  connection: Connection,
  id: string,
  options: { command: readonly string[]; stdin: boolean; tty: boolean; signal: AbortSignal },
): Promise<ExecSession> {
  const exec = await connection.call((docker) =>
    docker.getContainer(id).exec({
      Cmd: [...options.command],
      AttachStdin: options.stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: options.tty,
    }),
  )
  const socket = await connection.call(() => exec.start({ hijack: true, stdin: options.stdin, Tty: options.tty }), 'CannotStart')
  const exitCode = async () => {
    // The stream ends a moment before the engine has noted the exit.
    for (let i = 0; i < 50; i++) {
      const state = await connection.call(() => exec.inspect())
      if (!state.Running) return state.ExitCode ?? 0
      await new Promise((resolve) => setTimeout(resolve, 5 + 5 * i))
    }
    throw new RuntimeError('Refused', 'the command has not ended')
  }
  return session(socket, options, exitCode, async (columns, rows) => {
    await connection.call(() => exec.resize({ w: columns, h: rows }))
  })
}

export async function attachSession(connection: Connection, id: string, options: { stdin: boolean; tty: boolean; signal: AbortSignal }): Promise<ExecSession> {
  const docker = await connection.docker()
  const container = docker.getContainer(id)
  const socket = await connection.call(
    () => container.attach({ stream: true, stdin: options.stdin, stdout: true, stderr: true, hijack: true }) as Promise<unknown> as Promise<Duplex>,
  )
  // The engine attaches to a container that has ended as well, and shows nothing; a client that is told reads the logs instead.
  if (!(await connection.call(() => container.inspect())).State.Running) {
    socket.destroy()
    throw new RuntimeError('Refused', `container not running (${id})`)
  }
  const exitCode = async () => {
    const state = await connection.call(() => container.inspect())
    // Detached from a container that runs on: nothing has ended.
    return state.State.Running ? 0 : state.State.ExitCode
  }
  return session(socket, options, exitCode, async (columns, rows) => {
    await connection.call(() => container.resize({ w: columns, h: rows }))
  })
}

function session(
  socket: Duplex,
  options: { stdin: boolean; tty: boolean; signal: AbortSignal },
  findExit: () => Promise<number>,
  resize: (columns: number, rows: number) => Promise<void>,
): ExecSession {
  const stdout = new PassThrough()
  const stderr = options.tty ? undefined : new PassThrough()
  const frames = new FrameReader()
  socket.on('data', (chunk: Buffer) => {
    if (options.tty) {
      if (!stdout.write(chunk)) pause(stdout)
      return
    }
    for (const frame of frames.push(chunk)) {
      const to = frame.stream === 'stderr' ? stderr! : stdout
      if (!to.write(frame.bytes)) pause(to)
    }
  })
  const pause = (until: PassThrough) => {
    socket.pause()
    until.once('drain', () => socket.resume())
    // A reader that has gone drains nothing.
    until.once('close', () => socket.resume())
  }
  const close = () => socket.destroy()
  options.signal.addEventListener('abort', close)
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve)
    socket.once('close', resolve)
    socket.once('error', () => resolve())
  })
  const exitCode = ended.then(async () => {
    stdout.end()
    stderr?.end()
    options.signal.removeEventListener('abort', close)
    if (options.signal.aborted) return 137
    return findExit()
  })
  exitCode.catch(() => {})
  return { ...(options.stdin ? { stdin: socket } : {}), stdout, ...(stderr ? { stderr } : {}), resize, exitCode, close }
}

/** One command whose output is small. The engine can't end a command: after the timeout it is left to itself. */
export async function runCommand(
  connection: Connection,
  id: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ exitCode: number; output: string; timedOut: boolean }> {
  const abort = new AbortController()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    abort.abort()
  }, timeoutMs)
  try {
    const running = await execSession(connection, id, { command, stdin: false, tty: false, signal: abort.signal })
    const [out, err, exitCode] = await Promise.all([collect(running.stdout), collect(running.stderr!), running.exitCode])
    return { exitCode, output: (out + err).slice(0, outputLimit), timedOut }
  } finally {
    clearTimeout(timer)
  }
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (size < outputLimit) chunks.push(chunk)
    size += chunk.length
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A connection to 127.0.0.1:port in the network namespace of the container, carried by socat's standard streams. */
export async function dialInside(connection: Connection, id: string, port: number): Promise<Duplex> {
  const command = ['socat', '-t', '60', '-', `TCP4:127.0.0.1:${port},nodelay`]
  const running = await execSession(connection, id, { command, stdin: true, tty: false, signal: new AbortController().signal })
  let complaint = ''
  running.stderr!.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const duplex = new Duplex({
    read: () => void running.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void running.stdin!.write(chunk, () => done()),
    final: (done) => void running.stdin!.end(() => done()),
    destroy: (error, done) => {
      running.close()
      done(error)
    },
  })
  running.stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) running.stdout.pause()
  })
  // How socat ended tells an end from a failure, so the end waits for it.
  running.exitCode.then(
    (code) => {
      if (code === 0) duplex.push(null)
      else duplex.destroy(new RuntimeError('Refused', /refused/i.test(complaint) ? `connect to 127.0.0.1:${port}: connection refused` : complaint.trim()))
    },
    (error: unknown) => duplex.destroy(asRuntimeError(error)),
  )
  return duplex
}
