import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import { silent } from '../../core/base/log.ts'
import type { WatchEvent } from '../../core/loop/client.ts'
import type { ListWatch } from '../../core/loop/list-watch.ts'
import { reflect } from '../../core/loop/reflector.ts'
import { FakeClock, settle } from './fake-clock.ts'

const pod = (revision: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', uid: 'u', resourceVersion: String(revision), creationTimestamp: '' },
})
const change = (revision: number): WatchEvent => ({ type: 'MODIFIED', object: pod(revision), revision })

type Act = { list?: number | Error; watch?: (readonly WatchEvent[])[]; end?: Error | 'quietly' }

/** Plays one act after the other; the last one stays open until aborted. */
function play(acts: readonly Act[]) {
  const said: string[] = []
  const clock = new FakeClock()
  const abort = new AbortController()
  let act = -1
  const source: ListWatch = {
    async list() {
      said.push('list')
      act++
      const answer = acts[act]?.list
      if (answer instanceof Error) throw answer
      return { items: [pod(answer ?? 0)], revision: answer ?? 0 }
    },
    async *watch(from, signal) {
      said.push(`watch ${from}`)
      if (acts[act]?.list === undefined) act++
      const { watch = [], end } = acts[act] ?? {}
      for (const batch of watch) yield batch
      if (act < acts.length - 1 && acts[act + 1]?.list === undefined) act++
      if (end instanceof Error) throw end
      if (end === 'quietly') return
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  }
  const sink = {
    replace: (_: readonly KubeObject[], revision: number) => said.push(`replace ${revision}`),
    apply: (events: readonly WatchEvent[]) => said.push(`apply ${events.map(({ revision }) => revision).join(',')}`),
    phase: (phase: string) => said.push(phase),
  }
  const ended = reflect({ source, sink, clock, log: silent, signal: abort.signal, random: () => 0 })
  return { said, clock, abort, ended }
}

test('lists, watches from there, and ends with its signal', async () => {
  const { said, abort, ended } = play([{ list: 5, watch: [[change(6)], [change(7), change(8)]] }])
  await settle()
  assert.deepEqual(said, ['loading', 'list', 'replace 5', 'live', 'watch 5', 'apply 6', 'apply 7,8'])
  abort.abort()
  await ended
})

test('lists again at once when history was cut', async () => {
  const { said, abort, ended } = play([{ list: 5, watch: [[change(6)]], end: new ApiError('Expired', 'too old') }, { list: 9 }])
  await settle()
  assert.deepEqual(said.slice(5), ['apply 6', 'list', 'replace 9', 'live', 'watch 9'])
  abort.abort()
  await ended
})

test('backs off while the source does not answer, and says so', async () => {
  const broken = new ApiError('ServiceUnavailable', 'not now')
  const { said, clock, abort, ended } = play([{ list: broken }, { list: broken }, { list: 3 }])
  await settle()
  assert.deepEqual(said, ['loading', 'list', 'stale'])
  await clock.run(99)
  assert.equal(said.length, 3)
  await clock.run(1)
  assert.deepEqual(said.slice(3), ['list', 'stale'])
  await clock.run(199)
  assert.equal(said.length, 5)
  await clock.run(1)
  assert.deepEqual(said.slice(5), ['list', 'replace 3', 'live', 'watch 3'])
  abort.abort()
  await ended
})
