/**
 * What every Runtime keeps to, run on the simulated one and on a real engine. A container's behaviour is declared twice,
 * as a command for the engine and as labels for the simulation, and must come out the same.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RuntimeError, type ContainerSpec, type Runtime, type RuntimeEvent, type SandboxSpec } from '../../core/node/runtime.ts'

export interface Subject {
  runtime: Runtime
  /** An image with a shell. */
  image: string
  close(): Promise<void>
}

const pod = { namespace: 'contract', name: 'p', uid: '3f0c8a52-5f0f-4a44-8a6f-000000000001' }

const sandboxSpec = (change: Partial<SandboxSpec> = {}): SandboxSpec => ({ pod, node: 'contract-1', attempt: 0, hostname: 'p', hostNetwork: false, sysctls: {}, ports: [], holds: [], labels: {}, ...change })

export function runtimeContract(open: () => Promise<Subject>): void {
  let subject: Subject
  let runtime: Runtime
  let sandbox = ''
  let ip = ''
  const events: RuntimeEvent[] = []
  const stopEvents = new AbortController()
  let following: Promise<void>

  const containerSpec = (name: string, script: string, labels: Record<string, string> = {}, change: Partial<ContainerSpec> = {}): ContainerSpec => ({
    pod,
    node: 'contract-1',
    sandbox,
    name,
    attempt: 0,
    kind: 'app',
    image: subject.image,
    imageId: 'sha256:x',
    entrypoint: ['bash', '-c', script],
    env: [{ name: 'GREETING', value: 'hello' }],
    mounts: [],
    resources: {},
    security: {},
    stdin: false,
    stdinOnce: false,
    tty: false,
    labels,
    ...change,
  })
  const find = async (id: string) => (await runtime.pod(pod.uid)).find((container) => container.id === id)
  const until = async (what: string, condition: () => Promise<boolean> | boolean) => {
    const end = Date.now() + 15_000
    while (!(await condition())) {
      assert.ok(Date.now() < end, `waited in vain: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  before(async () => {
    subject = await open()
    runtime = subject.runtime
    await runtime.prepare()
    following = (async () => {
      for await (const event of runtime.events(stopEvents.signal)) events.push(event)
    })()
  })
  after(async () => {
    stopEvents.abort()
    await following
    await subject.close()
  })

  test('says what engine it is, and gives a node an address that stays', async () => {
    const info = await runtime.info()
    assert.ok(info.cpus > 0 && info.memoryBytes > 0 && info.version !== '')
    const first = await runtime.ensureNode('contract-1')
    assert.match(first.ip, /^\d+\.\d+\.\d+\.\d+$/)
    assert.deepEqual((await runtime.ensureNode('contract-1')).ip, first.ip)
  })

  test('a sandbox is made, started, and known by its labels', async () => {
    sandbox = await runtime.createSandbox(sandboxSpec({ labels: { extra: 'kept' } }))
    ip = (await runtime.startSandbox(sandbox)).ip
    assert.match(ip, /^\d+\.\d+\.\d+\.\d+$/)
    const seen = await find(sandbox)
    assert.equal(seen?.kind, 'sandbox')
    assert.equal(seen?.state, 'running')
    assert.equal(seen?.ip, ip)
    assert.deepEqual(seen?.pod, pod)
    assert.equal(seen?.labels['extra'], 'kept')
  })

  test('a container goes from created to running to exited, and never back', async () => {
    const id = await runtime.createContainer(containerSpec('web', 'trap "exit 0" TERM; while :; do sleep 0.1; done'))
    assert.equal((await find(id))?.state, 'created')
    await runtime.start(id)
    const running = await find(id)
    assert.equal(running?.state, 'running')
    assert.ok((running?.startedMs ?? 0) > 0)
    await runtime.stop(id, 5)
    const ended = await find(id)
    assert.equal(ended?.state, 'exited')
    assert.equal(ended?.exitCode, 0)
    assert.ok((ended?.finishedMs ?? 0) >= (running?.startedMs ?? 0))
    await runtime.stop(id, 5)
    await runtime.remove(id)
    await runtime.remove(id)
    assert.equal(await find(id), undefined)
  })

  test('a container that ends by itself is told as an event, with its exit code', async () => {
    const id = await runtime.createContainer(containerSpec('short', 'sleep 0.2; exit 3', { 'simulate.orrery.dev/run-ms': '200', 'simulate.orrery.dev/exit-code': '3' }))
    await runtime.start(id)
    const seenBefore = events.length
    await until('it ended', async () => (await find(id))?.state === 'exited')
    assert.equal((await find(id))?.exitCode, 3)
    await until('an event', () => events.slice(Math.max(0, seenBefore - 1)).some((event) => event.podUid === pod.uid && event.node === 'contract-1'))
    await runtime.remove(id)
  })

  test('what ignores its stop signal is killed when the grace is over', async () => {
    const id = await runtime.createContainer(containerSpec('stubborn', 'trap "" TERM; while :; do sleep 0.1; done', { 'simulate.orrery.dev/stop-ms': '60000' }))
    await runtime.start(id)
    await runtime.stop(id, 1)
    assert.equal((await find(id))?.exitCode, 137)
    await runtime.remove(id)
  })

  test('a container that cannot start says why and counts as ended', async () => {
    const id = await runtime.createContainer(containerSpec('broken', '', { 'simulate.orrery.dev/fails': 'start' }, { entrypoint: ['/no/such/program'] }))
    await assert.rejects(runtime.start(id), (error) => error instanceof RuntimeError && error.code === 'CannotStart')
    const seen = await find(id)
    assert.equal(seen?.state, 'exited')
    assert.ok(seen?.error)
    await runtime.remove(id)
  })

  test('images: present, listed, and absent ones named as such', async () => {
    assert.ok((await runtime.image(subject.image))?.sizeBytes)
    assert.ok((await runtime.images()).some(({ names }) => names.includes(subject.image)))
    assert.equal(await runtime.image('orrery-test/not-there:1'), undefined)
    await assert.rejects(runtime.createContainer(containerSpec('none', '', {}, { image: 'orrery-test/not-there:1' })), (error) => error instanceof RuntimeError && error.code === 'ImageNotFound')
  })

  test('commands run in a running container, and not in others', async () => {
    const id = await runtime.createContainer(containerSpec('tool', 'trap "exit 0" TERM; while :; do sleep 0.1; done'))
    await assert.rejects(runtime.run(id, ['true'], 1000), RuntimeError)
    await runtime.start(id)
    assert.deepEqual({ ...(await runtime.run(id, ['true'], 5000)), output: '' }, { exitCode: 0, output: '', timedOut: false })
    const session = await runtime.exec(id, { command: ['echo', 'one two'], stdin: false, tty: false, signal: new AbortController().signal })
    let text = ''
    for await (const chunk of session.stdout) text += String(chunk)
    assert.match(text, /one two/)
    assert.equal(await session.exitCode, 0)
    assert.equal((await runtime.usage([id]))[0]?.containerId, id)
    await runtime.remove(id)
  })

  test('containers of another node are not listed for this one', async () => {
    assert.ok((await runtime.containers('contract-1')).length > 0)
    assert.equal((await runtime.containers('elsewhere')).length, 0)
  })

  test('a volume outlives who uses it, and goes when nobody does', async () => {
    const name = `orrery-contract-${pod.uid}`
    await runtime.ensureVolume(name, { about: { 'orrery.dev/claim': 'contract/data' } })
    await runtime.ensureVolume(name, { about: {} })
    const part = await runtime.volumeFolder(name, 'a/b', 'make')
    assert.ok(part.endsWith('/a/b'), part)
    if (runtime.mountsFiles) {
      const run = async (run: string, script: string, mounts: ContainerSpec['mounts']) => {
        const id = await runtime.createContainer(containerSpec(run, script, {}, { mounts }))
        await runtime.start(id)
        await until(`${run} has ended`, async () => (await find(id))?.state === 'exited')
        assert.equal((await find(id))?.exitCode, 0, run)
        return id
      }
      const writer = await run('writer', 'echo kept > /data/file && echo inner > /part/file', [{ source: name, target: '/data', readOnly: false }, { source: part, target: '/part', readOnly: false, propagation: 'rslave' }])
      await assert.rejects(runtime.removeVolume(name), (error) => error instanceof RuntimeError && error.code === 'Conflict')
      await runtime.remove(writer)
      await runtime.remove(await run('reader', 'test "$(cat /data/file)" = kept && test "$(cat /data/a/b/file)" = inner && ln -s /etc /data/link', [{ source: name, target: '/data', readOnly: false }]))
      await assert.rejects(runtime.volumeFolder(name, 'link/x', 'make'), (error) => error instanceof RuntimeError && error.code === 'Refused')
    }
    await runtime.removeVolume(name)
    await runtime.removeVolume(name)
  })

  test('nothing is left after the sandbox is removed', async () => {
    await runtime.remove(sandbox)
    assert.deepEqual(await runtime.pod(pod.uid), [])
    await assert.rejects(runtime.start(sandbox), (error) => error instanceof RuntimeError && error.code === 'NotFound')
  })
}
