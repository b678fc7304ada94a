/**
 * The spec's hand in the shell's process: commands in, what the shell did out. Commands come over the child process's
 * message channel; every member of the stand-in files what it can do under a name.
 */
export type Command = { id: number; do: string; arg?: unknown }
export type Reply = { id: number; result?: unknown; error?: string }

const actions = new Map<string, (arg: never) => unknown>()

export function onCommand<A>(name: string, action: (arg: A) => unknown): void {
  actions.set(name, action as (arg: never) => unknown)
}

process.on('message', (command: Command) => {
  const action = actions.get(command.do)
  const answer = async (): Promise<Reply> => {
    if (!action) return { id: command.id, error: `nothing answers ${command.do}` }
    try {
      return { id: command.id, result: await action(command.arg as never) }
    } catch (error) {
      return { id: command.id, error: error instanceof Error ? error.message : String(error) }
    }
  }
  void answer().then((reply) => process.send?.(reply))
})
