/** The command line is a contract: the ready line, ports, usage errors, one process a home, side by side, purge. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Orrery, root } from './harness/orrery.ts'

const entry = join(root, 'dist/core/headless.js')
const orreryOnce = (...args: string[]) => spawnSync(process.execPath, [entry, ...args], { encoding: 'utf8', timeout: 20_000 })

describe('the command line', () => {
  let orrery: Orrery
  before(async () => {
    orrery = await Orrery.start('--nodes', 'simulated:2')
  })
  after(async () => {
    await orrery?.purge()
  })

  test('the files it promises', () => {
    assert.equal(orrery.kubeconfig, join(orrery.home, 'kubeconfig'))
    assert.ok(existsSync(join(orrery.home, 'cluster.db')))
    assert.equal(statSync(orrery.kubeconfig).mode & 0o077, 0, 'the kubeconfig is the user’s alone')
    assert.match(readFileSync(orrery.kubeconfig, 'utf8'), /current-context: orrery/)
  })

  test('a second process on the same home is refused and told which runs', () => {
    const second = orreryOnce('--headless', '--home', orrery.home, '--nodes', 'simulated:1', '--api-port', '0', '--ui-port', '0')
    assert.equal(second.status, 1)
    assert.match(second.stderr, new RegExp(`runs already.*${orrery.pid}`))
  })

  test('bad flags say what to write', () => {
    for (const [args, pattern] of [
      [['--nodes', 'podman'], /docker\[?|simulated:N/],
      [['--nodes', 'simulated:0'], /from 1 to/],
      [['--api-port', '70000'], /0 to 65535/],
      [['--frobnicate'], /frobnicate/],
      [['--purge'], /--yes/],
    ] as const) {
      const result = orreryOnce('--home', mkdtempSync(join(tmpdir(), 'orrery-flags-')), ...args)
      assert.equal(result.status, 2, `${args.join(' ')}: ${result.stderr}`)
      assert.match(result.stderr, pattern)
    }
  })

  test('a port that is taken and was asked for by name is a clear error', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const result = orreryOnce('--headless', '--home', mkdtempSync(join(tmpdir(), 'orrery-port-')), '--nodes', 'simulated:1', '--api-port', String(port), '--ui-port', '0')
    server.close()
    assert.equal(result.status, 1)
    assert.match(result.stderr, new RegExp(`${port}.*(in use|taken)`))
  })

  test('a clean stop is quick and leaves the home for the next start', async () => {
    const { code, ms } = await orrery.stop()
    assert.equal(code, 0)
    assert.ok(ms < 2_000, `took ${ms.toFixed(0)} ms`)
    await orrery.start()
    const sigint = await orrery.stop('SIGINT')
    assert.equal(sigint.code, 0)
  })

  test('purge removes the home', () => {
    const result = orreryOnce('--home', orrery.home, '--purge', '--yes')
    assert.equal(result.status, 0, result.stderr)
    assert.ok(!existsSync(join(orrery.home, 'cluster.db')))
  })
})
