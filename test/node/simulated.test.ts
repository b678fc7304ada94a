import { describe } from 'node:test'
import { systemClock } from '../../core/base/clock.ts'
import { SimulatedRuntime } from '../../core/node/runtime/simulated.ts'
import { runtimeContract } from '../contract/runtime.ts'

describe('the simulated runtime keeps the contract', () => {
  runtimeContract(async () => ({
    runtime: new SimulatedRuntime({ clock: systemClock, missing: (image) => image.includes('not-there') }),
    image: 'example/tools:1',
    close: async () => {},
  }))
})
