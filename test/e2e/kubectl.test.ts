/**
 * The user's own kubectl against real containers: every command of the first issue's list, each in a namespace of its own
 * so that they run side by side. What needs the machines to itself (cordon, drain, taint) comes last.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import type { Background } from './harness/background.ts'
import { eventually, isReady, noEngine, noKubectl, Orrery, type KubeJson } from './harness/orrery.ts'
import { openShell } from './harness/shell.ts'
import { container, pod, runClient, web } from './harness/small-manifests.ts'

const skip = noEngine || noKubectl

describe('kubectl', { skip }, () => {
  let orrery: Orrery
  let folder: string
  const background: Background[] = []

  before(async () => {
    await ensureImages()
    folder = mkdtempSync(join(tmpdir(), 'orrery-kubectl-'))
    // kubectl keeps what it discovers by host and port, and ports come back.
    process.env['KUBECACHEDIR'] = join(folder, 'cache')
    orrery = await Orrery.start('--nodes', 'docker:2')
  })
  after(async () => {
    await Promise.all(background.map((process) => process.stop()))
    await orrery?.purge()
    rmSync(folder, { recursive: true, force: true })
  })

  const shell = (name: string, context: TestContext) => openShell(orrery, folder, background, name, context)

  describe('side by side', { concurrency: 4 }, () => {
    test('apply from either side, diff, edit, patch, replace, label, annotate', async (context) => {
      const { k, ask, apply, json, refused, feed, file } = await shell('apply', context)
      const map = (data: string, more = '') => `{apiVersion: v1, kind: ConfigMap, metadata: {name: settings${more}}, data: {${data}}}`
      assert.match(await apply(map('a: "1", b: "2"')), /configmap\/settings created/)
      assert.match(await apply(map('a: "1", b: "2"')), /configmap\/settings unchanged/)
      const differs = await feed(`---\n${map('a: "3"')}`, 'diff', '-f', '-')
      assert.equal(differs.code, 1, differs.stderr)
      assert.match(differs.stdout, /-  a: "1"\n-  b: "2"\n\+  a: "3"/)
      assert.match(await apply(map('a: "3"')), /configured/)
      assert.deepEqual((await json('get', 'cm', 'settings') as KubeJson & { data: unknown }).data, { a: '3' }, 'what was left out is gone')
      assert.equal((await feed(`---\n${map('a: "3"')}`, 'diff', '-f', '-')).code, 0)
      assert.match(await k('apply', 'view-last-applied', 'cm', 'settings'), /a: "3"/)
      assert.match(await apply(map('z: "1"'), '--dry-run=server', '-o', 'yaml'), /z: "1"/)
      assert.match(await apply(map('z: "1"'), '--dry-run=client'), /configured \(dry run\)/)

      const own = (value: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {a: "${value}"}}`
      assert.match(await apply(own('1'), '--server-side'), /configmap\/shared serverside-applied/)
      const conflict = await feed(`---\n${own('2')}`, 'apply', '--server-side', '--field-manager=other', '-f', '-')
      assert.match(conflict.stderr, /Apply failed with 1 conflict: conflict with "kubectl": \.data\.a/)
      assert.match(await apply(own('2'), '--server-side', '--field-manager=other', '--force-conflicts'), /serverside-applied/)
      assert.match(await k('get', 'cm', 'shared', '-o', 'yaml', '--show-managed-fields'), /f:a: \{\}\n\s+manager: other\n\s+operation: Apply/)

      const edited = await orrery.run('env', ['EDITOR=sed -i "s/^  a: .*/  a: four/"', 'kubectl', '-n', 'apply', 'edit', 'cm/settings'])
      assert.match(edited.stdout, /configmap\/settings edited/, edited.stderr)
      assert.equal(await k('get', 'cm', 'settings', '-o', 'jsonpath={.data.a}'), 'four')
      const unchanged = await orrery.run('env', ['EDITOR=true', 'kubectl', '-n', 'apply', 'edit', 'cm/settings'])
      assert.match(unchanged.stderr, /Edit cancelled, no changes made/)

      await apply(web(0))
      await k('patch', 'deploy', 'web', '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","env":[{"name":"A","value":"1"}]}]}}}}')
      await k('patch', 'deploy', 'web', '--type=merge', '-p', '{"spec":{"minReadySeconds":1}}')
      await k('patch', 'deploy', 'web', '--type=json', '-p', '[{"op":"test","path":"/spec/minReadySeconds","value":1},{"op":"replace","path":"/spec/minReadySeconds","value":2}]')
      assert.match(await k('patch', 'deploy', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":1}}'), /scale\.autoscaling\/web patched/)
      await k('patch', 'deploy', 'web', '--subresource=status', '--type=merge', '-p', '{"spec":{"replicas":9}}')
      const patched = await json('get', 'deploy', 'web')
      assert.equal(patched.spec['template'].spec.containers[0].image, 'nginx:1.25')
      assert.deepEqual(patched.spec['template'].spec.containers[0].env, [{ name: 'A', value: '1' }])
      assert.equal(patched.spec['minReadySeconds'], 2)
      assert.equal(patched.spec['replicas'], 1)
      assert.match(await refused('patch', 'deploy', 'web', '--type=json', '-p', '[{"op":"test","path":"/spec/minReadySeconds","value":7}]'), /the server rejected our request due to an error in our request/)

      await k('label', 'cm', 'settings', 'tier=one')
      assert.match(await refused('label', 'cm', 'settings', 'tier=two'), /'tier' already has a value \(one\), and --overwrite is false/)
      await k('label', 'cm', 'settings', 'tier=two', '--overwrite')
      assert.equal(await k('get', 'cm', '-l', 'tier in (two)', '-o', 'name'), 'configmap/settings\n')
      await k('label', 'cm', '--all', 'tier-')
      await k('annotate', 'cm', 'settings', 'note=read me')
      assert.equal(await k('get', 'cm', 'settings', '-o', 'jsonpath={.metadata.annotations.note}{.metadata.labels.tier}'), 'read me')

      const stale = file(`---\n${map('a: "5"', ', resourceVersion: "1"')}`)
      assert.match(await refused('replace', '-f', stale), /Operation cannot be fulfilled on configmaps "settings": the object has been modified/)
      assert.match(await k('replace', '-f', file(`---\n${map('a: "5"')}`)), /configmap\/settings replaced/)
      const before = await json('get', 'cm', 'settings')
      assert.match(await k('replace', '--force', '-f', file(`---\n${map('a: "6"')}`)), /deleted[^\n]*\nconfigmap\/settings replaced/)
      assert.notEqual((await json('get', 'cm', 'settings')).metadata.uid, before.metadata.uid)
      assert.match((await ask('apply', '-f', file('apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: a, imag: b}]}'))).stderr, /strict decoding error: unknown field "spec\.containers\[0\]\.imag"/)
    })

    test('get in every form, and watching', async (context) => {
      const { k, apply, refused, start } = await shell('get', context)
      const watching = start('get', 'deploy', '-w')
      await apply(web(2))
      await k('rollout', 'status', 'deploy/web', '--timeout=60s')
      assert.match(await k('get', 'pods', '-o', 'wide'), /NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES\nweb-\w+-\w+\s+1\/1\s+Running\s+0\s+\d+s\s+\d+\.\d+\.\d+\.\d+\s+\S+\s+<none>\s+<none>/)
      assert.match(await k('get', 'deploy,rs', '-o', 'wide', '--show-labels'), /deployment\.apps\/web\s+2\/2\s+2\s+2\s+\d+s\s+nginx\s+nginx:1\.25\s+app=web\s+app=web[\s\S]*replicaset\.apps\/web-\w+\s+2\s+2\s+2/)
      assert.match(await k('get', 'deploy', 'web', '-o', 'yaml'), /^apiVersion: apps\/v1\nkind: Deployment\nmetadata:/)
      assert.equal(JSON.parse(await k('get', 'pods', '-o', 'json')).items.length, 2)
      assert.equal(await k('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}'), 'Running Running')
      assert.match(await k('get', 'pods', '-o', 'custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image'), /^NAME\s+IMAGE\nweb-\w+-\w+\s+nginx:1\.25\n/)
      assert.equal(await k('get', 'deploy', 'web', '-o', 'go-template={{.spec.replicas}}'), '2')
      assert.match(await k('get', 'pods', '--sort-by=.metadata.creationTimestamp', '-o', 'name', '--chunk-size=1'), /^pod\/web-\S+\npod\/web-\S+\n$/)
      assert.equal((await k('get', 'pods', '--field-selector=status.phase=Running', '-l', 'app=web', '--no-headers')).trim().split('\n').length, 2)
      assert.match(await k('get', 'all', '-A'), /service\/kubernetes\s+ClusterIP/)
      assert.match(await refused('get', 'pod', 'nope'), /Error from server \(NotFound\): pods "nope" not found/)
      assert.match(await refused('get', 'nonsense'), /the server doesn't have a resource type "nonsense"/)
      await k('scale', 'deploy/web', '--replicas=3')
      await watching.says(/web\s+0\/2[\s\S]*web\s+2\/2[\s\S]*web\s+3\/3/)
    })

    test('describe tells what belongs to an object', async (context) => {
      const { k, apply } = await shell('describe', context)
      await apply(web(1))
      await k('expose', 'deploy', 'web', '--port=8080', '--target-port=80')
      await k('create', 'configmap', 'settings', '--from-literal=colour=blue')
      await k('create', 'secret', 'generic', 'keys', '--from-literal=password=secret')
      await k('rollout', 'status', 'deploy/web', '--timeout=60s')
      const name = (await orrery.pods('app=web', 'describe'))[0]!.metadata.name
      const described = await Promise.all(
        ['deploy/web', 'rs', `pod/${name}`, 'svc/web', 'ns/describe', 'cm/settings', 'secret/keys'].map((what) => k('describe', ...what.split('/'))),
      )
      assert.match(described[0]!, /Replicas:\s+1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable[\s\S]*Available\s+True\s+MinimumReplicasAvailable[\s\S]*NewReplicaSet:\s+web-\w+ \(1\/1 replicas created\)[\s\S]*Scaled up replica set web-\w+ from 0 to 1/)
      assert.match(described[1]!, /Controlled By:\s+Deployment\/web[\s\S]*1 Running \/ 0 Waiting[\s\S]*SuccessfulCreate[\s\S]*Created pod: web-/)
      assert.match(described[2]!, /Container ID:\s+docker:\/\/[0-9a-f]{64}[\s\S]*State:\s+Running[\s\S]*QoS Class:\s+BestEffort[\s\S]*Scheduled[\s\S]*Pulled[\s\S]*Created[\s\S]*Started/)
      assert.match(described[3]!, /Port:\s+<unset>\s+8080\/TCP\nTargetPort:\s+80\/TCP\nEndpoints:\s+\d+\.\d+\.\d+\.\d+:80/)
      assert.match(described[4]!, /kubernetes\.io\/metadata\.name=describe[\s\S]*Status:\s+Active/)
      assert.match(described[5]!, /colour:\n----\nblue/)
      assert.match(described[6]!, /Type:\s+Opaque\n\nData\n====\npassword:\s+6 bytes/)
      const node = (await orrery.json<{ items: KubeJson[] }>('get', 'nodes')).items[0]!.metadata.name
      assert.match(await k('describe', 'node', node), /Ready\s+True[\s\S]*Container Runtime Version:\s+docker:\/\/[\s\S]*Non-terminated Pods:/)
    })

    test('logs: follow, previous, tail, since, selector, all containers, timestamps', async (context) => {
      const { k, apply, refused, start } = await shell('logs', context)
      await apply(pod('talk', `${container('one', 'i=0; while true; do i=$((i+1)); echo one-$i; sleep 0.2; done')}\n${container('two', 'echo two-1 >&2; sleep infinity')}`))
      const once = container('app', 'if [ -e /data/ran ]; then echo second; sleep infinity; fi; touch /data/ran; echo first; exit 3')
      await apply(`${pod('again', once.replace(/}$/, ', volumeMounts: [{name: data, mountPath: /data}]}'))}  volumes: [{name: data, emptyDir: {}}]\n`)
      await k('wait', '--for=condition=Ready', 'pod/talk', '--timeout=60s')
      const following = start('logs', '-f', 'talk', '-c', 'one', '--tail=1')
      const first = Number((await following.says(/^one-(\d+)\n/))[1])
      await following.says(new RegExp(`^one-${first}\none-${first + 1}\none-${first + 2}\n`))
      assert.match(await k('logs', 'talk', '-c', 'one', '--tail=2'), /^one-\d+\none-\d+\n$/)
      assert.match(await k('logs', 'talk', '-c', 'one', '--timestamps', '--tail=1'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one-\d+\n$/)
      assert.equal(await k('logs', 'talk', '-c', 'two', '--since=1h'), 'two-1\n')
      const both = await k('logs', 'talk', '--all-containers', '--prefix', '--limit-bytes=200')
      for (const line of ['[pod/talk/one] one-1\n', '[pod/talk/two] two-1\n']) assert.ok(both.includes(line), both)
      assert.match(await k('logs', '-l', 'app=talk', '-c', 'two'), /^two-1\n$/)
      assert.match((await refused('logs', 'talk', '-c', 'nope')), /container nope is not valid for pod talk/)
      await eventually('the second run', async () => (await k('logs', 'again')) === 'second\n')
      assert.equal(await k('logs', 'again', '--previous'), 'first\n')
      assert.match(await refused('logs', 'talk', '-c', 'one', '--previous'), /previous terminated container "one" in pod "talk" not found/)
      await k('delete', 'pod', 'talk', '--now')
      assert.equal(await following.ended, 0, 'following ends with the container')
    })

    test('exec, attach, cp', async (context) => {
      const { k, apply, ask, feed, file, refused, terminal, start } = await shell('exec', context)
      await apply(pod('box', container('app', 'sleep infinity')))
      await apply(pod('echo', container('app', 'i=0; while true; do i=$((i+1)); echo tick-$i; sleep 0.2; done')))
      await apply(`${pod('repl', container('app', 'while read line; do echo "you said $line"; done').replace(/}$/, ', stdin: true, tty: true}'))}`)
      await k('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s')
      assert.equal(await k('exec', 'box', '--', 'echo', 'a b'), 'a b\n')
      assert.equal((await feed('through stdin', 'exec', '-i', 'box', '--', 'cat')).stdout, 'through stdin')
      const failed = await ask('exec', 'box', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7')
      assert.deepEqual([failed.code, failed.stdout], [7, 'out\n'])
      assert.match(failed.stderr, /^err\ncommand terminated with exit code 7/)
      const missing = await ask('exec', 'box', '--', 'nosuch')
      assert.match(missing.stdout + missing.stderr, /"nosuch": executable file not found in \$PATH/)
      assert.notEqual(missing.code, 0)
      assert.match(await refused('exec', 'box', '-c', 'nope', '--', 'true'), /container (not found \("nope"\)|nope is not valid for pod box|nope not found in pod)/)
      const large = await ask('exec', 'box', '--', 'head', '-c', '5000000', '/dev/zero')
      assert.equal(large.stdout.length, 5_000_000)

      const screen = terminal('exec -it box -- bash --norc')
      await screen.says(/[#$] $/)
      screen.type('while [ "$(stty size)" != "33 111" ]; do sleep 0.1; done; tty; echo $((6*7))\r')
      await screen.says(/\n\/dev\/pts\/\d+\r\n42\r\n/)
      screen.type('sleep 100\r')
      await new Promise((resolve) => setTimeout(resolve, 300))
      screen.type('\x03')
      screen.type('exit 5\r')
      assert.equal(await screen.ended, 5, screen.text)

      await start('attach', 'echo').says(/tick-\d+\ntick-\d+\n/)
      const talking = terminal('attach -it repl')
      await talking.says(/If you don't see a command prompt/)
      talking.type('hello\r')
      await talking.says(/you said hello/)

      const local = file('copied\n', 'txt')
      await k('cp', local, 'box:/tmp/there')
      assert.equal(await k('exec', 'box', '--', 'cat', '/tmp/there'), 'copied\n')
      await k('exec', 'box', '--', 'sh', '-c', 'mkdir -p /tmp/tree/sub && head -c 300000 /dev/urandom >/tmp/tree/sub/blob && echo x >/tmp/tree/y')
      await k('cp', 'box:/tmp/tree', join(folder, 'tree'))
      assert.equal(readFileSync(join(folder, 'tree/sub/blob')).length, 300_000)
      await k('cp', join(folder, 'tree'), 'box:/tmp/back')
      assert.equal(await k('exec', 'box', '--', 'sh', '-c', 'cmp /tmp/tree/sub/blob /tmp/back/sub/blob && cat /tmp/back/y'), 'x\n')
    })

    test('port-forward to a Pod, a Service, a Deployment; proxy', async (context) => {
      const { k, apply, start, pods } = await shell('forward', context)
      await apply(web(1))
      await k('expose', 'deploy', 'web', '--port=8080', '--target-port=80')
      await k('rollout', 'status', 'deploy/web', '--timeout=60s')
      const name = (await pods('app=web'))[0]!.metadata.name
      await Promise.all(
        [[name, ':80'], ['svc/web', ':8080'], ['deploy/web', ':80']].map(async ([what, port]) => {
          const forwarding = start('port-forward', what!, port!)
          const local = (await forwarding.says(/Forwarding from 127\.0\.0\.1:(\d+) -> 80/))[1]
          const answers = await Promise.all(Array.from({ length: 5 }, async () => (await fetch(`http://127.0.0.1:${local}/`)).text()))
          for (const answer of answers) assert.match(answer, /nginx/i)
        }),
      )
      for (const path of [`pods/${name}/proxy/`, 'services/web:8080/proxy/']) assert.match(await k('get', '--raw', `/api/v1/namespaces/forward/${path}`), /nginx/i)
      const wrong = start('port-forward', name, ':81')
      const local = (await wrong.says(/127\.0\.0\.1:(\d+) -> 81/))[1]
      await assert.rejects(fetch(`http://127.0.0.1:${local}/`))
      await wrong.says(/error forwarding port 81 to pod|connection refused/i)
    })

    test('scale, set, and the whole of rollout', async (context) => {
      const { k, apply, json, pods, refused } = await shell('rollout', context)
      await apply(web(2))
      const settled = () => k('rollout', 'status', 'deploy/web', '--timeout=60s')
      assert.match(await settled(), /deployment "web" successfully rolled out/)
      await k('annotate', 'deploy/web', 'kubernetes.io/change-cause=first')
      assert.match(await refused('scale', 'deploy/web', '--current-replicas=7', '--replicas=1'), /Expected replicas to be 7, was 2/)
      await k('scale', 'deploy/web', '--current-replicas=2', '--replicas=1')
      await k('set', 'image', 'deploy/web', 'nginx=nginx:1.26')
      await k('annotate', 'deploy/web', 'kubernetes.io/change-cause=second')
      await settled()
      assert.match(await k('rollout', 'history', 'deploy/web'), /REVISION\s+CHANGE-CAUSE\n1\s+first\n2\s+second\n/)
      assert.match(await k('rollout', 'history', 'deploy/web', '--revision=2'), /with revision #2\n[\s\S]*Image:\s+nginx:1\.26/)
      assert.match(await k('rollout', 'undo', 'deploy/web'), /rolled back/)
      await settled()
      assert.equal(await k('get', 'deploy', 'web', '-o', 'jsonpath={..image}'), 'nginx:1.25')
      assert.match(await k('rollout', 'history', 'deploy/web'), /\n2\s+second\n3\s+first\n/)
      assert.match(await refused('rollout', 'undo', 'deploy/web', '--to-revision=9'), /unable to find specified revision 9/)
      await k('rollout', 'pause', 'deploy/web')
      assert.match(await refused('rollout', 'pause', 'deploy/web'), /is already paused/)
      await k('set', 'resources', 'deploy/web', '--limits=memory=64Mi', '--requests=cpu=10m')
      await k('set', 'env', 'deploy/web', 'GREETING=hello')
      assert.match(await k('set', 'env', 'deploy/web', '--list'), /GREETING=hello/)
      assert.equal((await orrery.json<{ items: KubeJson[] }>('-n', 'rollout', 'get', 'rs')).items.length, 2, 'nothing rolls while paused')
      await k('rollout', 'resume', 'deploy/web')
      await settled()
      const [one] = await eventually('one Pod', async () => { const now = await pods('app=web'); return now.length === 1 && now })
      assert.equal(one!.spec['containers'][0].resources.limits.memory, '64Mi')
      assert.equal(await k('exec', 'deploy/web', '--', 'printenv', 'GREETING'), 'hello\n')
      await k('rollout', 'restart', 'deploy/web')
      await settled()
      assert.ok((await json('get', 'deploy', 'web')).spec['template'].metadata.annotations['kubectl.kubernetes.io/restartedAt'])
      await k('rollout', 'undo', 'deploy/web', '--to-revision=2')
      await settled()
      assert.equal(await k('get', 'deploy', 'web', '-o', 'jsonpath={..image}'), 'nginx:1.26')
      assert.match(await k('set', 'serviceaccount', 'deploy/web', 'default'), /serviceaccount updated/)
    })

    test('delete in every way, and wait', async (context) => {
      const { k, apply, ask, pods, refused, start } = await shell('delete', context)
      await apply(web(2))
      const ready = start('wait', '--for=condition=Available', 'deploy/web', '--timeout=60s')
      await k('wait', '--for=jsonpath={.status.readyReplicas}=2', 'deploy/web', '--timeout=60s')
      await ready.says(/deployment\.apps\/web condition met/)
      const gone = start('wait', '--for=delete', 'deploy/web', '--timeout=60s')
      await k('delete', 'deploy', 'web', '--cascade=orphan')
      assert.equal(await gone.ended, 0, gone.text)
      const [left] = (await orrery.json<{ items: KubeJson[] }>('-n', 'delete', 'get', 'rs')).items
      assert.equal((left!.metadata as { ownerReferences?: unknown }).ownerReferences, undefined)
      assert.equal((await pods('app=web')).filter(isReady).length, 2)
      await k('delete', 'rs', '-l', 'app=web', '--cascade=foreground')
      assert.deepEqual(await pods('app=web'), [], 'foreground waits for the Pods')

      for (const name of ['a', 'b', 'c', 'd']) await k('run', name, ...runClient, '--labels=kind=test', '--command', '--', 'sleep', 'infinity')
      await k('wait', '--for=condition=Ready', 'pod', '-l', 'kind=test', '--timeout=60s')
      const forced = await ask('delete', 'pod', 'a', '--grace-period=0', '--force')
      assert.match(forced.stderr, /Immediate deletion does not wait/)
      assert.match(await refused('get', 'pod', 'a'), /not found/)
      await k('delete', 'pod', 'b', '--now')
      await k('delete', 'pod', 'c', '--wait=false', '--grace-period=1')
      await k('wait', '--for=delete', 'pod/c', '--timeout=30s')
      assert.match(await k('delete', 'pod', 'a', '--ignore-not-found'), /^$/)
      await k('create', 'configmap', 'x')
      assert.match(await k('delete', 'configmap,pod', '--all', '--grace-period=1'), /configmap "x" deleted[\s\S]*pod "d" (force )?deleted/)
      assert.match(await refused('wait', '--for=condition=Ready', 'pod/none', '--timeout=1s'), /pods "none" not found/)
      await k('create', 'configmap', 'last')
      await k('create', 'namespace', 'delete-me')
      await orrery.kubectl('-n', 'delete-me', 'create', 'configmap', 'inside')
      assert.match(await k('delete', 'namespace', 'delete-me'), /namespace "delete-me" deleted/)
      assert.match(await refused('get', 'namespace', 'delete-me'), /NotFound/)
    })

    test('create, expose, run', async (context) => {
      const { k, ask, feed, json, refused, terminal, file } = await shell('create', context)
      await k('create', 'deployment', 'web', '--image=nginx:1.25', '--replicas=1', '--port=80')
      await k('create', 'configmap', 'settings', '--from-literal=a=b', `--from-file=file=${file('content', 'txt')}`)
      await k('create', 'secret', 'generic', 'keys', '--from-literal=a=b')
      await k('create', 'secret', 'docker-registry', 'registry', '--docker-server=r', '--docker-username=u', '--docker-password=p')
      assert.match(await k('create', 'serviceaccount', 'robot'), /serviceaccount\/robot created/)
      await k('create', 'service', 'clusterip', 'inside', '--tcp=80:80')
      await k('create', 'service', 'nodeport', 'outside', '--tcp=80:80')
      await k('create', 'service', 'externalname', 'elsewhere', '--external-name=example.org')
      await k('create', 'service', 'clusterip', 'headless', '--clusterip=None')
      assert.match(await k('get', 'svc'), /elsewhere\s+ExternalName\s+<none>\s+example\.org\s+<none>[\s\S]*headless\s+ClusterIP\s+None[\s\S]*inside\s+ClusterIP\s+\d[\s\S]*outside\s+NodePort\s+\d\S+\s+<none>\s+80:3\d{4}\/TCP/)
      assert.deepEqual((await json('get', 'cm', 'settings') as KubeJson & { data: unknown }).data, { a: 'b', file: 'content' })
      assert.match(await refused('create', 'deployment', 'web', '--image=x'), /deployments\.apps "web" already exists/)
      assert.match(await k('create', 'deployment', 'dry', '--image=x', '--dry-run=client', '-o', 'yaml'), /kind: Deployment/)
      assert.match(await k('expose', 'deploy', 'web', '--type=NodePort', '--name=door'), /service\/door exposed/)
      await k('run', 'server', '--image=nginx:1.25', '--port=80', '--expose')
      await k('wait', '--for=condition=Ready', 'pod/server', '--timeout=60s')

      const piped = await feed('echo from $0; exit 4\n', 'run', 'pipe', '-i', '--rm', '--restart=Never', ...runClient, '--', 'sh')
      assert.match(piped.stdout, /from sh\n[\s\S]*pod "pipe" deleted/)
      assert.equal(piped.code, 4, piped.stderr)
      const brief = await ask('run', 'brief', '-i', '--rm', '--restart=Never', ...runClient, '--', 'echo', 'hello once')
      assert.match(brief.stdout, /hello once\n/, brief.stderr)
      const screen = terminal(`run screen -it --rm --restart=Never ${runClient.join(' ')} -- bash --norc`)
      await screen.says(/If you don't see a command prompt/)
      screen.type('\rwhile [ "$(stty size)" != "33 111" ]; do sleep 0.1; done; echo $((6*7))\r')
      await screen.says(/\n42\r\n/)
      screen.type('exit\r')
      assert.equal(await screen.ended, 0, screen.text)
      assert.match(screen.text, /pod "screen" deleted/)
      assert.match(await refused('get', 'pod', 'screen'), /not found/)
    })

    test('what the server says of itself', async (context) => {
      const { k, ask, refused } = await shell('about', context)
      const all = await Promise.all(
        [
          'explain deployment.spec.strategy --api-version=apps/v1', 'explain pod.spec.containers --recursive', 'api-resources', 'api-versions', 'auth whoami', 'auth can-i create pods',
          'version', 'cluster-info', 'get --raw /readyz', 'get --raw /api/v1/namespaces/about/configmaps?limit=1', 'explain pods.spec.restartPolicy', 'api-resources --namespaced=false -o name',
        ].map((line) => k(...line.split(' '))),
      )
      assert.match(all[0]!, /GROUP:\s+apps\nKIND:\s+Deployment\nVERSION:\s+v1\n\nFIELD: strategy <DeploymentStrategy>[\s\S]*rollingUpdate\s+<RollingUpdateDeployment>[\s\S]*enum: Recreate, RollingUpdate/)
      assert.match(all[1]!, /FIELD: containers <\[\]Container>[\s\S]*env\s+<\[\]EnvVar>\n\s+name\s+<string> -required-\n[\s\S]*livenessProbe\s+<Probe>/)
      assert.match(all[2]!, /pods\s+po\s+v1\s+true\s+Pod[\s\S]*deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/)
      assert.match(all[3]!, /^apps\/v1$[\s\S]*^v1$/m)
      assert.match(all[4]!, /Username\s+kubernetes-admin\nGroups\s+\[system:masters system:authenticated\]/)
      assert.equal(all[5], 'yes\n')
      assert.match(all[6]!, /Server Version: v1\.36\./)
      assert.match(all[7]!, /Kubernetes control plane.*is running at.*https:\/\/127\.0\.0\.1:\d+/)
      assert.equal(all[8], 'ok')
      assert.match(JSON.parse(all[9]!).kind, /^ConfigMapList$/)
      assert.match(all[10]!, /ENUM:\n\s+Always\n\s+Never\n\s+OnFailure/)
      assert.match(all[11]!, /^namespaces\nnodes\n/)
      assert.match(await refused('explain', 'pod.spec.nonsense'), /field "nonsense" does not exist/)
      assert.match(await refused('auth', 'can-i', '--list'), /the server could not find the requested resource/)
      const events = await k('run', 'noisy', ...runClient, '--command', '--', 'sleep', 'infinity').then(() => k('wait', '--for=condition=Ready', 'pod/noisy', '--timeout=60s')).then(() => k('events', '--for', 'pod/noisy'))
      assert.match(events, /LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE[\s\S]*Normal\s+Scheduled\s+Pod\/noisy[\s\S]*Started/)
      assert.match(await k('events', '--types=Normal', '-o', 'json'), /"reason": "Scheduled"/)
      // A share of a core needs two readings: the first answer may be that there is none yet.
      await eventually('usage of noisy', async () => /^noisy\s+\d+m\s+\d+Mi/m.test((await ask('top', 'pod', 'noisy')).stdout), 60_000)
      assert.match(await k('top', 'nodes'), /CPU\(cores\)[\s\S]*\d+m\s+\d+%\s+\d+Mi\s+\d+%/)
      assert.match((await ask('get', 'events', '--field-selector=reason=Scheduled,involvedObject.name=noisy')).stdout, /pod\/noisy\s+Successfully assigned about\/noisy to/)
    })
  })

  test('cordon, uncordon, taint, drain', async (context) => {
    const { k, apply, pods, refused } = await shell('machines', context)
    const nodes = (await orrery.json<{ items: KubeJson[] }>('get', 'nodes')).items.map((node) => node.metadata.name)
    const [first, second] = nodes as [string, string]
    await apply(web(4))
    await k('rollout', 'status', 'deploy/web', '--timeout=60s')
    const placed = async () => (await pods('app=web')).filter(isReady).map((one) => one.spec['nodeName'] as string)
    assert.deepEqual([...new Set(await placed())].sort(), [...nodes].sort(), 'spread over both machines')
    await k('cordon', first)
    assert.match(await k('get', 'nodes'), new RegExp(`${first}\\s+Ready,SchedulingDisabled`))
    await k('run', 'alone', ...runClient, '--command', '--', 'sleep', 'infinity')
    await k('wait', '--for=condition=Ready', 'pod/alone', '--timeout=60s')
    assert.match(await refused('drain', second, '--timeout=5s'), /cannot delete [^]*Pods that declare no controller \(use --force to override\): [^]*machines\/alone/)
    await k('uncordon', second)
    const drained = await k('drain', first, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--grace-period=1', '--timeout=60s')
    assert.match(drained, new RegExp(`pod/web-\\S+ evicted[\\s\\S]*node/${first} drained`))
    await eventually('all on the other machine', async () => { const now = await placed(); return now.length === 4 && now.every((node) => node === second) })
    await k('uncordon', first)
    await k('taint', 'node', second, 'trial=yes:NoExecute')
    await eventually('all moved back', async () => { const now = await placed(); return now.length === 4 && now.every((node) => node === first) })
    assert.match(await k('taint', 'node', second, 'trial-'), /untainted/)
  })
})
