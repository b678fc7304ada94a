/**
 * Devices for generated claims on generated pools against recorded answers of upstream's allocator (dynamic-resource-allocation
 * v0.36.3, structured, the features of v1.36): shared capacity, counters, alternatives, admin access, taints, constraints, all
 * of them, conditions of binding, selectors of nodes. Ids of shares are drawn there, and left out.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Node } from '../../core/api/types/core.ts'
import type { AllocationResult, DeviceClass, ResourceClaim, ResourceSlice } from '../../core/api/types/resource.ts'
import { allocate } from '../../core/scheduler/devices/allocate.ts'
import { Inventory } from '../../core/scheduler/devices/inventory.ts'
import { Selectors } from '../../core/scheduler/devices/selector.ts'
import { nodeInfo } from '../../core/scheduler/node-info.ts'

interface Case {
  Slices: ResourceSlice[]
  Classes: DeviceClass[]
  /** Claims that hold devices already. */
  Others: ResourceClaim[]
  Claims: ResourceClaim[]
  Node: Node
  answer: AllocationResult[] | null
  error: string
}

const cases = JSON.parse(readFileSync(new URL('../golden/device-allocation.json', import.meta.url), 'utf8')) as Case[]
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/

test(`${cases.length} recorded allocations`, () => {
  for (const { Slices, Classes, Others, Claims, Node, answer, error } of cases) {
    const ask = () => allocate(Claims, nodeInfo({ ...Node, spec: {}, status: { allocatable: {} } } as Node), new Inventory(Slices, Others), (name) => Classes.find(({ metadata }) => metadata.name === name), new Selectors())
    if (error !== '') {
      assert.throws(ask, { message: error })
      continue
    }
    const ours = ask() ?? null
    const ids = (ours ?? []).flatMap(({ devices }) => (devices?.results ?? []).flatMap(({ shareID }) => shareID ?? []))
    assert.equal(new Set(ids).size, ids.length)
    for (const id of ids) assert.match(id, uuid)
    assert.deepEqual(JSON.parse(JSON.stringify(ours).replace(/"shareID":"[^"]*"/g, '"shareID":"?"')), answer)
  }
})
