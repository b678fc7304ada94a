/** Real containers: one Pod against the bare engine starting the same two containers, and a Deployment's life. */
import { Agent, request } from 'node:http'
import { ensureImages } from '../images/ensure-images.ts'
import { docker, isReady, Orrery, type KubeJson } from '../e2e/harness/orrery.ts'
import { web } from '../e2e/harness/small-manifests.ts'
import { WindowClient } from '../e2e/harness/window-client.ts'
import { figure, median, sleep, type Figure } from './measure.ts'

const runs = 7
const deployment = (image: string) => web(3, { image, graceSeconds: 30 })

/** The cluster's objects as the window sees them, so that nothing is polled. */
class Eyes {
  readonly objects = new Map<string, KubeJson>()
  #wake: () => void = () => {}

  constructor(window: WindowClient) {
    window.open('watch', {}, (batch) => {
      for (const { type, object } of batch.events) {
        const key = `${object.kind}/${object.metadata.name}`
        if (type === 'DELETED') this.objects.delete(key)
        else this.objects.set(key, object as unknown as KubeJson)
      }
      this.#wake()
    })
  }

  pods(app: string): KubeJson[] {
    return [...this.objects.values()].filter((object) => object.kind === 'Pod' && object.metadata.labels?.['app'] === app)
  }

  /** Milliseconds until the condition holds. */
  async until(holds: () => boolean): Promise<number> {
    const before = performance.now()
    while (!holds()) {
      if (performance.now() - before > 90_000) throw new Error('not within 90 s')
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), sleep(200)])
    }
    return performance.now() - before
  }
}

export async function containers(): Promise<Figure[]> {
  await ensureImages()
  const orrery = await Orrery.start('--nodes', 'docker')
  try {
    const window = await WindowClient.connect(orrery)
    const eyes = new Eyes(window)
    await sleep(1_000)
    const create = (name: string) => window.call('create', { object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'nginx', image: 'nginx:1.25' }] } } })
    const running = (name: string) => eyes.objects.get(`Pod/${name}`)?.status?.['phase'] === 'Running'

    // The first Pod of a cluster pays for its network; every later one does not.
    await create('warm-up')
    await eyes.until(() => running('warm-up'))
    const network = docker('network', 'ls', '--filter', `label=orrery.dev/cluster=${orrery.clusterId()}`, '--format', '{{.Name}}').trim().split('\n')[0]!
    const pause = docker('ps', '--filter', `label=orrery.dev/cluster=${orrery.clusterId()}`, '--filter', 'label=orrery.dev/kind=sandbox', '--format', '{{.Image}}').trim().split('\n')[0]!
    const ours: number[] = []
    const bare: number[] = []
    for (let i = 0; i < runs; i++) {
      const name = `pod-${i}`
      const before = performance.now()
      await create(name)
      await eyes.until(() => running(name))
      ours.push(performance.now() - before)
      await window.call('delete', { ref: { kind: 'Pod', namespace: 'default', name }, gracePeriodSeconds: 0 })
      await sleep(1_000)
      const start = performance.now()
      const made = await barePod(network, pause)
      bare.push(performance.now() - start)
      docker('rm', '-f', ...made)
      await sleep(500)
    }

    const three: number[] = []
    const ready: number[] = []
    const rolled: number[] = []
    const healed: number[] = []
    const deploy = (image: string) => window.call('applyReviewed', { yaml: deployment(image), namespace: 'default' })
    for (let i = 0; i < 3; i++) {
      await deploy('nginx:1.25')
      ready.push((await eyes.until(() => eyes.pods('web').length === 3 && eyes.pods('web').every(isReady))) / 1000)
      await sleep(1_500)
      await deploy('nginx:1.26')
      rolled.push((await eyes.until(() => eyes.pods('web').length === 3 && eyes.pods('web').every((pod) => isReady(pod) && pod.spec['containers'][0].image === 'nginx:1.26'))) / 1000)
      await sleep(1_500)
      const victim = eyes.pods('web')[0]!
      docker('kill', String(victim.status['containerStatuses'][0].containerID).replace('docker://', ''))
      healed.push((await eyes.until(() => {
        const now = eyes.objects.get(`Pod/${victim.metadata.name}`)
        return now !== undefined && now.status['containerStatuses'][0].restartCount === 1 && isReady(now)
      })) / 1000)
      await window.call('delete', { ref: { kind: 'Deployment', namespace: 'default', name: 'web' } })
      await eyes.until(() => eyes.pods('web').length === 0)
      await sleep(1_000)
      const start = performance.now()
      const made = await Promise.all([0, 1, 2].map(() => barePod(network, pause)))
      three.push((performance.now() - start) / 1000)
      docker('rm', '-f', ...made.flat())
      await sleep(500)
    }
    window.close()
    const floor = median(bare)
    const floorOfThree = median(three)
    return [
      figure('Pod created → Running, image present', 'ms', ours, 'create call to phase Running in the window’s watch; the bare engine is called over one kept connection, one request after another', { must: '≤ 1.3×, aim 1.1×', against: { what: 'the bare engine, the same two containers', median: floor, ratio: median(ours) / floor } }),
      figure('Deployment of 3 → all ready', 's', ready, 'apply to three ready Pods in the window’s watch', { must: 'not slower than 2.1-2.5 s (real node)', against: { what: 'the bare engine, the same six containers side by side', median: floorOfThree, ratio: median(ready) / floorOfThree } }),
      figure('rolling update of 3 → done', 's', rolled, 'apply of the new image to three ready new Pods and no old one', { must: 'not slower than 6.0-7.3 s (real node)' }),
      figure('container’s main process ends → ready again', 's', healed, 'docker kill to ready with restartCount 1', { must: 'not slower than 1.4-1.7 s (real node)' }),
    ]
  } finally {
    await orrery.purge()
  }
}

const agent = new Agent({ keepAlive: true })

/** One request to the engine; answers with the created id. */
function engine(method: string, path: string, body: unknown = {}): Promise<string> {
  const socketPath = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '')
  const bytes = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => {
        if ((answer.statusCode ?? 500) >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))
        else resolve(text === '' ? '' : (JSON.parse(text) as { Id?: string }).Id ?? '')
      })
    })
    asked.on('error', reject)
    asked.end(bytes)
  })
}

/** What a Pod is to the engine: two containers, one in the other's network. Resolves with their ids when both run. */
async function barePod(network: string, pause: string): Promise<string[]> {
  const first = await engine('POST', '/containers/create', { Image: pause, HostConfig: { NetworkMode: network, IpcMode: 'shareable' } })
  await engine('POST', `/containers/${first}/start`)
  const second = await engine('POST', '/containers/create', { Image: 'nginx:1.25', HostConfig: { NetworkMode: `container:${first}`, IpcMode: `container:${first}` } })
  await engine('POST', `/containers/${second}/start`)
  return [second, first]
}
