/**
 * One shell kept open in the helper: a command costs a process there instead of a round of the engine's exec, which takes
 * a hundred times as long. Commands run one after another.
 */
import { randomBytes } from 'node:crypto'
import { RuntimeError, type ExecSession } from '../../runtime.ts'

export interface Ran {
  exitCode: number
  output: string
  timedOut: boolean
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`

export class HelperShell {
  readonly #session: ExecSession
  readonly #mark = `done-${randomBytes(8).toString('hex')}`
  #tail: Promise<unknown> = Promise.resolve()
  #text = ''
  #arrived = () => {}
  #ended = false

  constructor(session: ExecSession) {
    this.#session = session
    session.stdout.setEncoding('utf8')
    session.stdout.on('data', (chunk: string) => {
      this.#text += chunk
      this.#arrived()
    })
    session.stderr?.resume()
    const end = () => {
      this.#ended = true
      this.#arrived()
    }
    session.stdout.on('end', end)
    session.exitCode.then(end, end)
  }

  get ended(): boolean {
    return this.#ended
  }

  close(): void {
    this.#session.close()
  }

  run(command: readonly string[], input: string, timeoutMs: number): Promise<Ran> {
    const mine = this.#tail.then(() => this.#one(command, input, timeoutMs))
    this.#tail = mine.catch(() => {})
    return mine
  }

  async #one(command: readonly string[], input: string, timeoutMs: number): Promise<Ran> {
    this.#text = ''
    const end = `input-${this.#mark}`
    const body = input === '' || input.endsWith('\n') ? input : `${input}\n`
    this.#session.stdin!.write(`${command.map(quote).join(' ')} 2>&1 <<'${end}'\n${body}${end}\nprintf '\\n${this.#mark} %d\\n' $?\n`)
    const answer = new RegExp(`\\n${this.#mark} (\\d+)\\n`)
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#arrived()
    }, timeoutMs)
    try {
      for (;;) {
        const found = answer.exec(this.#text)
        if (found) return { exitCode: Number(found[1]), output: this.#text.slice(0, found.index), timedOut: false }
        if (late) {
          // What it still does would answer the next question.
          this.#ended = true
          this.close()
          return { exitCode: -1, output: this.#text, timedOut: true }
        }
        if (this.#ended) throw new RuntimeError('Conflict', 'the helper has ended')
        await new Promise<void>((resolve) => (this.#arrived = resolve))
      }
    } finally {
      clearTimeout(timer)
    }
  }
}
