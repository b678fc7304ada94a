/** A typo in the tag: a new Pod that cannot pull its image beside three that serve; and a Pod too big for any machine. */
import type { JournalEntry, SchedulingCycle, Why } from '../../../electron/contract.ts'
import { refOf, type KubeObject } from '../../../core/api/meta.ts'
import { Maker, iso } from '../fixture/objects.ts'
import type { Scene } from '../fixture/scene.ts'

export const typoNow = new Date(2026, 10, 22, 12, 12, 24).getTime()
export interface StoryScene extends Scene { why?: Why; cycle?: SchedulingCycle }

export function typo(): StoryScene {
  const make = new Maker(typoNow)
  const began = typoNow - 79_000
  make.node('laptop', { cpu: '8', memory: '16Gi' })
  make.node('mini-pc', { cpu: '4', memory: '8Gi' })
  make.node('raspberry', { cpu: '4', memory: '4Gi' })
  make.add('Namespace', 'v1', undefined, 'default', { spec: {}, status: { phase: 'Active' } })
  const nginx = make.deployment('default', 'nginx-deployment', { app: 'nginx', replicas: 3, image: 'nginx:1.62', revision: 8, status: { updatedReplicas: 1, replicas: 4 } })
  const eight = make.set(nginx, '5c8d7f9b64', { revision: 8, replicas: 1, ready: 0 })
  const seven = make.set(nginx, '7d4b8c6f55', { revision: 7, replicas: 3, image: 'nginx:1.26' })
  const bad = make.pod(eight, 'p9x4k', 'mini-pc', {
    phase: 'Pending', podIP: '10.244.1.31', startTime: iso(began), conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: iso(began) }, { type: 'Initialized', status: 'True' }, { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [main]' }],
    containerStatuses: [{ name: 'main', image: 'nginx:1.62', imageID: '', ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nginx:1.62": ErrImagePull: manifest for nginx:1.62 not found: manifest unknown' } }, lastState: {} }],
  }, { ageMs: 79_000 })
  const pods = ['h5vrs', 'w8n2p', 'q9d4t'].map((suffix, i) => make.pod(seven, suffix, ['laptop', 'raspberry', 'mini-pc'][i], make.ready('nginx:1.26'), { ageMs: 9_000_000 - i }))
  make.service('default', 'nginx-service', 'nginx', 'nginx-deployment', [...pods.map((pod) => ({ pod, ready: true })), { pod: bad, ready: false }])
  for (const [i, [type, reason, message]] of ([['Normal', 'Scheduled', 'Successfully assigned default/nginx-deployment-5c8d7f9b64-p9x4k to mini-pc'], ['Normal', 'Pulling', 'Pulling image "nginx:1.62"'], ['Warning', 'Failed', 'Failed to pull image "nginx:1.62": manifest for nginx:1.62 not found: manifest unknown'], ['Warning', 'BackOff', 'Back-off pulling image "nginx:1.62"']] as const).entries()) {
    make.add('Event', 'v1', 'default', `p9x4k.${i}`, { involvedObject: refOf(bad), type, reason, message, count: i === 3 ? 4 : 1, firstTimestamp: iso(began), lastTimestamp: iso(began + i * 20_000), source: { component: i === 0 ? 'default-scheduler' : 'kubelet' } })
  }
  let revision = 3_000
  const journal: JournalEntry[] = []
  const entry = (ms: number, actor: string, say: string, why: string, object: KubeObject, more: Partial<JournalEntry> = {}): JournalEntry => {
    revision++
    const made: JournalEntry = { revision, atMs: began + ms, verb: 'update', ref: refOf(object), actor, code: 'Step', say, why, led: [], root: 3_001, changes: [], owners: [], app: 'nginx', ...more }
    journal.push(made)
    return made
  }
  const image = { path: 'spec.template.spec.containers[0].image', before: 'nginx:1.26', after: 'nginx:1.62' }
  entry(0, 'user:admin', 'updated nginx-deployment to 1.62', '', nginx, { changes: [image] })
  entry(8, 'controller:deployment-controller', 'created revision 8 with 1 Pod', '3 wanted, 1 extra allowed', eight, { verb: 'create', owners: [refOf(nginx)] })
  entry(14, 'controller:replicaset-controller', 'created Pod p9x4k', '1 wanted, 0 there', bad, { verb: 'create', owners: [refOf(eight), refOf(nginx)] })
  entry(17, 'scheduler', 'placed p9x4k on mini-pc', 'most free memory, 5.2 GiB', bad, { owners: [refOf(eight), refOf(nginx)] })
  entry(863, 'node:mini-pc', 'could not pull nginx:1.62', 'the registry answers: manifest unknown', bad, { owners: [refOf(eight), refOf(nginx)] })
  return {
    name: 'typo', nowMs: typoNow, objects: make.objects, revision: make.revision, journal, ports: [], pulls: [], status: {},
    usage: [{ node: 'mini-pc', atMs: typoNow, cpuCores: 0.9, memoryBytes: 2.4 * 2 ** 30, pods: [] }],
    why: {
      ref: refOf(bad), state: { mark: 'failing', say: 'cannot pull nginx:1.62', why: 'the registry has no such image' },
      chain: journal.map((e) => ({ actor: e.actor, atMs: e.atMs, say: e.say, why: e.why, ref: e.ref, revision: e.revision, ...(e.changes.length > 0 ? { changes: e.changes } : {}) })),
      evidence: [
        { title: 'Containers', lines: ['main waits: ImagePullBackOff, Back-off pulling image "nginx:1.62": manifest unknown'] },
        { title: 'Warnings', lines: ['Failed: Failed to pull image "nginx:1.62": manifest for nginx:1.62 not found: manifest unknown', 'BackOff: Back-off pulling image "nginx:1.62" (4 times)'] },
      ],
      fixes: [
        { id: 'image', label: 'Use nginx:1.26', say: 'nginx:1.26 ran here before', do: 'set-image', ref: refOf(nginx), container: 'main', suggestion: 'nginx:1.26' },
        { id: 'roll-back', label: 'Roll back to revision 7', say: 'The template that ran before, with nginx:1.26', do: 'roll-back', ref: refOf(nginx), toRevision: 7 },
        { id: 'retry-pull', label: 'Try again now', say: 'Pull the same image once more without waiting for the next try', do: 'retry-pull', ref: refOf(bad) },
      ],
      waitingFor: { say: 'pulls nginx:1.62 again', dueMs: typoNow + 82_000 },
    },
  }
}

export function pending(): StoryScene {
  const make = new Maker(typoNow)
  for (const [name, memory] of [['laptop', '16Gi'], ['mini-pc', '8Gi'], ['raspberry', '4Gi']] as const) make.node(name, { cpu: '4', memory })
  make.add('Namespace', 'v1', undefined, 'default', { spec: {}, status: { phase: 'Active' } })
  const big = make.deployment('default', 'paperless', { app: 'paperless', replicas: 1, image: 'paperless:2.14', status: { readyReplicas: 0, availableReplicas: 0 }, spec: { containers: [{ name: 'main', image: 'paperless:2.14', resources: { requests: { memory: '24Gi', cpu: '1' } } }] } })
  const set = make.set(big, '66b', { revision: 1, replicas: 1, ready: 0 })
  const pod = make.pod(set, 'vv2kq', undefined, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient memory.' }] }, { ageMs: 30_000 })
  const verdict = (node: string, free: string) => ({ plugin: 'NodeResourcesFit', node, stage: 'filter' as const, outcome: 'unschedulable' as const, reason: 'Insufficient memory', say: `needs 24 GiB of memory, ${free} free` })
  const cycle: SchedulingCycle = {
    pod: { namespace: 'default', name: pod.metadata.name, uid: pod.metadata.uid }, atMs: typoNow - 5_000, attempt: 3, message: '0/3 nodes are available: 3 Insufficient memory.',
    say: 'needs 24 GiB of memory, the most free is 16 GiB on laptop', verdicts: [verdict('laptop', '16 GiB'), verdict('mini-pc', '8 GiB'), verdict('raspberry', '4 GiB')], nextTryMs: typoNow + 9_000,
  }
  return {
    name: 'pending', nowMs: typoNow, objects: make.objects, revision: make.revision, journal: [], ports: [], pulls: [], status: {}, usage: [], cycle,
    why: {
      ref: refOf(pod), state: { mark: 'waiting', say: 'needs 24 GiB of memory, the most free is 16 GiB on laptop' },
      chain: [{ actor: 'user:admin', atMs: typoNow - 30_000, say: 'deployed paperless', why: '', ref: refOf(big), revision: 1 }, { actor: 'controller:deployment-controller', atMs: typoNow - 29_900, say: 'started revision 1 with 1 Pod', why: '1 wanted', ref: refOf(set), revision: 2 }, { actor: 'scheduler', atMs: typoNow - 29_800, say: 'found no machine for vv2kq', why: 'needs 24 GiB of memory, the most free is 16 GiB', ref: refOf(pod), revision: 3 }],
      evidence: [{ title: 'Machines the scheduler looked at', lines: ['laptop: needs 24 GiB'] }],
      fixes: [{ id: 'resources', label: 'Ask for what fits', say: 'It asks for 24 GiB of memory, most free is 16 GiB', do: 'set-resources', ref: refOf(big), container: 'main', suggestion: { memory: '16384Mi' } }],
    },
  }
}
