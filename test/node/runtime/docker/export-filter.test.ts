import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tar, type TarEntry } from '../../../../core/node/images/tar.ts'
import { withoutEngineFiles } from '../../../../core/node/runtime/docker/export-filter.ts'

/** Entries of the archive, with their times; a pax header gets its type. */
function archive(entries: readonly (TarEntry & { seconds: number; pax?: boolean })[]): Buffer {
  const parts = entries.map(({ seconds, pax, ...entry }) => {
    const bytes = Buffer.from(tar([entry])).subarray(0, -1024)
    bytes.write(seconds.toString(8).padStart(11, '0'), 136, 'latin1')
    if (pax) bytes.write('x', 156)
    return bytes
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

const names = (bytes: Buffer) => {
  const found: string[] = []
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    found.push(`${bytes.toString('utf8', at, at + 100).split('\0')[0]}${bytes[at + 156] === 0x78 ? ' (pax)' : ''}`)
    at += 512 + Math.ceil(Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8) / 512) * 512
  }
  return found
}

const made = 1_700_000_000
const text = (words: string) => new TextEncoder().encode(words)
const whole = archive([
  { path: '.dockerenv', type: 'file', mode: 0o755, seconds: made, pax: true, content: text('10 a=b\n') },
  { path: '.dockerenv', type: 'file', mode: 0o755, seconds: made },
  { path: 'big.bin', type: 'file', mode: 0o644, seconds: 1, pax: true, content: text('10 c=d\n') },
  { path: 'big.bin', type: 'file', mode: 0o644, seconds: 1, content: new Uint8Array(70_000).fill(7) },
  { path: 'dev', type: 'directory', mode: 0o755, seconds: 1 },
  { path: 'dev/console', type: 'file', mode: 0o755, seconds: made + 1 },
  { path: 'etc', type: 'directory', mode: 0o755, seconds: made },
  { path: 'etc/hosts', type: 'file', mode: 0o644, seconds: 5, content: text('127.0.0.1 image\n') },
  { path: 'etc/resolv.conf', type: 'file', mode: 0o755, seconds: made },
  { path: 'srv/etc/hosts', type: 'file', mode: 0o644, seconds: made + 9 },
])

async function filtered(chunkBytes: number): Promise<Buffer> {
  const chunks = async function* () {
    for (let at = 0; at < whole.length; at += chunkBytes) yield whole.subarray(at, at + chunkBytes)
  }
  const out: Buffer[] = []
  for await (const piece of withoutEngineFiles(chunks(), made)) out.push(Buffer.from(piece))
  return Buffer.concat(out)
}

test('what the engine put beside the image’s files falls out, with the headers that speak of it; the image’s own stays', async () => {
  const out = await filtered(whole.length)
  assert.deepEqual(names(out), ['big.bin (pax)', 'big.bin', 'dev', 'etc/hosts', 'srv/etc/hosts'])
  assert.equal(out.length % 512, 0)
  assert.ok(out.subarray(-1024).every((byte) => byte === 0), 'the archive’s end is kept')
})

test('however the archive is cut into pieces, the outcome is the same', async () => {
  const out = await filtered(whole.length)
  for (const bytes of [100, 511, 512, 4096 + 1]) assert.ok((await filtered(bytes)).equals(out), `${bytes}`)
})
