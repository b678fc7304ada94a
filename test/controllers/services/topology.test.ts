/**
 * Hints by share of CPU against recorded answers of upstream's topologycache (v0.36.3, AddHints; cases whose answer does not
 * depend on the order of a Go map). An endpoint is `zone readiness hint-before > hint-after`.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Endpoint } from '../../../core/api/types/discovery.ts'
import { hint, hintsOn, sharesOf } from '../../../core/controllers/services/endpoint-slice/topology.ts'
import { Cache } from '../../../core/loop/cache.ts'

interface Case {
  nodes: string[]
  slices: { state: 'create' | 'update' | 'unchanged'; endpoints: string[] }[]
  event: string
}

const cases = JSON.parse(readFileSync(new URL('../../golden/topology-hints.json', import.meta.url), 'utf8')) as Case[]
const or = (text: string | undefined): string => (text === undefined || text === '-' ? '' : text)

function nodesOf(nodes: readonly string[]): Cache {
  const cache = new Cache()
  const made = nodes.map((text, i): KubeObject => {
    const [zone, cpu, ready] = text.split(' ')
    return {
      apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}`, uid: `n${i}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: or(zone) === '' ? {} : { 'topology.kubernetes.io/zone': zone! } },
      status: { allocatable: { cpu: `${cpu}m` }, conditions: [{ type: 'Ready', status: ready === 'ready' ? 'True' : 'False' }] },
    }
  })
  cache.replace(made, 1)
  return cache
}

function endpointOf(text: string): Endpoint {
  const [zone, ready, before] = text.split(' ')
  return { addresses: ['10.0.0.1'], conditions: { ready: ready === 'ready' }, ...(or(zone) === '' ? {} : { zone: zone! }), ...(or(before) === '' ? {} : { hints: { forZones: [{ name: before! }] } }) }
}

test(`${cases.length} recorded layouts get upstream's hints and words`, () => {
  const order = ['create', 'update', 'unchanged']
  for (const { nodes, slices, event } of cases) {
    const laid = slices.map(({ state, endpoints }) => ({ state, settled: state === 'unchanged', endpoints: endpoints.map(endpointOf) as readonly Endpoint[] }))
    const said = hint([...laid].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state)), sharesOf(nodesOf(nodes)), 'IPv4')
    assert.equal(said === hintsOn ? 'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4' : `TopologyAwareHintsDisabled: ${said}`, event)
    const after = laid.map(({ endpoints }) => endpoints.map((one) => (one.conditions?.ready ? (one.hints?.forZones?.[0]?.name ?? '') : '')))
    assert.deepEqual(after, slices.map(({ endpoints }) => endpoints.map((text) => or(text.split(' > ')[1]))))
  }
})

test('hints towards nodes, of another mode, do not stay', () => {
  const laid = ['east', 'west'].map((zone) => ({ settled: true, endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, zone, hints: { forNodes: [{ name: 'n' }], forZones: [{ name: zone }] } }] as readonly Endpoint[] }))
  assert.equal(hint(laid, new Map([['east', 0.5], ['west', 0.5]]), 'IPv4'), hintsOn)
  assert.deepEqual(laid.flatMap(({ endpoints }) => endpoints.map(({ hints }) => hints)), [{ forZones: [{ name: 'east' }] }, { forZones: [{ name: 'west' }] }])
})
