/** Jobs and CronJobs that the real server was asked about (record-jobs.ts), and that our kinds must answer alike (jobs.test.ts). */

export type Json = Record<string, unknown>

const template = (spec: Json = {}, labels?: Json): Json => ({ ...(labels ? { metadata: { labels } } : {}), spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }], ...spec } })
const job = (spec: Json = {}, name = 'x', metadata: Json = {}): Json => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, ...metadata }, spec: { template: template(), ...spec } })
const cron = (spec: Json = {}, name = 'x', jobSpec: Json = {}): Json => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template(), ...jobSpec } }, ...spec } })
const indexed = (spec: Json = {}) => job({ completionMode: 'Indexed', completions: 5, ...spec })
const failing = (...rules: Json[]) => job({ podFailurePolicy: { rules } })
const codes = (onExitCodes: Json, action = 'FailJob') => failing({ action, onExitCodes })
const succeeding = (...rules: Json[]) => indexed({ successPolicy: { rules } })

export const created: Readonly<Record<string, Json>> = {
  'job/plain': job(),
  'job/labels of the template': job({ template: template({}, { app: 'a' }) }),
  'job/labels of its own': job({ template: template({}, { app: 'a' }) }, 'x', { labels: { own: '1' } }),
  'job/parallelism only': job({ parallelism: 3 }),
  'job/completions only': job({ completions: 3 }),
  'job/limits': job({ backoffLimit: 0, activeDeadlineSeconds: 10, ttlSecondsAfterFinished: 0, suspend: true }),
  'job/per index': indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 2 }),
  'job/manual selector': job({ manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: template({}, { a: 'b' }) }),
  'job/manual selector that does not match': job({ manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: template({}, { a: 'c' }) }),
  'job/manual without selector': job({ manualSelector: true }),
  'job/selector of its own': job({ selector: { matchLabels: { a: 'b' } } }),
  'job/wrong generated labels': job({ template: template({}, { 'controller-uid': 'me', 'batch.kubernetes.io/job-name': 'y' }) }),
  'job/restart policy': job({ template: template({ restartPolicy: 'Always' }) }),
  'job/no restart policy': job({ template: template({ restartPolicy: undefined }) }),
  'job/odd restart policy': job({ template: template({ restartPolicy: 'Sometimes' }) }),
  'job/on failure': job({ template: template({ restartPolicy: 'OnFailure' }) }),
  'job/negative': job({ parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1 }),
  'job/no template': { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, spec: {} },
  'job/dotted name': job({}, 'a.b'),
  'job/mode': job({ completionMode: 'Sorted' }),
  'job/indexed without completions': job({ completionMode: 'Indexed' }),
  'job/indexed and too parallel': indexed({ parallelism: 100_001 }),
  'job/indexed with a long name': { ...indexed(), metadata: { name: 'x'.repeat(62) } },
  'job/many indexes': indexed({ completions: 100_001, parallelism: 10_001 }),
  'job/many indexes and limits': indexed({ completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1, maxFailedIndexes: 10_001 }),
  'job/many indexes, no limit on failures': indexed({ completions: 100_001, backoffLimitPerIndex: 1 }),
  'job/limit per index, not indexed': job({ backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
  'job/failed indexes without a limit per index': indexed({ maxFailedIndexes: 1 }),
  'job/more failed indexes than there are': indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
  'job/managed': job({ managedBy: 'acme.io/queue' }),
  'job/managed badly': job({ managedBy: 'queue' }),
  'job/managed by nobody': job({ managedBy: '' }),
  'job/managed by odd': job({ managedBy: 'Acme.io/a b' }),
  'job/managed at length': job({ managedBy: `acme.io/${'x'.repeat(60)}` }),
  'job/replacement': job({ podReplacementPolicy: 'Failed' }),
  'job/odd replacement': job({ podReplacementPolicy: 'Never' }),
  'job/failure policy': failing({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }, { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [1, 42] } }),
  'job/failure policy replaces': job({ podReplacementPolicy: 'TerminatingOrFailed', podFailurePolicy: { rules: [] } }),
  'job/failure policy restarts': job({ podFailurePolicy: { rules: [] }, template: template({ restartPolicy: 'OnFailure' }) }),
  'job/failure policy of neither': failing({ action: 'Count' }),
  'job/failure policy of both': failing({ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A', status: 'True' }] }),
  'job/failure policy action': failing({ action: 'Retry', onPodConditions: [{ type: 'A', status: 'Maybe' }] }),
  'job/failure policy without action': failing({ action: '', onPodConditions: [{ type: 'A' }] }),
  'job/failure policy fails an index': codes({ operator: 'In', values: [1] }, 'FailIndex'),
  'job/failure policy condition type': failing({ action: 'Count', onPodConditions: [{ type: '', status: 'True' }, { type: 'a b', status: 'True' }] }),
  'job/exit codes': codes({ operator: 'In', values: [0, 3, 2, 2], containerName: 'other' }),
  'job/exit code operator': codes({ operator: 'Above', values: [1] }),
  'job/no exit code operator': codes({ operator: '', values: [1] }),
  'job/no exit codes': codes({ operator: 'NotIn', values: [] }),
  'job/many exit codes': codes({ operator: 'NotIn', values: Array.from({ length: 256 }, (_, i) => i) }),
  'job/many rules': failing(...Array.from({ length: 21 }, () => ({ action: 'Count', onPodConditions: [{ type: 'A', status: 'True' }] }))),
  'job/success policy': succeeding({ succeededIndexes: '0,2-3', succeededCount: 2 }, { succeededCount: 4 }),
  'job/success policy, not indexed': job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
  'job/success policy of nothing': succeeding({}),
  'job/success policy without rules': succeeding(),
  'job/success policy counts': succeeding({ succeededCount: -1 }, { succeededCount: 6 }, { succeededIndexes: '0-1', succeededCount: 3 }),
  'job/success policy indexes': succeeding({ succeededIndexes: '1-2-3' }, { succeededIndexes: 'a' }, { succeededIndexes: '5' }, { succeededIndexes: '1-7' }, { succeededIndexes: '3-3' }, { succeededIndexes: '2,1' }, { succeededIndexes: '1-x' }),
  'cronjob/plain': cron(),
  'cronjob/all': cron({ timeZone: 'Europe/Berlin', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 20, suspend: true, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }),
  'cronjob/no schedule': cron({ schedule: '' }),
  'cronjob/schedule': cron({ schedule: '* * * *' }),
  'cronjob/schedule out of range': cron({ schedule: '61 * * * *' }),
  'cronjob/descriptor': cron({ schedule: '@hourly' }),
  'cronjob/every': cron({ schedule: '@every 90m' }),
  'cronjob/zone in the schedule': cron({ schedule: 'TZ=UTC * * * * *' }),
  'cronjob/zone in the schedule alone': cron({ schedule: 'TZ=0' }),
  'cronjob/zone': cron({ timeZone: 'Mars/Base' }),
  'cronjob/no zone': cron({ timeZone: '' }),
  'cronjob/local zone': cron({ timeZone: 'Local' }),
  'cronjob/local zone, small': cron({ timeZone: 'local' }),
  'cronjob/zone with dots': cron({ timeZone: '../etc' }),
  'cronjob/zone by offset': cron({ timeZone: '+05' }),
  'cronjob/policy': cron({ concurrencyPolicy: 'Maybe' }),
  'cronjob/negative': cron({ startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 }),
  'cronjob/long name': cron({}, 'x'.repeat(53)),
  'cronjob/dotted name': cron({}, 'a.b'),
  'cronjob/selector': cron({}, 'x', { selector: { matchLabels: { a: 'b' } }, manualSelector: true }),
  'cronjob/restart policy': cron({}, 'x', { template: template({ restartPolicy: 'Always' }) }),
  'cronjob/failure policy': cron({}, 'x', { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } }),
}

const condition = (type: string, status = 'True') => ({ type, status, lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'R', message: 'm' })
const start = '2026-01-01T00:00:00Z'

/** Of each: the object as it is made, then merge patches to it, and to its status. */
export const changed: Readonly<Record<string, { object: Json; patches: Readonly<Record<string, Json>>; status?: Readonly<Record<string, Json>> }>> = {
  // Left alone by the controller of the real server, so that its status is ours.
  job: {
    object: job({ parallelism: 2, completions: 4, managedBy: 'acme.io/queue' }, 'uj'),
    patches: {
      parallelism: { spec: { parallelism: 5 } },
      completions: { spec: { completions: 5 } },
      image: { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox:2' }] } } } },
      'node selector': { spec: { template: { spec: { nodeSelector: { a: 'b' } } } } },
      selector: { spec: { selector: { matchLabels: { a: 'b' } } } },
      mode: { spec: { completionMode: 'Indexed' } },
      managedBy: { spec: { managedBy: 'acme.io/other' } },
      'failure policy': { spec: { podFailurePolicy: { rules: [{ action: 'Count', onPodConditions: [{ type: 'A', status: 'True' }] }] }, podReplacementPolicy: 'Failed' } },
      limits: { spec: { backoffLimit: 3, activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 5, suspend: true } },
      labels: { metadata: { labels: { a: 'b' } } },
    },
    status: {
      counts: { status: { startTime: start, active: 2, ready: 1, failed: 1, succeeded: 1, terminating: 0, uncountedTerminatedPods: { failed: ['a'], succeeded: ['b'] } } },
      negative: { status: { active: -1, ready: -1, failed: -1, succeeded: -1, terminating: -1 } },
      'more ready than active': { status: { active: 1, ready: 2 } },
      'uid twice': { status: { uncountedTerminatedPods: { failed: ['a', ''], succeeded: ['a'] } } },
      'complete without criteria': { status: { startTime: start, completionTime: start, conditions: [condition('Complete')] } },
      complete: { status: { startTime: start, completionTime: start, conditions: [condition('SuccessCriteriaMet'), condition('Complete')] } },
      'complete without times': { status: { conditions: [condition('SuccessCriteriaMet'), condition('Complete')] } },
      'complete before the start': { status: { startTime: '2026-01-01T00:01:00Z', completionTime: start, conditions: [condition('SuccessCriteriaMet'), condition('Complete')] } },
      'complete and failed': { status: { startTime: start, completionTime: start, conditions: ['SuccessCriteriaMet', 'Complete', 'FailureTarget', 'Failed'].map((type) => condition(type)) } },
      'failed without target': { status: { startTime: start, conditions: [condition('Failed')] } },
      failed: { status: { startTime: start, conditions: [condition('FailureTarget'), condition('Failed')] } },
      'ended with Pods left': { status: { startTime: start, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] }, conditions: [condition('FailureTarget'), condition('Failed')] } },
      'end without completion': { status: { startTime: start, completionTime: start } },
      'indexes of no index': { status: { completedIndexes: '0', failedIndexes: '1' } },
    },
  },
  'indexed job': {
    object: { ...indexed({ parallelism: 5, backoffLimitPerIndex: 1, managedBy: 'acme.io/queue' }), metadata: { name: 'ui' } },
    patches: {
      'completions alone': { spec: { completions: 6 } },
      'in tandem': { spec: { completions: 6, parallelism: 6 } },
      'no completions': { spec: { completions: null } },
      'limit per index': { spec: { backoffLimitPerIndex: 2 } },
      'success policy': { spec: { successPolicy: { rules: [{ succeededCount: 1 }] } } },
    },
    status: {
      indexes: { status: { startTime: start, succeeded: 2, completedIndexes: '0,2', failedIndexes: '1' } },
      overlap: { status: { completedIndexes: '0-2', failedIndexes: '2,4' } },
      'beyond the end': { status: { completedIndexes: '0-5', failedIndexes: '7' } },
    },
  },
  'suspended job': {
    object: job({ suspend: true, managedBy: 'acme.io/queue' }, 'us'),
    patches: {
      scheduling: { spec: { template: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }], schedulingGates: [{ name: 'a/b' }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } } } } } } },
      resources: { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox:1', resources: { requests: { cpu: '1' } } }] } } } },
      image: { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox:2' }] } } } },
      'pod affinity': { spec: { template: { spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', labelSelector: {} }] } } } } } },
    },
  },
  cronjob: {
    object: cron({ suspend: true }, 'uc'),
    patches: {
      schedule: { spec: { schedule: '0 0 * * *', timeZone: 'Asia/Tokyo' } },
      'odd schedule': { spec: { schedule: 'often' } },
      template: { spec: { jobTemplate: { spec: { backoffLimit: 2, template: { spec: { containers: [{ name: 'c', image: 'busybox:2' }] } } } } } },
      zone: { spec: { timeZone: 'Nowhere' } },
    },
  },
}

/** Statuses whose rows were recorded. */
export const rows: readonly (readonly [kind: string, status: Json])[] = [
  ['job', {}],
  ['job', { startTime: start, active: 1 }],
  ['job', { startTime: start, succeeded: 4, completionTime: '2026-01-01T00:02:05Z', conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }],
  ['job', { startTime: start, failed: 4, conditions: [condition('FailureTarget'), condition('Failed')] }],
  ['job', { startTime: start, conditions: [condition('FailureTarget')] }],
  ['job', { conditions: [condition('Suspended')] }],
  ['indexed job', { startTime: start, conditions: [condition('SuccessCriteriaMet')] }],
  ['suspended job', {}],
  ['cronjob', {}],
  ['cronjob', { lastScheduleTime: start, active: [{ name: 'a' }, { name: 'b' }] }],
]
