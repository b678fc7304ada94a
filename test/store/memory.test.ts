import { systemClock } from '../../core/base/clock.ts'
import { memoryStore } from '../../core/store/memory.ts'
import { storeContract } from '../contract/store.ts'

storeContract('memory', async () => {
  const store = memoryStore(systemClock)
  return { store, done: () => store.close() }
})
