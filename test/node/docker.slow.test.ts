import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Pod } from '../../core/api/types/core.ts'
import { systemClock } from '../../core/base/clock.ts'
import { silent } from '../../core/base/log.ts'
import { podFolders } from '../../core/node/volumes/volumes.ts'
import { findEngine } from '../../core/node/runtime/docker/connection.ts'
import { DockerRuntime } from '../../core/node/runtime/docker.ts'
import { runtimeContract } from '../contract/runtime.ts'
import { clientImage, ensureImages } from '../images/ensure-images.ts'
import { startNode, type TestNode } from './node-under-test.ts'

const host = process.env['ORRERY_TEST_NO_ENGINE'] === undefined ? findEngine(process.env).host : undefined
const skip = host === undefined ? (process.env['ORRERY_TEST_NO_ENGINE'] ?? 'no Docker engine answers') : false

/** A range of its own, so that runs side by side don't meet. */
const openRuntime = (cache: string) => {
  const cluster = `t${randomBytes(3).toString('hex')}`
  return new DockerRuntime({ host: host!, cluster, podCidr: `10.${100 + Math.floor(Math.random() * 100)}.${Math.floor(Math.random() * 16) * 16}.0/20`, cache, clock: systemClock, log: silent })
}

describe('the Docker runtime keeps the contract', { skip }, () => {
  runtimeContract(async () => {
    const cache = await mkdtemp(join(tmpdir(), 'orrery-docker-'))
    const images = await ensureImages(host!)
    assert.deepEqual(images.missing, {})
    const runtime = openRuntime(cache)
    return {
      runtime,
      image: clientImage,
      close: async () => {
        await runtime.purge()
        runtime.close()
        await rm(cache, { recursive: true, force: true })
      },
    }
  })
})

describe('the node agent on Docker', { skip }, () => {
  let node: TestNode<DockerRuntime>
  let cache: string
  const inspect = (id: string, format: string) => execFileSync('docker', ['-H', host!, 'inspect', '-f', format, id], { encoding: 'utf8' }).trim()
  const idOf = (pod: Pod, container = 0) => pod.status!.containerStatuses![container]!.containerID!.slice('docker://'.length)

  before(async () => {
    cache = await mkdtemp(join(tmpdir(), 'orrery-docker-'))
    assert.deepEqual((await ensureImages(host!)).missing, {})
    node = await startNode(openRuntime(cache), { podsRoot: join(cache, 'pods'), clock: systemClock })
  })
  after(async () => {
    await node.close()
    await node.runtime.purge()
    node.runtime.close()
    await rm(cache, { recursive: true, force: true })
  })

  const shell = (script: string) => ({ name: 'c', image: clientImage, command: ['bash', '-c', script] })
  const idle = 'trap "exit 0" TERM; while :; do sleep 0.2; done'

  test('a privileged container runs with every capability that the engine can give, unconfined', async () => {
    await node.create('privileged', { containers: [{ ...shell(`grep -E '^(CapEff|Seccomp):' /proc/self/status; ${idle}`), securityContext: { privileged: true } }] })
    const pod = await node.until('privileged', (p) => Boolean(p.status?.containerStatuses?.[0]?.ready))
    const said = execFileSync('docker', ['-H', host!, 'logs', idOf(pod)], { encoding: 'utf8' })
    const [sysAdmin, netAdmin] = [1n << 21n, 1n << 12n]
    const effective = BigInt(`0x${/CapEff:\s*([0-9a-f]+)/.exec(said)![1]!}`)
    assert.equal(effective & (sysAdmin | netAdmin), sysAdmin | netAdmin)
    assert.match(said, /Seccomp:\s*0/)
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'privileged' }, { gracePeriodSeconds: 0 })
  })

  test('nginx runs, serves its page, logs, and is restarted in its Pod when killed', async () => {
    await node.create('web', { containers: [{ name: 'nginx', image: 'nginx:1.25', ports: [{ containerPort: 80 }] }] })
    const pod = await node.until('web', (p) => Boolean(p.status?.containerStatuses?.[0]?.ready))
    const page = await fetch(`http://${pod.status!.podIP}/`)
    assert.match(await page.text(), /Welcome to nginx/)
    execFileSync('docker', ['-H', host!, 'kill', idOf(pod)])
    const again = await node.until('web', (p) => p.status?.containerStatuses?.[0]?.restartCount === 1 && p.status.containerStatuses[0].ready)
    assert.equal(again.status!.podIP, pod.status!.podIP)
    assert.equal(again.status!.containerStatuses![0]!.lastState?.terminated?.exitCode, 137)
    const access = node.access
    const target = { namespace: 'default', name: 'web', uid: pod.metadata.uid, node: 'n1' }
    let before = ''
    for await (const chunk of await access.logs(target, { container: 'nginx', previous: true, follow: false, timestamps: false, signal: new AbortController().signal })) before += Buffer.from(chunk).toString()
    assert.match(before, /"GET \/ HTTP\/1.1" 200/)
  })

  test('a removed sandbox is rebuilt with a new address', async () => {
    const pod = node.get('web')!
    const sandbox = (await node.runtime.pod(pod.metadata.uid)).find(({ kind }) => kind === 'sandbox')!
    execFileSync('docker', ['-H', host!, 'rm', '-f', sandbox.id])
    const again = await node.until('web', (p) => (p.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2 && Boolean(p.status?.containerStatuses?.[0]?.ready))
    assert.match(await (await fetch(`http://${again.status!.podIP}/`)).text(), /Welcome/)
    assert.ok(node.events().some((line) => line.startsWith('SandboxChanged')))
  })

  test('adoption: another agent takes over and touches nothing', async () => {
    const pod = node.get('web')!
    const started = inspect(idOf(pod), '{{.State.StartedAt}}')
    await node.restart()
    await node.until('web', (p) => p.status?.phase === 'Running')
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(inspect(idOf(node.get('web')!), '{{.State.StartedAt}}'), started)
    assert.equal(idOf(node.get('web')!), idOf(pod))
  })

  test('port-forward reaches 127.0.0.1 inside the Pod', async () => {
    await node.create('local', { containers: [shell('nc -lk -s 127.0.0.1 -p 9000 -e echo hi || while :; do echo hi | nc -l -s 127.0.0.1 -p 9000 -N; done')] })
    const pod = await node.until('local', (p) => p.status?.phase === 'Running')
    const ask = async () => {
      const stream = await node.access.dial({ namespace: 'default', name: 'local', uid: pod.metadata.uid, node: 'n1' }, 9000)
      let text = ''
      stream.end()
      for await (const chunk of stream) text += String(chunk)
      return text
    }
    // The shell in it takes its time to listen.
    let text = ''
    for (let tries = 0; tries < 30 && text === ''; tries++) {
      text = await ask().catch(() => '')
      if (text === '') await new Promise((resolve) => setTimeout(resolve, 200))
    }
    assert.match(text, /hi/)
    const refused = await node.access.dial({ namespace: 'default', name: 'local', uid: pod.metadata.uid, node: 'n1' }, 9)
    await assert.rejects(async () => {
      for await (const _ of refused);
    }, /refused/)
  })

  test('volumes: configMap refreshed in place, emptyDir shared, memory, downward, subPath', async () => {
    await node.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf', namespace: 'default' }, data: { key: 'one' } })
    const mounts = [
      { name: 'conf', mountPath: '/conf' },
      { name: 'shared', mountPath: '/shared' },
      { name: 'memory', mountPath: '/memory' },
      { name: 'info', mountPath: '/info' },
      { name: 'conf', mountPath: '/single', subPath: 'key' },
    ]
    await node.create('files', {
      initContainers: [{ ...shell('echo from-init > /shared/x; echo kept > /memory/y'), name: 'init', volumeMounts: mounts }],
      containers: [{ ...shell(`echo last words > /dev/termination-log; ${idle}`), env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }], volumeMounts: mounts }],
      volumes: [
        { name: 'conf', configMap: { name: 'conf' } },
        { name: 'shared', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
    })
    const pod = await node.until('files', (p) => p.status?.phase === 'Running')
    const read = async (script: string) => (await node.runtime.run(idOf(pod), ['bash', '-c', script], 5000)).output
    assert.equal(await read('cat /conf/key /shared/x /memory/y /single; stat -f -c %T /memory; stat -c %a /shared; echo $IP'), `onefrom-init\nkept\nonetmpfs\n777\n${pod.status!.podIP}\n`)
    assert.match(await read('cat /etc/hosts'), new RegExp(`${pod.status!.podIP}\\tfiles`))
    assert.match(await read('cat /etc/resolv.conf'), /search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5/)
    await node.client.patch({ kind: 'ConfigMap', namespace: 'default', name: 'conf' }, { type: 'merge', body: { data: { key: 'two' } } })
    await node.eventually(async () => (await read('cat /conf/key')) === 'two')
    assert.equal(await read('cat /single'), 'one')
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'files' }, { gracePeriodSeconds: 5 })
    await node.gone('files')
    assert.match(JSON.stringify(node.lastStatus('files')), /last words/)
    const { existsSync } = await import('node:fs')
    assert.equal(existsSync(podFolders(join(cache, 'pods'), pod.metadata.uid).root), false)
  })

  test('a volume from an image: its files alone, nothing to be written, a link inside followed, shared, and gone with the last Pod', async () => {
    const volumes = () => execFileSync('docker', ['-H', host!, 'volume', 'ls', '-q', '--filter', 'label=orrery.dev/image-volume', '--filter', `name=${node.runtime.networkName.replace(/^orrery-/, '')}`], { encoding: 'utf8' }).trim()
    const image = { name: 'files', image: { reference: 'nginx:1.25', pullPolicy: 'IfNotPresent' as const } }
    const mount = { name: 'files', mountPath: '/files' }
    const script = 'ls -A /files | tr "\\n" " "; touch /files/x 2>&1 | grep -o "Read-only.*"; ls /part | grep -c ^bash$; stat -c %a /files; ' + idle
    await node.create('a', { volumes: [image], containers: [{ ...shell(script), volumeMounts: [mount, { name: 'files', mountPath: '/part', subPath: 'bin' }] }] })
    await node.create('b', { volumes: [image], containers: [{ ...shell(idle), volumeMounts: [{ ...mount, subPath: 'no/such' }] }] })
    const pod = await node.until('a', (p) => p.status?.phase === 'Running')
    let text = ''
    await node.eventually(async () => {
      text = ''
      for await (const chunk of await node.access.logs({ namespace: 'default', name: 'a', uid: pod.metadata.uid, node: 'n1' }, { container: 'c', previous: false, follow: false, timestamps: false, signal: new AbortController().signal })) text += Buffer.from(chunk).toString()
      return text.includes('555')
    })
    assert.doesNotMatch(text, /\.dockerenv/)
    assert.match(text, /usr/)
    assert.match(text, /Read-only file system\n1\n555/)
    const refused = await node.until('b', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerError')
    assert.match(refused.status!.containerStatuses![0]!.state?.waiting!.message!, /^ImageVolumeMountFailed: .* no\/such is not there$/)
    assert.equal(volumes().split('\n').length, 1)
    for (const name of ['a', 'b']) {
      await node.client.delete({ kind: 'Pod', namespace: 'default', name }, { gracePeriodSeconds: 1 })
      await node.gone(name)
    }
    await node.eventually(() => volumes() === '')
  })

  test('probes: not ready until the check answers, restarted when it fails', async () => {
    await node.create('probed', {
      containers: [
        {
          ...shell(`sleep 1; touch /ok; ${idle}`),
          readinessProbe: { exec: { command: ['test', '-e', '/ok'] }, periodSeconds: 1 },
          livenessProbe: { exec: { command: ['test', '!', '-e', '/bad'] }, periodSeconds: 1, failureThreshold: 1 },
        },
      ],
    })
    const early = await node.until('probed', (p) => p.status?.phase === 'Running')
    assert.equal(early.status!.containerStatuses![0]!.ready, false)
    const ready = await node.until('probed', (p) => Boolean(p.status?.containerStatuses?.[0]?.ready))
    await node.runtime.run(idOf(ready), ['touch', '/bad'], 5000)
    await node.until('probed', (p) => (p.status?.containerStatuses?.[0]?.restartCount ?? 0) === 1)
    assert.ok(node.events().some((line) => line === 'Killing: Container c failed liveness probe, will be restarted'))
  })

  test('a typo in the tag: ErrImagePull, then the back-off, in words', async () => {
    await node.create('typo', { containers: [{ name: 'c', image: 'nginx:1.99-no-such' }] })
    await node.until('typo', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull')
    const waits = await node.until('typo', (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff')
    assert.match(waits.status!.containerStatuses![0]!.state?.waiting!.message!, /^Back-off pulling image "nginx:1.99-no-such": ErrImagePull: /)
    assert.equal(waits.status!.phase, 'Pending')
  })

  test('a ruleset is applied in the machine’s tables by the helper, and refused in nft’s words', async () => {
    const table = `orrery_test_${randomBytes(3).toString('hex')}`
    await node.runtime.helper.applyRuleset(`table ip ${table} {}\n`)
    assert.match((await node.runtime.helper.run(['nft', 'list', 'tables'], 5000)).output, new RegExp(table))
    await node.runtime.helper.applyRuleset(`delete table ip ${table}\n`)
    await assert.rejects(node.runtime.helper.applyRuleset('nonsense\n'), /nft: .*syntax error/s)
  })

  test('Pod created to Running, against the bare engine starting the same two containers in turn', async (context) => {
    const bare: number[] = []
    const ours: number[] = []
    const image = inspect((await node.runtime.pod(node.get('web')!.metadata.uid)).find(({ kind }) => kind === 'sandbox')!.id, '{{.Config.Image}}')
    const { default: Docker } = await import('dockerode')
    const docker = new Docker({ socketPath: new URL(host!).pathname })
    for (let i = 0; i < 4; i++) {
      let begun = performance.now()
      const pause = await docker.createContainer({ Image: image, HostConfig: { NetworkMode: node.runtime.networkName, IpcMode: 'shareable' } })
      await pause.start()
      const app = await docker.createContainer({ Image: 'nginx:1.25', HostConfig: { NetworkMode: `container:${pause.id}`, IpcMode: `container:${pause.id}` } })
      await app.start()
      bare.push(performance.now() - begun)
      await app.remove({ force: true })
      await pause.remove({ force: true })
      begun = performance.now()
      await node.create(`speed-${i}`, { containers: [{ name: 'nginx', image: 'nginx:1.25' }] })
      await node.until(`speed-${i}`, (p) => p.status?.phase === 'Running')
      ours.push(performance.now() - begun)
      await node.client.delete({ kind: 'Pod', namespace: 'default', name: `speed-${i}` }, { gracePeriodSeconds: 2 })
      await node.gone(`speed-${i}`)
    }
    const best = (values: number[]) => Math.min(...values)
    context.diagnostic(`bare ${bare.map(Math.round)} ms, Orrery ${ours.map(Math.round)} ms, ratio of the best ${(best(ours) / best(bare)).toFixed(2)}`)
    assert.ok(best(ours) / best(bare) < 2)
  })
})
