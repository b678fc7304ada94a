/**
 * Asks a real kube-scheduler where the generated Pods go, one by one, and keeps its answers as golden data:
 *   node test/scheduler/differential/record.ts <kubeconfig> <path of kube-scheduler> [seed]
 * The control plane must be empty, without a controller manager (nothing may touch the nodes), and without the admission
 * plugins ServiceAccount and TaintNodesByCondition. Scores are read from the scheduler's log.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from './generate.ts'
import { counts, goldenFile, type Golden, type Step } from './golden.ts'

const [kubeconfig, binary, seedText = '1'] = process.argv.slice(2)
if (!kubeconfig || !binary) throw new Error('usage: record.ts <kubeconfig> <kube-scheduler> [seed]')
const seed = Number(seedText)
const config = readFileSync(kubeconfig, 'utf8')
const field = (name: string) => new RegExp(`${name}: (\\S+)`).exec(config)?.[1] ?? ''
const server = field('server')
const agent = new Agent({
  keepAlive: true,
  ca: Buffer.from(field('certificate-authority-data'), 'base64'),
  cert: Buffer.from(field('client-certificate-data'), 'base64'),
  key: Buffer.from(field('client-key-data'), 'base64'),
})

interface Answer { metadata: { name: string; namespace?: string; uid: string; resourceVersion: string }; items?: Answer[]; spec?: { nodeName?: string }; status?: { nominatedNodeName?: string; conditions?: { type: string; status: string; message?: string; reason?: string }[] }; code?: number; message?: string }

function call(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(`${server}${path}`, { method, agent, headers: body === undefined ? {} : { 'content-type': type } }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer
        if ((res.statusCode ?? 500) >= 300 && res.statusCode !== 404) reject(new Error(`${method} ${path}: ${answer.message}`))
        else resolve(answer)
      })
    })
    req.on('error', reject)
    req.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What the Event says: the condition may be overwritten before it is read. */
async function failure(namespace: string, name: string): Promise<string> {
  for (;;) {
    const events = await call('GET', `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.name=${name},reason=FailedScheduling`)
    const first = (events.items as unknown as { message: string }[])[0]
    if (first) return first.message
    await sleep(20)
  }
}

const world = generate(seed, counts)
const index = new Map(world.nodes.map(({ metadata }, i) => [metadata.name, i]))
for (const { name, labels } of world.namespaces) await call('POST', '/api/v1/namespaces', { metadata: { name, labels } })
for (const { name, value, preemptionPolicy } of world.priorities) await call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value, ...(preemptionPolicy ? { preemptionPolicy } : {}) })
for (const { name, namespace, selector } of world.services) await call('POST', `/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec: { selector, ports: [{ port: 80 }] } })
for (const { name, namespace, selector, disruptionsAllowed } of world.budgets) {
  const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`
  const made = await call('POST', path, { metadata: { name }, spec: { minAvailable: 1, selector: { matchLabels: selector } } })
  await call('PUT', `${path}/${name}/status`, { ...made, status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 } })
}
for (const node of world.nodes) {
  const made = await call('POST', '/api/v1/nodes', node)
  await call('PUT', `/api/v1/nodes/${node.metadata.name}/status`, { ...made, status: node.status })
}

const scratch = mkdtempSync(join(tmpdir(), 'probe-'))
writeFileSync(join(scratch, 'config.yaml'), [
  'apiVersion: kubescheduler.config.k8s.io/v1', 'kind: KubeSchedulerConfiguration', 'leaderElection: {leaderElect: false}', 'parallelism: 1', 'percentageOfNodesToScore: 100',
  `clientConnection: {kubeconfig: "${kubeconfig}", qps: 1000, burst: 1000}`, 'profiles: [{schedulerName: probe}]',
].join('\n'))
const scheduler = spawn(binary, ['--config', join(scratch, 'config.yaml'), '--secure-port=0', '--vmodule=schedule_one=10'], { stdio: ['ignore', 'ignore', 'pipe'] })
/** Final scores, and each plugin's, by Pod and node. */
const scores = new Map<string, Map<string, number>>()
const parts = new Map<string, Map<string, number>>()
let tail = ''
const into = (map: Map<string, Map<string, number>>, pod: string, key: string, score: number) => {
  if (!map.has(pod)) map.set(pod, new Map())
  map.get(pod)!.set(key, score)
}
scheduler.stderr.on('data', (chunk: Buffer) => {
  const lines = (tail + chunk.toString()).split('\n')
  tail = lines.pop()!
  for (const line of lines) {
    const total = /final score for pod" pod="([^"]+)" node="([^"]+)" score=(-?\d+)/.exec(line)
    if (total) into(scores, total[1]!, total[2]!, Number(total[3]))
    const part = /Plugin scored node for pod" pod="([^"]+)" plugin="([^"]+)" node="([^"]+)" score=(-?\d+)/.exec(line)
    if (part) into(parts, part[1]!, `${part[3]} ${part[2]}`, Number(part[4]))
  }
})

const steps: Step[] = []
const plugins: Record<string, Record<string, number>> = {}
const startMs = Date.parse('2026-01-01T00:00:00Z')
try {
  await sleep(3_000)
  for (const [i, { name, namespace, labels, spec }] of world.pods.entries()) {
    const pods = `/api/v1/namespaces/${namespace}/pods`
    const before = new Map((i < counts.pods ? [] : (await call('GET', '/api/v1/pods')).items!).map(({ metadata }) => [metadata.uid, `${metadata.namespace}/${metadata.name}`]))
    await call('POST', pods, { metadata: { name, labels }, spec })
    let pod: Answer
    let message: string | undefined
    let nominated: string | undefined
    for (let tries = 0; ; tries++) {
      pod = await call('GET', `${pods}/${name}`)
      if (pod.spec?.nodeName) break
      const condition = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
      nominated ??= pod.status?.nominatedNodeName
      message ??= condition?.message
      // One that displaces others is placed at its second attempt.
      if (condition?.reason === 'Unschedulable' && !nominated) break
      if (tries > 5_000) throw new Error(`${name}: no answer`)
      await sleep(4)
    }
    const key = `${namespace}/${name}`
    if (pod.spec?.nodeName) {
      await call('PATCH', `${pods}/${name}/status`, { status: { phase: 'Running', startTime: new Date(startMs + i * 1000).toISOString().replace('.000', '') } }, 'application/merge-patch+json')
      const node = pod.spec.nodeName
      if (i >= counts.pods) {
        const left = new Set((await call('GET', '/api/v1/pods')).items!.map(({ metadata }) => metadata.uid))
        const victims = [...before].filter(([uid]) => !left.has(uid)).map(([, victim]) => victim).sort()
        if (victims.length > 0) {
          steps.push({ node: index.get(node)!, message: message ?? (await failure(namespace, name)), victims })
          continue
        }
      }
      for (let tries = 0; !scores.has(key) && tries < 10; tries++) await sleep(2)
      const own = scores.get(key)
      steps.push({ node: index.get(node)!, ...(own ? { scores: world.nodes.map(({ metadata }) => own.get(metadata.name) ?? '').join(',') } : {}) })
      if (parts.has(key)) plugins[key] = Object.fromEntries(parts.get(key)!)
    } else {
      steps.push({ message: message! })
      await call('DELETE', `${pods}/${name}?gracePeriodSeconds=0`)
    }
    if (i % 50 === 49) process.stdout.write(`${i + 1} Pods\n`)
  }
} finally {
  scheduler.kill()
  rmSync(scratch, { recursive: true })
}
const golden: Golden = { recordedFrom: 'kube-scheduler v1.36.3, default profile, all nodes scored', seed, counts, steps }
writeFileSync(goldenFile, `{"recordedFrom":${JSON.stringify(golden.recordedFrom)},"seed":${seed},"counts":${JSON.stringify(counts)},"steps":[\n${steps.map((step) => JSON.stringify(step)).join(',\n')}\n]}\n`)
if (process.env['PARTS']) writeFileSync(process.env['PARTS'], JSON.stringify(plugins))
process.stdout.write(`${steps.filter(({ scores: own }) => own).length} scored, ${steps.filter(({ node }) => node === undefined).length} refused, ${steps.filter(({ victims }) => victims).length} preempted\n`)
agent.destroy()
