import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pauseProgram } from '../../../core/node/images/pause-program.ts'
import { tar } from '../../../core/node/images/tar.ts'

const here = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64') ? process.arch : undefined

test('pause waits, and ends with 0 when asked', { skip: here ? false : 'no program for this platform' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-pause-'))
  try {
    const path = join(folder, 'pause')
    writeFileSync(path, pauseProgram(here!), { mode: 0o755 })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = spawn(path)
      await new Promise((resolve) => child.once('spawn', resolve))
      // A signal that it ignores must not end it; the second comes after the first was seen.
      await new Promise((resolve) => setTimeout(resolve, 30))
      child.kill('SIGCHLD')
      assert.equal(child.exitCode, null)
      child.kill(signal)
      assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('both architectures give an executable for their machine', () => {
  const x64 = Buffer.from(pauseProgram('x64'))
  const arm64 = Buffer.from(pauseProgram('arm64'))
  assert.equal(x64.readUInt16LE(18), 62)
  assert.equal(arm64.readUInt16LE(18), 183)
  // movz x0, #17 is the first instruction: the signal whose handling it sets.
  assert.equal(arm64.readUInt32LE(120), 0xd2800220)
  assert.ok(x64.length < 400 && arm64.length < 400)
})

test('the archive is what tar reads', () => {
  const archive = tar([
    { path: 'a/', mode: 0o755, type: 'directory' },
    { path: 'a/file', mode: 0o644, type: 'file', content: Buffer.from('hello') },
    { path: 'a/link', mode: 0o777, type: 'link', target: 'file' },
    { path: `${'deep/'.repeat(25)}x`, mode: 0o600, type: 'file', content: Buffer.from('y') },
  ])
  const { stdout, status } = spawnSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8' })
  assert.equal(status, 0)
  assert.match(stdout, /drwxr-xr-x.* a\/\n-rw-r--r--.* 5 .*a\/file\nlrwxrwxrwx.*a\/link -> file\n-rw------- .*deep\/x\n/)
})
