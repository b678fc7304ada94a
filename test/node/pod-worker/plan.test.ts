import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../../core/api/types/core.ts'
import { planPod, type PlanFacts, type PodPlan } from '../../../core/node/pod-worker/plan.ts'
import type { RuntimeContainer } from '../../../core/node/runtime.ts'
import { container, ended, nowMs, pod, run, sandbox } from '../builders.ts'

const plan = (wanted: Pod, containers: RuntimeContainer[], facts: Partial<PlanFacts> = {}): PodPlan =>
  planPod({ pod: wanted, containers, nowMs, liveness: () => 'success', startup: () => 'success', crashDelay: () => undefined, hashOf: ({ image = '' }) => image, restarts: () => 0, ...facts })
/** One line a plan, so that a case reads as a sentence. */
const say = (p: PodPlan): string =>
  [
    p.finish ? 'finish' : '',
    p.sandboxAttempt === undefined ? '' : `sandbox ${p.sandboxAttempt}`,
    ...p.clear.map(({ id }) => `clear ${id}`),
    ...p.kill.map(({ id, message }) => `kill ${id} (${message})`),
    ...p.start.map(({ container: { name }, attempt, kind }) => `start ${kind} ${name} ${attempt}`),
    ...p.waiting.map(({ name, reason }) => `wait ${name} ${reason}`),
  ].filter(Boolean).join(', ') || 'nothing'

const cases: [name: string, wanted: Pod, containers: RuntimeContainer[], expected: string, facts?: Partial<PlanFacts>][] = [
  ['a new Pod gets its sandbox first', pod(), [], 'sandbox 0'],
  ['then every container at once', pod({ containers: [container('a'), container('b')] }), [sandbox()], 'start app a 0, start app b 0'],
  ['what runs is left alone', pod({ containers: [container('app')] }), [sandbox(), run('app')], 'nothing'],
  ['what ended is run again', pod(), [sandbox(), ended('app', 1)], 'start app app 1'],
  ['a crash waits out its delay', pod(), [sandbox(), ended('app', 1, { attempt: 3 })], 'wait app CrashLoopBackOff', { crashDelay: () => ({ delayMs: 40_000, untilMs: nowMs + 35_000 }) }],
  ['what the engine has forgotten keeps its number', pod(), [sandbox()], 'start app app 4', { restarts: () => 4 }],
  ['OnFailure does not run a success again, and the Pod is done', pod({ restartPolicy: 'OnFailure' }), [sandbox(), ended('app', 0)], 'finish'],
  ['OnFailure runs a failure again', pod({ restartPolicy: 'OnFailure' }), [sandbox(), ended('app', 2)], 'start app app 1'],
  ['Never runs nothing again', pod({ restartPolicy: 'Never' }), [sandbox(), ended('app', 2)], 'finish'],
  ['one of two still runs: not done', pod({ restartPolicy: 'Never', containers: [container('a'), container('b')] }), [sandbox(), ended('a', 0), run('b')], 'nothing'],
  ['a lost sandbox takes everything with it', pod(), [sandbox({ state: 'exited' }), run('app')], 'sandbox 1, clear sandbox-0, clear app-0'],
  ['a removed sandbox too', pod(), [run('app')], 'sandbox 1, clear app-0'],
  ['what ended with its sandbox starts without delay', pod(), [sandbox({ id: 'sandbox-1', attempt: 1 }), ended('app', 137)], 'start app app 1', { crashDelay: () => ({ delayMs: 10_000, untilMs: nowMs + 5_000 }) }],
  ['a Never Pod that lost its sandbox is over', pod({ restartPolicy: 'Never' }), [sandbox({ state: 'exited' }), ended('app', 137)], 'finish'],
  ['another image replaces the container', pod({ containers: [container('app', { image: 'nginx:1.26' })] }), [sandbox(), run('app')], 'kill app-0 (Container app definition changed, will be restarted)'],
  ['liveness', pod({ containers: [container('app', { livenessProbe: {} })] }), [sandbox(), run('app')], 'kill app-0 (Container app failed liveness probe, will be restarted)', { liveness: () => 'failure' }],
  ['liveness with Never does not restart', pod({ restartPolicy: 'Never', containers: [container('app', { livenessProbe: {} })] }), [sandbox(), run('app')], 'kill app-0 (Container app failed liveness probe)', { liveness: () => 'failure' }],
  ['startup', pod({ containers: [container('app', { startupProbe: {} })] }), [sandbox(), run('app')], 'kill app-0 (Container app failed startup probe, will be restarted)', { startup: () => 'failure' }],
  ['made but never started is made anew', pod(), [sandbox(), run('app', { state: 'created' })], 'start app app 0'],
  ['init containers one after another', pod({ initContainers: [container('i1'), container('i2')] }), [sandbox()], 'start init i1 0'],
  ['the second after the first', pod({ initContainers: [container('i1'), container('i2')] }), [sandbox(), ended('i1', 0, { kind: 'init' })], 'start init i2 0'],
  ['while one runs nothing else starts', pod({ initContainers: [container('i1')] }), [sandbox(), run('i1', { kind: 'init' })], 'nothing'],
  ['a failed one again', pod({ initContainers: [container('i1')] }), [sandbox(), ended('i1', 1, { kind: 'init' })], 'start init i1 1'],
  ['with Never it fails the Pod', pod({ restartPolicy: 'Never', initContainers: [container('i1')] }), [sandbox(), ended('i1', 1, { kind: 'init' })], 'finish'],
  ['after a new sandbox they run anew', pod({ initContainers: [container('i1')] }), [sandbox({ id: 'sandbox-1', attempt: 1 }), ended('i1', 0, { kind: 'init' })], 'start init i1 1'],
  ['a sidecar lets the next go once started', pod({ initContainers: [container('side', { restartPolicy: 'Always' })] }), [sandbox(), run('side', { kind: 'init' })], 'start app app 0'],
  ['not before its startup probe', pod({ initContainers: [container('side', { restartPolicy: 'Always', startupProbe: {} })] }), [sandbox(), run('side', { kind: 'init' })], 'nothing', { startup: () => 'unknown' }],
  ['a sidecar that ended runs again even with Never', pod({ restartPolicy: 'Never', initContainers: [container('side', { restartPolicy: 'Always' })] }), [sandbox(), ended('side', 0, { kind: 'init' }), run('app')], 'start init side 1'],
  ['a sidecar does not keep a finished Pod alive', pod({ restartPolicy: 'Never', initContainers: [container('side', { restartPolicy: 'Always' })] }), [sandbox(), run('side', { kind: 'init' }), ended('app', 0)], 'finish'],
  ['an ephemeral container starts once', pod({ ephemeralContainers: [container('debug')] }), [sandbox(), run('app')], 'start ephemeral debug 0'],
  ['and is never run again', pod({ ephemeralContainers: [container('debug')] }), [sandbox(), run('app'), ended('debug', 0, { kind: 'ephemeral' })], 'nothing'],
]

for (const [name, wanted, containers, expected, facts] of cases) test(`plan: ${name}`, () => assert.equal(say(plan(wanted, containers, facts)), expected))

test('plan: the words of a crash loop are upstream’s, and the next look is when the delay ends', () => {
  const { waiting, requeueAtMs } = plan(pod(), [sandbox(), ended('app', 1)], { crashDelay: () => ({ delayMs: 80_000, untilMs: nowMs + 75_000 }) })
  assert.equal(waiting[0]!.message, 'back-off 1m20s restarting failed container=app pod=web-x2k7m_default(3f0c8a52-5f0f-4a44-8a6f-5a7c0d2e1b90)')
  assert.equal(requeueAtMs, nowMs + 75_000)
})
