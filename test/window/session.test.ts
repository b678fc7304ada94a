import assert from 'node:assert/strict'
import test from 'node:test'
import type { ToWindow } from '../../electron/contract.ts'
import { ApiError } from '../../core/api/status.ts'
import { silent } from '../../core/base/log.ts'
import type { WindowHandlers } from '../../core/window/handlers.ts'
import { openSession, type Carrier } from '../../core/window/session.ts'

/** A carrier held in the hand, and handlers for what a test opens; anything else asked of them is a fault of the test. */
function hold(handlers: { calls?: Partial<WindowHandlers['calls']>; streams?: Partial<WindowHandlers['streams']> }) {
  const posted: ToWindow[] = []
  let frame = (_frame: unknown) => {}
  let close = () => {}
  const carrier: Carrier = { post: (message) => void posted.push(message), backlog: () => 0, onFrame: (handler) => (frame = handler), onClose: (handler) => (close = handler) }
  openSession(carrier, { calls: handlers.calls ?? {}, streams: handlers.streams ?? {} } as WindowHandlers, silent)
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { posted, close: () => close(), say: async (message: unknown) => { frame(message); await turn() } }
}

test('answers calls, and errors cross as a Status', async () => {
  const session = hold({ calls: { openPorts: () => [], kinds: () => { throw new ApiError('Forbidden', 'not you') } } })
  await session.say({ id: 1, call: 'openPorts', arg: {} })
  await session.say({ id: 2, call: 'kinds', arg: {} })
  assert.deepEqual(session.posted[0], { id: 1, result: [] })
  assert.equal('error' in session.posted[1]! && session.posted[1].error?.reason, 'Forbidden')
})

test('nonsense is answered or passed over, never thrown', async () => {
  const session = hold({})
  for (const frame of [null, 3, [], {}, { id: 'x', call: 'get' }, { id: 5, send: 1 }, { id: 6, close: true }]) await session.say(frame)
  assert.deepEqual(session.posted, [])
  await session.say({ id: 7, call: 'constructor', arg: {} })
  await session.say({ id: 8, open: '__proto__', arg: {} })
  assert.match(JSON.stringify(session.posted), /unknown call.*unknown stream/)
})

test('what is sent before a stream listens is kept; a closed stream is silent and aborted', async () => {
  const heard: unknown[] = []
  let aborted = false
  const session = hold({
    streams: {
      terminal: async (_open, sink) => {
        sink.signal.addEventListener('abort', () => (aborted = true))
        await new Promise((resolve) => setImmediate(resolve))
        sink.onSend((message) => {
          heard.push(message)
          sink.message({ output: 'ok' })
        })
      },
    },
  })
  await session.say({ id: 1, open: 'terminal', arg: {} })
  await session.say({ id: 1, send: { input: 'early' } })
  await session.say({ id: 1, send: { input: 'late' } })
  assert.deepEqual(heard, [{ input: 'early' }, { input: 'late' }])
  await session.say({ id: 1, close: true })
  assert.ok(aborted)
})

test('a carrier that closes ends everything', async () => {
  let aborted = 0
  const session = hold({ streams: { status: (_open, sink) => sink.signal.addEventListener('abort', () => aborted++) } })
  await session.say({ id: 1, open: 'status', arg: {} })
  await session.say({ id: 2, open: 'status', arg: {} })
  session.close()
  assert.equal(aborted, 2)
})
