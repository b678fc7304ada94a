/** Databases that keep their data, agents on every node, jobs, and volumes made and removed, on three nodes of a real engine. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ensureImages } from '../images/ensure-images.ts'
import { docker, eventually, isReady, noEngine, noKubectl, Orrery, type KubeJson } from './harness/orrery.ts'

const slow = 120_000
const volumes = (orrery: Orrery) => docker('volume', 'ls', '-q', '--filter', `label=orrery.dev/cluster=${orrery.clusterId()}`).split('\n').filter(Boolean)

const database = `
apiVersion: v1
kind: Service
metadata: {name: pg}
spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {app: pg}, ports: [{name: sql, port: 5432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pg}
spec:
  serviceName: pg
  replicas: 3
  selector: {matchLabels: {app: pg}}
  template:
    metadata: {labels: {app: pg}}
    spec:
      terminationGracePeriodSeconds: 10
      containers:
      - name: postgres
        image: postgres:17
        imagePullPolicy: IfNotPresent
        env: [{name: POSTGRES_PASSWORD, value: secret}, {name: PGPASSWORD, value: secret}, {name: POSTGRES_INITDB_ARGS, value: --no-sync}, {name: PGDATA, value: /var/lib/postgresql/data/pgdata}]
        ports: [{name: sql, containerPort: 5432}]
        readinessProbe: {exec: {command: [pg_isready, -q, -h, 127.0.0.1, -U, postgres]}, periodSeconds: 1, timeoutSeconds: 5}
        volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 200Mi}}}
`
const agent = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {disk: ssd}
      terminationGracePeriodSeconds: 1
      containers: [{name: nginx, image: 'nginx:1.25', imagePullPolicy: IfNotPresent, ports: [{containerPort: 80}]}]
`
const podSpec = (script: string) => `{restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: main, image: 'orrery-test/client:1', imagePullPolicy: IfNotPresent, command: [sh, -c, '${script}']}]}`
const job = (name: string, fields: string, script: string) => `{apiVersion: batch/v1, kind: Job, metadata: {name: ${name}}, spec: {${fields}, template: {spec: ${podSpec(script)}}}}`
const cronJob = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: '* * * * *'
  successfulJobsHistoryLimit: 1
  jobTemplate: {spec: {template: {spec: ${podSpec('echo reported')}}}}
`
const writer = (name: string, script: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: notes, persistentVolumeClaim: {claimName: notes}}]
  containers: [{name: main, image: 'orrery-test/client:1', imagePullPolicy: IfNotPresent, command: [sh, -c, '${script}; exec sleep infinity'], volumeMounts: [{name: notes, mountPath: /notes}]}]
`

describe('workloads that keep, repeat and spread', { skip: noEngine || noKubectl }, () => {
  let orrery: Orrery
  before(async () => {
    const images = await ensureImages()
    assert.deepEqual(images.missing, {})
    orrery = await Orrery.start('--nodes', 'docker:3')
    await eventually('three nodes', async () => (await orrery.json<{ items: KubeJson[] }>('get', 'nodes')).items.filter(isReady).length === 3)
  })
  after(async () => {
    await orrery?.purge()
  })

  const ready = (selector: string, count: number) => eventually(`${count} ready Pods of ${selector}`, async () => {
    const pods = await orrery.pods(selector)
    return pods.length === count && pods.every(isReady) && pods.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))
  }, slow)
  const sql = async (pod: string, statement: string, host = '127.0.0.1') => (await orrery.kubectl('exec', pod, '--', 'psql', '-v', 'ON_ERROR_STOP=1', '-h', host, '-U', 'postgres', '-qtAc', statement)).trim()
  const kept = async () => {
    // Asked from the neighbour, by the name that stays.
    for (const [index, asker] of [['0', 'pg-1'], ['1', 'pg-2'], ['2', 'pg-0']] as const) await eventually(`the data of pg-${index}`, async () => (await sql(asker, 'select line from kept', `pg-${index}.pg`)) === `written in pg-${index}`)
  }

  describe('at the same time', { concurrency: 4 }, () => {
    test('three PostgreSQL servers keep their data through deletion, and scaling down and up', async () => {
      await orrery.apply(database)
      const first = await ready('app=pg', 3)
      assert.deepEqual(first.map(({ metadata }) => metadata.name), ['pg-0', 'pg-1', 'pg-2'])
      for (const { metadata } of first) await sql(metadata.name, `create table kept as select 'written in ${metadata.name}' as line`)
      await kept()

      await orrery.kubectl('delete', 'pod', 'pg-1')
      const second = await ready('app=pg', 3)
      assert.deepEqual(second.map(({ metadata }, i) => metadata.uid === first[i]!.metadata.uid), [true, false, true])
      await kept()

      await orrery.kubectl('scale', 'statefulset/pg', '--replicas=1')
      await ready('app=pg', 1)
      assert.equal((await orrery.json<{ items: KubeJson[] }>('get', 'pvc', '-l', 'app=pg')).items.filter((claim) => claim.status['phase'] === 'Bound').length, 3)
      await orrery.kubectl('scale', 'statefulset/pg', '--replicas=3')
      await orrery.kubectl('rollout', 'status', 'statefulset/pg', '--timeout=120s')
      await ready('app=pg', 3)
      await kept()
    })

    test('a DaemonSet follows the labels of nodes and is updated node by node', async () => {
      const nodes = (await orrery.json<{ items: KubeJson[] }>('get', 'nodes')).items.map(({ metadata }) => metadata.name)
      const on = async (...names: string[]) => assert.deepEqual((await ready('app=agent', names.length)).map(({ spec }) => spec['nodeName'] as string).sort(), names.sort())
      await orrery.apply(agent)
      await orrery.kubectl('label', 'node', nodes[0]!, 'disk=ssd')
      await on(nodes[0]!)
      await orrery.kubectl('label', 'node', nodes[1]!, nodes[2]!, 'disk=ssd')
      await on(...nodes)
      await orrery.kubectl('set', 'image', 'daemonset/agent', 'nginx=nginx:1.26')
      await orrery.kubectl('rollout', 'status', 'daemonset/agent', '--timeout=120s')
      assert.deepEqual((await ready('app=agent', 3)).map(({ spec }) => spec['containers'][0].image), ['nginx:1.26', 'nginx:1.26', 'nginx:1.26'])
      await orrery.kubectl('label', 'node', nodes[1]!, 'disk-')
      await on(nodes[0]!, nodes[2]!)
      assert.match(await orrery.kubectl('get', 'daemonset', 'agent', '--no-headers'), /agent +2 +2 +2 +2 +2 +disk=ssd/)
    })

    test('Jobs complete, give up after the last try, and go when their time is over; a CronJob keeps as many as asked', async () => {
      await orrery.apply(cronJob)
      await orrery.apply([job('thrice', 'completions: 3, parallelism: 2', 'echo $HOSTNAME'), job('doomed', 'backoffLimit: 1', 'exit 3'), job('brief', 'ttlSecondsAfterFinished: 1', 'true')].join('\n---\n'))
      for (const run of ['by-hand-1', 'by-hand-2', 'by-hand-3']) await orrery.kubectl('create', 'job', run, '--from=cronjob/report')
      await orrery.kubectl('wait', '--for=condition=Complete', 'job/thrice', '--timeout=120s')
      assert.equal((await orrery.json('get', 'job', 'thrice')).status['succeeded'], 3)
      await eventually('the finished Job is removed', async () => (await orrery.run('kubectl', ['get', 'job', 'brief'])).stderr.includes('NotFound'), slow)

      await orrery.kubectl('wait', '--for=condition=Failed', 'job/doomed', '--timeout=120s')
      const { status } = await orrery.json('get', 'job', 'doomed')
      assert.equal(status['failed'], 2)
      assert.equal(status['conditions'].find((condition: { type: string }) => condition.type === 'Failed').reason, 'BackoffLimitExceeded')
      assert.equal((await orrery.pods('job-name=doomed')).length, 2)

      // One run by the clock, and of all those that succeeded only the newest is left.
      await eventually('a run at the full minute', async () => /^report-\d+$/m.test((await orrery.json<{ items: KubeJson[] }>('get', 'jobs')).items.filter((found) => found.status['succeeded'] === 1).map(({ metadata }) => metadata.name).join('\n')), slow)
      await eventually('one finished run', async () => {
        const runs = (await orrery.json<{ items: (KubeJson & { metadata: { ownerReferences?: { name: string }[] } })[] }>('get', 'jobs')).items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'report')
        return runs.filter((run) => run.status['succeeded'] === 1).length === 1
      }, slow)
      await orrery.kubectl('delete', 'cronjob', 'report')
      await eventually('its Jobs and Pods go with it', async () => !/report|by-hand/.test(await orrery.kubectl('get', 'jobs,pods', '-o', 'name')), slow)
    })

    test('a claim gets a volume, which outlives the Pod and goes with the claim', async () => {
      await orrery.apply('{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: notes}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 50Mi}}}}')
      await orrery.apply(writer('first', 'echo remembered > /notes/file'))
      await orrery.kubectl('wait', '--for=condition=Ready', 'pod/first', '--timeout=120s')
      const volume = await orrery.json('get', 'pv', (await orrery.json('get', 'pvc', 'notes')).spec['volumeName'] as string)
      const onEngine = volume.spec['csi'].volumeHandle as string
      assert.ok(volumes(orrery).includes(onEngine))
      await eventually('the file', async () => (await orrery.run('kubectl', ['exec', 'first', '--', 'cat', '/notes/file'])).stdout.trim() === 'remembered')
      await orrery.kubectl('delete', 'pod', 'first')
      await orrery.apply(writer('second', 'true'))
      await orrery.kubectl('wait', '--for=condition=Ready', 'pod/second', '--timeout=120s')
      assert.equal((await orrery.kubectl('exec', 'second', '--', 'cat', '/notes/file')).trim(), 'remembered')

      // Protected as long as a Pod uses it.
      await orrery.kubectl('delete', 'pvc', 'notes', '--wait=false')
      assert.match(await orrery.kubectl('get', 'pvc', 'notes', '--no-headers'), /Terminating/)
      assert.equal((await orrery.kubectl('exec', 'second', '--', 'cat', '/notes/file')).trim(), 'remembered')
      await orrery.kubectl('delete', 'pod', 'second')
      await eventually('the volume is gone', async () => (await orrery.run('kubectl', ['get', 'pv', volume.metadata.name])).stderr.includes('NotFound') && !volumes(orrery).includes(onEngine), slow)
    })
  })

  test('the databases run on while Orrery is away, and the data are found after it', async () => {
    const before = await ready('app=pg', 3)
    await orrery.stop()
    await orrery.start()
    const adopted = await ready('app=pg', 3)
    assert.deepEqual(adopted.map(({ metadata, status }) => [metadata.uid, status['containerStatuses'][0].restartCount]), before.map(({ metadata }) => [metadata.uid, 0]))
    await kept()
    await orrery.kubectl('delete', 'pod', 'pg-0')
    await ready('app=pg', 3)
    await kept()
  })
})
