/** StatefulSets that the real server was asked about; see cases.ts. */

type Json = Record<string, unknown>

const template = (spec: Json = {}): Json => ({ metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }], ...spec } })
const set = (spec: Json, name = 'x'): Json => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: { selector: { matchLabels: { app: 'a' } }, template: template(), ...spec },
})
const claim = (spec: Json, name = 'data'): Json => ({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
const mounted = template({ containers: [{ name: 'c', image: 'nginx:1.25', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] })

export const statefulSetCases: Readonly<Record<string, Json>> = {
  'statefulset/plain': set({ serviceName: 'web' }),
  'statefulset/status is dropped': { ...set({}), status: { replicas: 3, currentRevision: 'x' } },
  'statefulset/dotted name': set({}, 'a.b'),
  'statefulset/long name': set({}, 'a'.repeat(64)),
  'statefulset/claims': set({ template: mounted, volumeClaimTemplates: [claim({})] }),
  'statefulset/claim of a name used by a volume': set({ template: template({ volumes: [{ name: 'data', emptyDir: {} }] }), volumeClaimTemplates: [claim({})] }),
  'statefulset/claim with more': set({ template: mounted, volumeClaimTemplates: [{ ...claim({ storageClassName: 'fast', volumeMode: 'Block' }), apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Bound' } }] }),
  'statefulset/claims bad': set({
    volumeClaimTemplates: [claim({ accessModes: [] }), claim({ accessModes: ['Often', 'ReadWriteOncePod', 'ReadWriteOnce'] }, 'b'), claim({ resources: {} }, 'c'), claim({ resources: { requests: { storage: '0' } } }, 'd'), claim({ storageClassName: 'A B', volumeMode: 'Other' }, 'e'), claim({ selector: { matchLabels: { 'a b': 'c' } } }, 'f')],
  }),
  'statefulset/claims of data': set({
    volumeClaimTemplates: [claim({ dataSource: { kind: 'Pod', name: '' } }), claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'x' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'y' } }, 'b'), claim({ dataSourceRef: { apiGroup: 'A B', kind: 'X', name: 'y' } }, 'c')],
  }),
  'statefulset/claim name bad': set({ volumeClaimTemplates: [claim({}, 'A_b')] }),
  'statefulset/fractional claim warns': set({ volumeClaimTemplates: [claim({ resources: { requests: { storage: '1500m' }, limits: { storage: '2500m' } } })] }),
  'statefulset/negative': set({ replicas: -1, minReadySeconds: -1, ordinals: { start: -1 }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: -1 } } }),
  'statefulset/negative history warns': set({ revisionHistoryLimit: -1 }),
  'statefulset/parallel': set({ podManagementPolicy: 'Parallel', ordinals: { start: 3 }, minReadySeconds: 5 }),
  'statefulset/bad policy': set({ podManagementPolicy: 'Sometimes' }),
  'statefulset/on delete': set({ updateStrategy: { type: 'OnDelete' } }),
  'statefulset/on delete with rolling': set({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }),
  'statefulset/rolling without numbers': set({ updateStrategy: { type: 'RollingUpdate' } }),
  'statefulset/max unavailable is dropped': set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } }),
  'statefulset/bad strategy': set({ updateStrategy: { type: 'Sometimes' } }),
  'statefulset/retention': set({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }),
  'statefulset/bad retention': set({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Later', whenDeleted: 'x' } }),
  'statefulset/bad service name': set({ serviceName: 'A.b' }),
  'statefulset/no selector': set({ selector: undefined }),
  'statefulset/empty selector': set({ selector: {} }),
  'statefulset/bad selector': set({ selector: { matchLabels: { app: 'a b' } } }),
  'statefulset/bad expression': set({ selector: { matchExpressions: [{ key: 'app', operator: 'Perhaps' }] } }),
  'statefulset/other labels': set({ selector: { matchLabels: { app: 'b' } } }),
  'statefulset/restart policy': set({ template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 5 }) }),
  'statefulset/names of its own': set({ template: template({ hostname: 'A_B', subdomain: 'C_D' }) }),
  'statefulset/bad template': set({ template: template({ containers: [{ name: 'c' }] }) }),
}
