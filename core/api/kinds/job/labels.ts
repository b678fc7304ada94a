/** Labels, annotations and the finalizer of Jobs and their Pods (pkg/apis/batch/types.go, staging/src/k8s.io/api/batch/v1/types.go). */
export const jobNameLabel = 'batch.kubernetes.io/job-name'
export const controllerUidLabel = 'batch.kubernetes.io/controller-uid'
/** From before labels had prefixes; still set. */
export const legacyJobNameLabel = 'job-name'
export const legacyControllerUidLabel = 'controller-uid'

/** Annotation and label of a Pod: which of the Job's indexes it works on. */
export const completionIndex = 'batch.kubernetes.io/job-completion-index'
/** Annotations of a Pod: how many Pods of its index failed before it, and how many failures were to be ignored. */
export const indexFailureCount = 'batch.kubernetes.io/job-index-failure-count'
export const indexIgnoredFailureCount = 'batch.kubernetes.io/job-index-ignored-failure-count'
/** Keeps a Pod until the Job has counted how it ended. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
/** Value of spec.managedBy that means the same as none. */
export const jobControllerName = 'kubernetes.io/job-controller'
/** Annotation of a Job: for which time of the schedule its CronJob made it. */
export const scheduledTimestamp = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
