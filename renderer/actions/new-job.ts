/** A Job that a person asks for beside the schedule: its name, and the write that makes it. Pure. */
import type { ObjectMeta } from '../../core/api/meta.ts'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { WriteCall } from './action.ts'

/** Longest name a Job may have, so that its Pods' names fit. */
const longest = 63

/** The same second gives the same name; nobody runs a Job twice in one. */
export const jobName = (from: string, how: string, nowMs: number): string => {
  const end = `-${how}-${Math.floor(nowMs / 1000).toString(36)}`
  return `${from.slice(0, longest - end.length).replace(/[-.]+$/, '')}${end}`
}

/** In the namespace of what it is made from. */
export const createJob = ({ metadata: { namespace } }: CronJob | Job, metadata: ObjectMeta, spec: Job['spec'], say: string): WriteCall => ({
  call: 'create',
  arg: { object: { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace }) }, spec }, say },
})
