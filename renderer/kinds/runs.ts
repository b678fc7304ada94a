/** Kinds that run Pods, in the order people look for them; whoever shows logs, shells, traffic or counts of Pods asks here. */
const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'ReplicationController', 'ReplicaSet'] as const
export const workloadNames: readonly string[] = workloads
const set: ReadonlySet<string> = new Set(workloads)

/** Makes Pods from a template. */
export const isWorkload = (kind: string): boolean => set.has(kind)
/** Has Pods whose lines can be read: workloads, Pods themselves, Services. */
export const hasLogs = (kind: string): boolean => isWorkload(kind) || kind === 'Pod' || kind === 'Service'
/** Has one Pod to enter, or the first of several alike. */
export const hasShell = (kind: string): boolean => kind === 'Pod' || (isWorkload(kind) && kind !== 'CronJob')
