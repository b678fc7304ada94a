/** The steps that every cluster has, in upstream's order. */
import type { Lookup } from '../lookup.ts'
import type { Admission } from './admission.ts'
import { nodeTaint } from './node-taint.ts'
import { defaultTolerations, priority, runtimeClass } from './pod-defaults.ts'
import { serviceAccount } from './service-account.ts'

export const standardAdmission = (lookup: Lookup): readonly Admission[] => [serviceAccount(lookup), nodeTaint, priority, defaultTolerations, runtimeClass]
