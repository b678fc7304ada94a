/** kubectl in a namespace made for one test and taken away after it: plain, expected to fail, fed, in the background, in a terminal. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Background } from './background.ts'
import type { Orrery } from './orrery.ts'

/** `background` takes what is started and has to be stopped; files go to `folder`. */
export async function openShell(orrery: Orrery, folder: string, background: Background[], name: string, context: TestContext) {
  await orrery.kubectl('create', 'namespace', name)
  context.after(async () => void (await orrery.kubectl('delete', 'namespace', name, '--wait=false')))
  const k = (...args: string[]) => orrery.kubectl('-n', name, ...args)
  const ask = (...args: string[]) => orrery.run('kubectl', ['-n', name, ...args])
  return {
    k,
    ask,
    /** Must fail; answers with what it said. */
    refused: async (...args: string[]) => {
      const result = await ask(...args)
      assert.notEqual(result.code, 0, `kubectl ${args.join(' ')} should fail: ${result.stdout}`)
      return result.stderr
    },
    apply: (yaml: string, ...args: string[]) => orrery.apply(yaml, '-n', name, ...args),
    json: (...args: string[]) => orrery.json('-n', name, ...args),
    feed: (input: string, ...args: string[]) => orrery.run('kubectl', ['-n', name, ...args], input),
    start: (...args: string[]) => {
      const process = new Background(orrery.kubeconfig, 'kubectl', ['-n', name, ...args])
      background.push(process)
      return process
    },
    /** With a real terminal of 33 rows and 111 columns. */
    terminal: (command: string) => {
      const process = new Background(orrery.kubeconfig, 'script', ['-qec', `stty rows 33 cols 111; kubectl -n ${name} ${command}`, '/dev/null'])
      background.push(process)
      return process
    },
    pods: (selector: string) => orrery.pods(selector, name),
    file: (content: string, extension = 'yaml') => {
      const path = join(folder, `${name}-${Math.random().toString(36).slice(2)}.${extension}`)
      writeFileSync(path, content)
      return path
    },
  }
}
