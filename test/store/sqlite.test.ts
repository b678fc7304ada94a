import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../core/base/clock.ts'
import { LogStore } from '../../core/store/log-store.ts'
import { SqliteLog } from '../../core/store/sqlite/sqlite-log.ts'
import { sqliteStore } from '../../core/store/sqlite/sqlite-store.ts'
import { Unwritable } from '../../core/store/store.ts'
import type { Store } from '../../core/store/store.ts'
import { cause, put, storeContract } from '../contract/store.ts'

storeContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-store-'))
  const path = join(folder, 'cluster.db')
  const opened: Store[] = [sqliteStore(path, systemClock)]
  return {
    store: opened[0]!,
    reopen: async () => {
      const store = sqliteStore(path, systemClock)
      opened.push(store)
      return store
    },
    done: async () => {
      for (const store of opened) await store.close()
      await rm(folder, { recursive: true })
    },
  }
})

const withFolder = (body: (folder: string) => Promise<void>) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-store-'))
  try {
    await body(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('store: sqlite, the medium', () => {
  it('shows a batch to nobody before the disk has it, and decides the next one after that', withFolder(async (folder) => {
    const syncs: ((error: Error | null) => void)[] = []
    const store = new LogStore(new SqliteLog(join(folder, 'cluster.db'), { sync: () => {}, syncLater: (_, done) => void syncs.push(done) }), systemClock)
    await store.write('/n', put('1'), cause)
    const seen: number[] = []
    store.watch('', store.revision, (changes) => seen.push(...changes.map(({ entry }) => entry.revision)))
    const add = (current: { value: string } | undefined) => ({ do: 'put' as const, value: String(Number(current?.value) + 1) })
    const first = Promise.all([store.write('/n', add, cause), store.write('/n', add, cause)])
    while (syncs.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const late: number[] = []
    store.watch('', 0, (changes) => late.push(...changes.map(({ entry }) => entry.revision)))
    const next = store.write('/n', add, cause)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([store.revision, seen, late, (await store.get('/n'))?.value, (await store.journal({ limit: 9 })).length, syncs.length], [1, [], [1], '1', 1, 1])
    syncs[0]!(null)
    assert.deepEqual((await first).map(({ entry }) => entry?.value), ['2', '3'])
    assert.equal((await next).entry?.value, '4')
    assert.deepEqual([seen, late], [[2, 3, 4], [1, 2, 3, 4]])
    await store.close()
  }))

  it('takes back what the disk refuses, at once and later, and works on', withFolder(async (folder) => {
    const path = join(folder, 'cluster.db')
    let broken = false
    const fail = () => new Error('EIO: i/o error, fdatasync')
    const disk = {
      sync: () => {
        if (broken) throw fail()
      },
      syncLater: (_: number, done: (error: Error | null) => void) => void setImmediate(() => done(broken ? fail() : null)),
    }
    const store = new LogStore(new SqliteLog(path, disk), systemClock)
    await store.write('/a', put('1'), cause)
    broken = true
    const refused = await Promise.allSettled([store.write('/a', put('2'), cause), store.write('/b', put('2'), cause)])
    assert.ok(refused.every((result) => result.status === 'rejected' && result.reason instanceof Unwritable))
    await assert.rejects(store.write('/a', put('3'), cause), Unwritable)
    assert.match(store.failure ?? '', /EIO/)
    broken = false
    assert.equal((await store.write('/b', put('4'), cause)).entry?.revision, 2)
    assert.equal(store.failure, undefined)
    await store.close()
    const again = sqliteStore(path, systemClock)
    assert.deepEqual([(await again.get('/a'))?.value, (await again.get('/b'))?.value, (await again.journal({ limit: 9 })).map(({ revision }) => revision)], ['1', '4', [1, 2]])
    await again.close()
  }))

  it('refuses a whole batch when the medium is full, and works again once there is room', withFolder(async (folder) => {
    const log = new SqliteLog(join(folder, 'cluster.db'))
    const store = new LogStore(log, systemClock)
    await store.write('/small', put('before'), cause)
    log.limitPages(log.pages + 4)
    let seen = 0
    store.watch('', store.revision, (changes) => (seen += changes.length))
    const batch = await Promise.allSettled([store.write('/small', put('after'), cause), store.write('/big', put('x'.repeat(200_000)), cause)])
    assert.ok(batch.every((result) => result.status === 'rejected' && result.reason instanceof Unwritable), 'all refused')
    assert.deepEqual([store.revision, seen, (await store.get('/small'))?.value, await store.get('/big')], [1, 0, 'before', undefined])
    log.limitPages(1_000_000)
    assert.equal((await store.write('/big', put('x'.repeat(200_000)), cause)).entry?.revision, 2)
    await store.close()
    const again = sqliteStore(join(folder, 'cluster.db'), systemClock)
    assert.deepEqual([again.revision, (await again.get('/small'))?.value, (await again.get('/big'))?.value.length], [2, 'before', 200_000])
    await again.close()
  }))

  it('refuses a second owner of the file', withFolder(async (folder) => {
    const store = sqliteStore(join(folder, 'cluster.db'), systemClock)
    await store.write('/a', put('a'), cause)
    assert.throws(() => sqliteStore(join(folder, 'cluster.db'), systemClock), /locked/)
    await store.close()
  }))

  it('loses no answered write when its process is killed', withFolder(async (folder) => {
    const path = join(folder, 'cluster.db')
    const root = new URL('../../', import.meta.url).pathname
    const script = `
      import { systemClock } from '${root}core/base/clock.ts'
      import { sqliteStore } from '${root}core/store/sqlite/sqlite-store.ts'
      const store = sqliteStore(process.argv[1], systemClock)
      const cause = { actor: 'a', code: 'C', say: 's', why: 'w', led: [] }
      const worker = async (name) => {
        for (let i = 0; ; i++) {
          await store.write('/' + name, () => ({ do: 'put', value: String(i) }), cause)
          process.stdout.write(name + ' ' + i + '\\n')
        }
      }
      for (const name of ['a', 'b', 'c', 'd']) worker(name)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const answered = new Map<string, number>()
    let text = ''
    let killed = false
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (piece) => {
        text += piece
        const lines = text.split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) answered.set(line.split(' ')[0]!, Number(line.split(' ')[1]))
        if (!killed && (answered.get('a') ?? 0) > 50) killed = child.kill('SIGKILL')
      })
      child.on('close', () => resolve())
    })
    assert.equal(answered.size, 4)
    const store = sqliteStore(path, systemClock)
    for (const [name, count] of answered) assert.ok(Number((await store.get(`/${name}`))?.value) >= count, `${name} has ${count}`)
    const last = await store.write('/after', put('x'), cause)
    assert.equal(last.entry?.revision, store.revision)
    await store.close()
  }))
})
