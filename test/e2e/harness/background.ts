/** A kubectl that keeps running: watches, followed logs, port-forwards, and terminals by way of `script`. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

export class Background {
  readonly #child: ChildProcessWithoutNullStreams
  readonly ended: Promise<number>
  text = ''

  constructor(kubeconfig: string, command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: 'pipe' })
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (chunk) => (this.text += String(chunk)))
    this.#child.stdin.on('error', () => {})
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? -1)))
  }

  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** The first match in what it has said so far or says within the time. */
  async says(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    const started = performance.now()
    for (;;) {
      const match = pattern.exec(this.text)
      if (match) return match
      if (performance.now() - started > withinMs) throw new Error(`${this.#child.spawnargs.join(' ')} did not say ${pattern} within ${withinMs / 1000} s:\n${this.text}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    await this.ended
    clearTimeout(killer)
  }
}
