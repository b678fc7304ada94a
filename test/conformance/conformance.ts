/**
 * Runs areas of upstream's conformance suite against an Orrery of its own, on simulated nodes and on Docker nodes.
 *
 *   npm run conformance -- [--nodes simulated|docker|both] [--slow] [--all] [--results DIR] [area …]
 *
 * The suite is not part of this repository: ORRERY_CONFORMANCE names the command that runs it (it takes --kubeconfig,
 * --area, --results, --no-containers, --parallel, --quick, and after `--` what goes to e2e.test). Without areas, those
 * that Orrery promises in full. On simulated nodes nothing runs in containers: only tests that need none are asked for.
 * Exit code: 0 when every selected test passed.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Orrery } from '../e2e/harness/orrery.ts'

const promised = ['apps/statefulset', 'apps/daemonset', 'apps/job', 'apps/cronjob', 'apps/deployment', 'apps/replicaset', 'apps/replicationcontroller', 'apps/controllerrevision', 'apps/disruption', 'scheduling/limitrange', 'scheduling/predicates', 'scheduling/preemption', 'api/quota', 'api/garbage-collection', 'api/namespaces', 'storage/pv-pvc']
const simulatedNodes = 3
const dockerNodes = 2

const { values: options, positionals: areas } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string', default: 'both' }, results: { type: 'string', default: join(process.cwd(), 'test/artifacts/conformance') }, parallel: { type: 'string', default: '2' }, all: { type: 'boolean', default: false }, slow: { type: 'boolean', default: false } },
})
const suite = process.env['ORRERY_CONFORMANCE']
if (!suite) {
  process.stderr.write('ORRERY_CONFORMANCE: name the command that runs the conformance suite (see the head of test/conformance/conformance.ts)\n')
  process.exit(2)
}

async function against(nodes: 'simulated' | 'docker', command: string): Promise<number> {
  const orrery = await Orrery.start('--nodes', nodes === 'simulated' ? `simulated:${simulatedNodes}` : `docker:${dockerNodes}`)
  try {
    process.stdout.write(`── on ${nodes} nodes: ${orrery.api}\n`)
    const args = [
      '--kubeconfig', orrery.kubeconfig,
      '--results', join(options.results, nodes),
      '--parallel', options.parallel,
      ...(options.slow ? [] : ['--quick']),
      ...(nodes === 'simulated' ? ['--no-containers'] : []),
      ...(options.all ? [] : ['--area', (areas.length > 0 ? areas : promised).join(',')]),
      // The suite's default encoding, protobuf, is not served in full.
      '--', '--kube-api-content-type=application/json',
    ]
    const child = spawn(command, args, { stdio: 'inherit' })
    return await new Promise((resolve, reject) => child.on('error', reject).on('exit', (code) => resolve(code ?? 2)))
  } finally {
    await orrery.purge()
  }
}

let worst = 0
for (const nodes of ['simulated', 'docker'] as const) {
  if (options.nodes === nodes || options.nodes === 'both') worst = Math.max(worst, await against(nodes, suite))
}
process.exit(worst)
