/** What every Store must do. `open` gives an empty store; `reopen`, where the medium remembers, the same one again after a close. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Compacted } from '../../core/store/store.ts'
import type { Cause, Change, Decide, Store } from '../../core/store/store.ts'

export const cause: Cause = { actor: 'user:test', code: 'Tested', say: 'wrote', why: 'because of the test', led: [] }
export const put = (value: string): Decide => () => ({ do: 'put', value })
export const remove: Decide = (current) => (current ? { do: 'delete', value: current.value } : { do: 'nothing' })

export interface Medium {
  store: Store
  reopen?: () => Promise<Store>
  done(): Promise<void>
}

export function storeContract(name: string, open: () => Promise<Medium>): void {
  const test = (title: string, body: (store: Store, medium: Medium) => Promise<void>) =>
    it(title, async () => {
      const medium = await open()
      try {
        await body(medium.store, medium)
      } finally {
        await medium.done()
      }
    })

  describe(`store: ${name}`, () => {
    test('creates, updates and deletes with one revision each', async (store) => {
      const created = await store.write('/a/1', (current, revision) => {
        assert.equal(current, undefined)
        return { do: 'put', value: `first at ${revision}` }
      }, cause)
      assert.deepEqual([created.change, created.entry], ['created', { key: '/a/1', revision: 1, createRevision: 1, value: 'first at 1' }])
      const updated = await store.write('/a/1', put('second'), cause)
      assert.deepEqual([updated.change, updated.entry?.revision, updated.entry?.createRevision, updated.previous?.value], ['updated', 2, 1, 'first at 1'])
      const deleted = await store.write('/a/1', (_, revision) => ({ do: 'delete', value: `gone at ${revision}` }), cause)
      assert.deepEqual([deleted.change, deleted.entry?.value, deleted.entry?.revision], ['deleted', 'gone at 3', 3])
      assert.equal(await store.get('/a/1'), undefined)
      const again = await store.write('/a/1', put('third'), cause)
      assert.deepEqual([again.change, again.entry?.createRevision], ['created', 4])
    })

    test('uses no revision for nothing, for a delete of nothing and for a decision that throws', async (store) => {
      await store.write('/a', put('1'), cause)
      const nothing = await store.write('/a', () => ({ do: 'nothing' }), cause)
      assert.deepEqual([nothing.change, nothing.entry?.value], ['unchanged', '1'])
      assert.equal((await store.write('/b', () => ({ do: 'delete', value: 'x' }), cause)).change, 'unchanged')
      const refusal = new Error('no')
      await assert.rejects(store.write('/a', () => { throw refusal }, cause), refusal)
      assert.equal(store.revision, 1)
    })

    test('decides writes of one batch one after another', async (store) => {
      const add: Decide = (current) => ({ do: 'put', value: String(Number(current?.value ?? 0) + 1) })
      const outcomes = await Promise.all(Array.from({ length: 300 }, () => store.write('/n', add, cause)))
      assert.equal((await store.get('/n'))?.value, '300')
      assert.deepEqual(outcomes.map((o) => o.entry?.revision), Array.from({ length: 300 }, (_, i) => i + 1))
      assert.equal(store.revision, 300)
    })

    test('lists by prefix in key order, in pages that count what follows', async (store) => {
      const keys = Array.from({ length: 1200 }, (_, i) => `/p/${String((i * 7919) % 1200).padStart(4, '0')}`)
      await Promise.all([...keys, '/o/x', '/q/x', '/p'].map((key) => store.write(key, put(key), cause)))
      const all = await store.list('/p/')
      assert.deepEqual(all.entries.map((e) => e.key), [...keys].sort())
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = await store.list('/p/', { limit: 500, ...(after === undefined ? {} : { after }) })
        seen.push(...page.entries.map((e) => e.key))
        assert.equal(page.remaining, 1200 - seen.length)
        after = page.more
      } while (after !== undefined)
      assert.deepEqual(seen, [...keys].sort())
    })

    test('reads the past: one key and a page', async (store) => {
      for (const [key, value] of [['/a', 'a1'], ['/b', 'b1'], ['/a', 'a2']] as const) await store.write(key, put(value), cause)
      await store.write('/b', remove, cause)
      await store.write('/c', put('c1'), cause)
      const at = async (revision: number) => (await store.list('/', { at: revision })).entries.map((e) => e.value)
      assert.deepEqual([await at(1), await at(2), await at(3), await at(4), await at(5)], [['a1'], ['a1', 'b1'], ['a2', 'b1'], ['a2'], ['a2', 'c1']])
      assert.equal((await store.getAt('/b', 3))?.value, 'b1')
      assert.equal(await store.getAt('/b', 4), undefined)
      assert.equal((await store.getAt('/a', 2))?.value, 'a1')
      const page = await store.list('/', { at: 2, limit: 1 })
      assert.deepEqual([page.revision, page.more, page.remaining], [2, '/a', 1])
      assert.deepEqual((await store.list('/', { at: 2, limit: 1, after: '/a' })).entries.map((e) => e.value), ['b1'])
    })

    test('watches from now and from the past with no gap and in order', async (store) => {
      await store.write('/k/1', put('1'), cause)
      await store.write('/other', put('-'), cause)
      const seen: Change[] = []
      const stop = store.watch('/k/', 0, (changes) => seen.push(...changes))
      assert.deepEqual(seen.map((c) => c.entry.value), ['1'])
      await store.write('/k/1', put('2'), { ...cause, led: [1, 2] })
      await store.write('/k/1', (c, revision) => ({ do: 'delete', value: `${c?.value} gone ${revision}` }), cause)
      assert.deepEqual(seen.map((c) => [c.type, c.entry.revision, c.entry.value, c.previous?.value]), [
        ['put', 1, '1', undefined], ['put', 3, '2', '1'], ['delete', 4, '2 gone 4', '2'],
      ])
      assert.deepEqual(seen[1]?.cause.led, [1, 2])
      stop()
      await store.write('/k/1', put('3'), cause)
      assert.equal(seen.length, 3)
      const replayed: Change[] = []
      store.watch('/k/', 1, (changes) => replayed.push(...changes))()
      assert.deepEqual(replayed.map((c) => [c.type, c.entry.revision, c.previous?.value]), [['put', 3, '1'], ['delete', 4, '2'], ['put', 5, undefined]])
    })

    test('publishes before it answers the writer', async (store) => {
      let seen = 0
      store.watch('', 0, (changes) => (seen += changes.length))
      await store.write('/a', put('1'), cause)
      assert.equal(seen, 1)
    })

    test('keeps every watcher whole under random work', async (store) => {
      let seed = 42
      const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
      const watchers: { from: number; prefix: string; seen: Change[] }[] = []
      const state = new Map<string, string>()
      store.watch('', 0, (changes) => {
        for (const change of changes) {
          assert.equal(change.previous?.value, state.get(change.entry.key))
          if (change.type === 'delete') state.delete(change.entry.key)
          else state.set(change.entry.key, change.entry.value)
        }
      })
      for (let round = 0; round < 60; round++) {
        const writes = Array.from({ length: 1 + random(20) }, (_, i) => {
          const key = `/${'xy'[random(2)]}/${random(8)}`
          return store.write(key, random(4) === 0 ? remove : put(`${round}.${i}`), cause)
        })
        if (random(3) === 0) {
          const watcher = { from: random(store.revision + 1), prefix: ['', '/x/', '/y/'][random(3)]!, seen: [] as Change[] }
          store.watch(watcher.prefix, watcher.from, (changes) => watcher.seen.push(...changes))
          watchers.push(watcher)
        }
        await Promise.all(writes)
      }
      const all: Change[] = []
      store.watch('', 0, (changes) => all.push(...changes))()
      assert.deepEqual(all.map((c) => c.entry.revision), Array.from({ length: store.revision }, (_, i) => i + 1))
      for (const { from, prefix, seen } of watchers) {
        const wanted = all.filter((c) => c.entry.revision > from && c.entry.key.startsWith(prefix))
        assert.deepEqual(seen.map((c) => [c.type, c.entry, c.previous]), wanted.map((c) => [c.type, c.entry, c.previous]))
      }
      assert.deepEqual((await store.list('')).entries.map((e) => [e.key, e.value]), [...state].sort(([a], [b]) => (a < b ? -1 : 1)))
    })

    test('compacts: the present and what follows stay, older reads are refused', async (store) => {
      for (let i = 1; i <= 5; i++) await store.write('/a', put(`a${i}`), cause)
      await store.write('/b', put('b'), cause)
      await store.write('/b', remove, cause)
      await store.write('/c', put('c'), cause)
      await store.compact(4)
      assert.equal(store.oldest, 4)
      assert.equal((await store.getAt('/a', 4))?.value, 'a4')
      await assert.rejects(store.getAt('/a', 3), Compacted)
      await assert.rejects(store.list('/', { at: 3 }), Compacted)
      assert.throws(() => store.watch('', 3, () => {}), Compacted)
      const seen: Change[] = []
      store.watch('', 4, (changes) => seen.push(...changes))()
      assert.deepEqual(seen.map((c) => [c.entry.revision, c.previous?.value]), [[5, 'a4'], [6, undefined], [7, 'b'], [8, undefined]])
      await store.compact(8)
      assert.deepEqual((await store.list('/')).entries.map((e) => e.value), ['a5', 'c'])
      assert.deepEqual((await store.list('/', { at: 8 })).entries.map((e) => e.value), ['a5', 'c'])
      assert.deepEqual((await store.journal({ limit: 100 })).map((row) => row.revision), [5, 8])
      await store.compact(100)
      assert.equal(store.oldest, 8)
    })

    test('keeps the journal, without heartbeats unless asked', async (store) => {
      const led = { ...cause, code: 'Scaled', say: 'scaled', why: '3 wanted', led: [1, 2] }
      await store.write('/a/1', put('1'), cause)
      await store.write('/a/1', put('2'), { ...cause, quiet: true })
      await store.write('/a/1', put('3'), led)
      await store.write('/b/1', remove, cause)
      await store.write('/b/1', put('b'), cause)
      await store.write('/a/1', remove, cause)
      const rows = await store.journal({ prefix: '/a/', limit: 10 })
      assert.deepEqual(rows.map((row) => [row.revision, row.type]), [[1, 'create'], [3, 'update'], [5, 'delete']])
      assert.deepEqual(rows[1]?.cause, led)
      assert.equal(rows[0]?.value, undefined)
      const valued = await store.journal({ after: 1, before: 4, limit: 10, values: true, includeQuiet: true })
      assert.deepEqual(valued.map((row) => [row.previous, row.value]), [['1', '2'], ['2', '3']])
      assert.deepEqual((await store.journal({ newestFirst: true, limit: 2 })).map((row) => row.revision), [5, 4])
      assert.deepEqual((await store.journal({ newestFirst: true, before: 4, limit: 9 })).map((row) => row.revision), [3, 1])
    })

    test('finishes what was asked before it closes', async (store, medium) => {
      const writes = Array.from({ length: 400 }, (_, i) => store.write(`/k/${i}`, put(String(i)), cause))
      const closed = store.close()
      assert.equal((await Promise.all(writes)).length, 400)
      await closed
      await assert.rejects(store.write('/late', put('x'), cause))
      if (!medium.reopen) return
      const again = await medium.reopen()
      assert.equal((await again.list('/k/')).entries.length, 400)
    })

    test('remembers everything over a restart, where the medium remembers', async (store, medium) => {
      if (!medium.reopen) return
      for (const [key, value] of [['/b', 'b1'], ['/a', 'a1'], ['/a', 'a2']] as const) await store.write(key, put(value), cause)
      await store.write('/b', remove, cause)
      await store.close()
      const again = await medium.reopen()
      assert.deepEqual([again.revision, again.oldest], [4, 0])
      assert.deepEqual((await again.list('/')).entries, [{ key: '/a', revision: 3, createRevision: 2, value: 'a2' }])
      assert.deepEqual((await again.list('/', { at: 2 })).entries.map((e) => e.value), ['a1', 'b1'])
      await again.compact(4)
      await again.close()
      const third = await medium.reopen()
      assert.deepEqual([third.revision, third.oldest], [4, 4])
      assert.equal((await third.write('/z', put('z'), cause)).entry?.revision, 5)
    })
  })
}
