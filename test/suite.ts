/**
 * Runs the suite in stages and counts honestly: passed, failed, and *not run* (a test that needs an engine or a browser
 * which cannot be had here), each of the latter listed by name. Exit code 1 when anything failed or nothing ran.
 * `node test/suite.ts [--fast] [--model-steps=N] [folder or file …]`; N: random steps per model of test/model/.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { startEngine, type Engine } from './engine/engine.ts'
import { findBrowser } from './engine/browser.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const fast = process.argv.includes('--fast')
const modelSteps = process.argv.find((arg) => arg.startsWith('--model-steps='))?.split('=')[1]
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('--')).map((arg) => resolve(arg))
/** The native compiler checks; svelte-check still needs the JavaScript one, which is why both are installed. */
const compiler = 'node_modules/typescript-native/bin/tsc'
const say = (line: string) => process.stdout.write(`${line}\n`)

interface Tally {
  passed: number
  failed: string[]
  notRun: string[]
}
const tally: Tally = { passed: 0, failed: [], notRun: [] }

/** Every file is a process; compiled code is kept, so that only a change is compiled again. Real runs start without it, as a user's do. */
const compiled = { NODE_COMPILE_CACHE: join(root, '.cache/compiled') }

/** Slow tests live in these folders, or are named *.slow.test.ts. */
const isSlow = (file: string) => /^test\/(e2e|electron)\//.test(file) || file.endsWith('.slow.test.ts')
const files = globSync('test/**/*.test.ts', { cwd: root }).filter((file) => chosen.length === 0 || chosen.some((path) => join(root, file).startsWith(path)))

async function stage(name: string, stageFiles: string[], concurrency: number, env: Record<string, string> = {}): Promise<void> {
  if (stageFiles.length === 0) return
  say(`\n── ${name}: ${stageFiles.length} files`)
  const started = Date.now()
  const stream = run({ files: stageFiles.map((file) => join(root, file)), concurrency, env: { ...process.env, ...env, ...(modelSteps === undefined ? {} : { ORRERY_MODEL_STEPS: modelSteps }) }, timeout: modelSteps === undefined ? 600_000 : 7_200_000 })
  const named = (data: { name: string; file?: string | undefined }) => `${data.name} (${data.file === undefined ? '' : relative(root, data.file)})`
  // Suites and files report too; only leaves are tests.
  stream.on('test:pass', (data) => {
    if (data.details.type === 'suite' || data.file === undefined || data.name === data.file) return
    if (data.skip !== undefined || data.todo !== undefined) tally.notRun.push(`${named(data)}: ${typeof data.skip === 'string' ? data.skip : 'skipped'}`)
    else tally.passed++
  })
  stream.on('test:fail', (data) => {
    if (data.details.type !== 'suite') tally.failed.push(named(data))
  })
  stream.compose(new spec()).pipe(process.stdout, { end: false })
  await new Promise<void>((done) => stream.on('end', done).on('close', done))
  say(`── ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

function check(name: string, args: string[]): void {
  const started = Date.now()
  const result = spawnSync(process.execPath, args.map((arg, i) => (i === 0 ? join(root, arg) : arg)), { cwd: root, encoding: 'utf8' })
  if (result.status === 0) {
    tally.passed++
    say(`✔ ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  } else {
    tally.failed.push(name)
    say(`✖ ${name}\n${result.stdout}${result.stderr}`)
  }
}

let engine: Engine | undefined
try {
  if (chosen.length === 0) {
    check('types: core and shell', [compiler, '-p', 'tsconfig.json'])
    check('types: tests', [compiler, '-p', 'test/tsconfig.json'])
    check('types: base, api and loop know neither Node nor the DOM', [compiler, '-p', 'core/base/tsconfig.json'])
    if (!fast) check('types: the window', ['node_modules/svelte-check/bin/svelte-check', '--tsconfig', 'renderer/tsconfig.json', '--threshold', 'error', '--output', 'human'])
  }
  await stage('unit, contract, architecture', files.filter((file) => !isSlow(file)), availableParallelism(), compiled)
  if (!fast) {
    engine = await startEngine(say)
    const browser = findBrowser(say)
    const env = { ...(engine.host === undefined ? { ORRERY_TEST_NO_ENGINE: engine.why } : { DOCKER_HOST: engine.host }), ...(browser.path === undefined ? { ORRERY_TEST_NO_BROWSER: browser.why } : { ORRERY_TEST_BROWSER: browser.path }) }
    await stage('end to end, on a real engine and in a real browser', files.filter(isSlow), 1, env)
  }
} finally {
  await engine?.stop()
}

if (tally.notRun.length > 0) say(`\nnot run:\n${tally.notRun.map((line) => `  ${line}`).join('\n')}`)
if (tally.failed.length > 0) say(`\nfailed:\n${tally.failed.map((line) => `  ${line}`).join('\n')}`)
say(`\n${tally.passed} passed, ${tally.failed.length} failed, ${tally.notRun.length} skipped`)
process.exit(tally.failed.length > 0 || tally.passed === 0 ? 1 : 0)
