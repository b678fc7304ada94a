/** Removes Jobs that have ended, ttlSecondsAfterFinished later. Mirrors pkg/controller/ttlafterfinished/ttlafterfinished_controller.go. */
import { refOf } from '../../api/meta.ts'
import type { Job } from '../../api/types/batch.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'

export const ttlAfterFinished = defineController<Job>({
  name: 'ttl-after-finished-controller',
  reconciles: 'Job',
  wakesOn: [],
  concerns: ({ type, object }) => type !== 'DELETED' && (object as Job).spec.ttlSecondsAfterFinished !== undefined,

  plan({ object: job, now }) {
    const because = (code: string, say: string, why: string): Reason => ({ code, say, why })
    if (!job) return nothing(because('Gone', 'nothing left to do', 'the Job is gone'))
    const ttl = job.spec.ttlSecondsAfterFinished
    if (ttl === undefined) return nothing(because('Kept', 'is kept', 'it has no ttlSecondsAfterFinished'))
    if (job.metadata.deletionTimestamp !== undefined) return nothing(because('Deleting', 'nothing left to do', 'the Job is being deleted'))
    const end = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')
    const endedMs = Date.parse(end?.lastTransitionTime ?? '')
    if (!end || Number.isNaN(endedMs)) return nothing(because('Waiting', 'waits for the Job to end', `it is to be removed ${ttl} s later`))
    const due = endedMs + ttl * 1000
    if (now < due) return nothing(because('Waiting', `removes the Job in ${Math.ceil((due - now) / 1000)} s`, `it has ended, and is kept for ${ttl} s`), due)
    const why = because('TtlExpired', `removed ${job.metadata.name}`, `it ended more than ${ttl} s ago`)
    // Upstream reads the Job once more before it deletes; here only the very state goes that was judged, so that a longer time given meanwhile counts.
    return { steps: [{ do: 'delete', ref: refOf(job), propagationPolicy: 'Foreground', resourceVersion: job.metadata.resourceVersion, because: why }], because: why }
  },
})
