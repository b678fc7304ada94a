import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeContent, type Content } from '../../../core/node/volumes/atomic.ts'

const content = (files: Record<string, string>, mode = 0o644): Content => new Map(Object.entries(files).map(([path, text]) => [path, { content: Buffer.from(text), mode }]))

test('files appear behind one link, change together, and go', async () => {
  const root = await mkdtemp(join(tmpdir(), 'orrery-volume-'))
  const folder = join(root, 'v')
  try {
    assert.equal(await writeContent(folder, content({ a: '1', 'sub/b': '2' }, 0o400), undefined), true)
    assert.equal(await readFile(join(folder, 'a'), 'utf8'), '1')
    assert.equal(await readFile(join(folder, 'sub/b'), 'utf8'), '2')
    assert.equal((await stat(join(folder, 'a'))).mode & 0o777, 0o400)
    assert.equal(await readlink(join(folder, 'a')), '..data/a')
    const first = await readlink(join(folder, '..data'))
    assert.equal(await writeContent(folder, content({ a: '1', 'sub/b': '2' }, 0o400), undefined), false)
    assert.equal(await readlink(join(folder, '..data')), first)
    assert.equal(await writeContent(folder, content({ a: '3', c: '4' }), undefined), true)
    assert.notEqual(await readlink(join(folder, '..data')), first)
    assert.equal(await readFile(join(folder, 'a'), 'utf8'), '3')
    assert.deepEqual((await readdir(folder)).filter((name) => !name.startsWith('..')).sort(), ['a', 'c'])
    assert.equal((await readdir(folder)).filter((name) => name.startsWith('..')).length, 2)
  } finally {
    await rm(root, { recursive: true })
  }
})
