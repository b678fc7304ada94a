/** Configuration reaches containers, probes and hooks act, crash loops back off, init containers come first; exec and forwards work. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { spawn } from 'node:child_process'
import { ensureImages } from '../images/ensure-images.ts'
import { eventually, isReady, noEngine, noKubectl, Orrery } from './harness/orrery.ts'
import { WindowClient } from './harness/window-client.ts'

const client = 'orrery-test/client:1'

describe('configuration and life of containers', { skip: noEngine || noKubectl }, () => {
  let orrery: Orrery
  before(async () => {
    await ensureImages()
    orrery = await Orrery.start('--nodes', 'docker')
  })
  after(async () => {
    await orrery?.purge()
  })
  const exec = async (pod: string, ...command: string[]) => (await orrery.kubectl('exec', pod, '--', ...command)).trimEnd()
  const wait = (pod: string) => orrery.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s')

  test('ConfigMap and Secret as environment and as files, files with live update; downward API', async () => {
    await orrery.apply(`
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue, file.txt: first}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: s3cret}
---
apiVersion: v1
kind: Pod
metadata: {name: reader, labels: {tier: test}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: ${client}
    imagePullPolicy: IfNotPresent
    command: [sleep, infinity]
    resources: {limits: {memory: 64Mi, cpu: 500m}}
    env:
    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: keys, key: password}}}
    - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
    - {name: GREETING, value: "$(POD) is $(COLOUR), $$(POD) is not expanded"}
    volumeMounts:
    - {name: config, mountPath: /config}
    - {name: secret, mountPath: /secret, readOnly: true}
    - {name: info, mountPath: /info}
    - {name: scratch, mountPath: /scratch}
    - {name: config, mountPath: /one.txt, subPath: file.txt}
  volumes:
  - {name: config, configMap: {name: settings}}
  - {name: secret, secret: {secretName: keys, defaultMode: 0400}}
  - {name: info, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
  - {name: scratch, emptyDir: {}}
`)
    await wait('reader')
    assert.equal(await exec('reader', 'sh', '-c', 'echo "$COLOUR $PASSWORD $POD $MEMORY"'), `blue s3cret reader ${64 * 1024 * 1024}`)
    assert.match(await exec('reader', 'sh', '-c', 'echo $IP'), /^\d+\.\d+\.\d+\.\d+$/)
    assert.equal(await exec('reader', 'sh', '-c', 'echo "$GREETING"'), 'reader is blue, $(POD) is not expanded')
    assert.equal(await exec('reader', 'cat', '/config/file.txt'), 'first')
    assert.equal(await exec('reader', 'cat', '/one.txt'), 'first')
    assert.equal(await exec('reader', 'cat', '/secret/password'), 's3cret')
    assert.match(await exec('reader', 'cat', '/info/labels'), /tier="test"/)
    assert.equal(await exec('reader', 'sh', '-c', 'echo kept > /scratch/x; cat /scratch/x'), 'kept')

    await orrery.kubectl('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"file.txt":"second"}}')
    await orrery.kubectl('label', 'pod', 'reader', 'tier=live', '--overwrite')
    await eventually('the file to change', async () => (await exec('reader', 'cat', '/config/file.txt')) === 'second')
    await eventually('the labels file to change', async () => /tier="live"/.test(await exec('reader', 'cat', '/info/labels')))
    assert.equal(await exec('reader', 'cat', '/one.txt'), 'first', 'a subPath keeps what it had, as upstream’s does')
  })

  test('a failing readiness probe keeps a Pod out; a failing liveness probe restarts it', async () => {
    await orrery.apply(`
apiVersion: v1
kind: Pod
metadata: {name: probed}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${client}
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'touch /tmp/alive; sleep infinity']
    readinessProbe: {exec: {command: [cat, /tmp/ready]}, periodSeconds: 1}
    livenessProbe: {exec: {command: [cat, /tmp/alive]}, periodSeconds: 1, failureThreshold: 2}
`)
    await eventually('running, not ready', async () => {
      const pod = await orrery.json('get', 'pod', 'probed')
      return pod.status['phase'] === 'Running' && !isReady(pod)
    })
    await exec('probed', 'touch', '/tmp/ready')
    await wait('probed')
    await exec('probed', 'rm', '/tmp/alive')
    await eventually('a restart by the liveness probe', async () => (await orrery.json('get', 'pod', 'probed')).status['containerStatuses'][0].restartCount >= 1, 60_000)
    assert.match(await orrery.kubectl('events', '--for', 'pod/probed'), /Unhealthy.*Liveness probe failed/)
  })

  test('a crash loop backs off 10 s, 20 s, …; init containers run before', async () => {
    await orrery.apply(`
apiVersion: v1
kind: Pod
metadata: {name: crasher}
spec:
  initContainers:
  - {name: first, image: ${client}, imagePullPolicy: IfNotPresent, command: [sh, -c, 'echo one > /notes/order']}
  - {name: second, image: ${client}, imagePullPolicy: IfNotPresent, command: [sh, -c, 'echo two >> /notes/order']}
  containers:
  - {name: main, image: ${client}, imagePullPolicy: IfNotPresent, command: [sh, -c, 'cat /notes/order; echo giving up >&2; exit 3']}
`.replaceAll('imagePullPolicy: IfNotPresent,', 'imagePullPolicy: IfNotPresent, volumeMounts: [{name: notes, mountPath: /notes}],').replace('  containers:\n', '  volumes: [{name: notes, emptyDir: {}}]\n  containers:\n'))
    const looping = await eventually('the crash loop', async () => {
      const pod = await orrery.json('get', 'pod', 'crasher')
      return pod.status['containerStatuses']?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff' && pod
    }, 60_000)
    const status = looping.status['containerStatuses'][0]
    assert.equal(status.lastState.terminated.exitCode, 3)
    assert.match(status.state.waiting.message, /^back-off (10|20)s restarting failed container=main pod=crasher_default\(/)
    assert.ok(looping.status['initContainerStatuses'].every((init: { state: { terminated?: { reason: string } } }) => init.state.terminated?.reason === 'Completed'))
    const log = await orrery.kubectl('logs', 'crasher', '--previous').catch(() => orrery.kubectl('logs', 'crasher'))
    // Two pipes: their lines have no order between them.
    assert.match(log, /one\ntwo/)
    assert.match(log, /giving up/)
    const second = await eventually('the next back-off', async () => {
      const pod = await orrery.json('get', 'pod', 'crasher')
      return /^back-off 20s/.test(pod.status['containerStatuses'][0].state.waiting?.message ?? '') && pod
    }, 60_000)
    assert.ok(second.status['containerStatuses'][0].restartCount >= 1)
    await orrery.kubectl('delete', 'pod', 'crasher', '--now')
  })

  test('exec and port-forward through kubectl', async () => {
    await orrery.apply(`{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: nginx, image: "nginx:1.25", ports: [{containerPort: 80}]}]}}`)
    await wait('web')
    const failing = await orrery.run('kubectl', ['exec', 'web', '--', 'sh', '-c', 'exit 7'])
    assert.equal(failing.code, 7)
    const piped = await orrery.run('kubectl', ['exec', '-i', 'web', '--', 'cat'], 'through stdin')
    assert.equal(piped.stdout, 'through stdin')
    const forward = spawn('kubectl', ['port-forward', 'pod/web', ':80'], { env: { ...process.env, KUBECONFIG: orrery.kubeconfig } })
    try {
      const port = await new Promise<number>((resolve, reject) => {
        forward.stdout.on('data', (chunk) => {
          const match = /127\.0\.0\.1:(\d+)/.exec(String(chunk))
          if (match) resolve(Number(match[1]))
        })
        forward.on('exit', () => reject(new Error('port-forward ended')))
      })
      const answer = await fetch(`http://127.0.0.1:${port}/`)
      assert.match(await answer.text(), /nginx/i)
    } finally {
      forward.kill()
    }
  })

  test('a terminal and an opened port through the window', async () => {
    const window = await WindowClient.connect(orrery)
    try {
      let output = ''
      const terminal = window.open('terminal', { pod: { kind: 'Pod', namespace: 'default', name: 'web' }, columns: 80, rows: 24 }, (message) => {
        if ('output' in message) output += message.output
      })
      terminal.send({ input: 'echo "sum $((40 + 2))"\n' })
      await eventually('the shell’s answer', async () => output.includes('sum 42'))
      terminal.close()
      const opened = await window.call('openPort', { ref: { kind: 'Pod', namespace: 'default', name: 'web' }, port: 80 })
      assert.match(await (await fetch(opened.url)).text(), /nginx/i)
    } finally {
      window.close()
    }
  })
})
